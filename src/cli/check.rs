//! `yuqing check`: reads every file of the office, tries the configured channels, and says file, line,
//! column, the line itself and the mend. Sends nothing.

mod doors;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use jiff::Timestamp;
use serde_json::json;

use super::Common;
use crate::{
    config::{
        self, Fault, Folder, Office, TopicWatch, Warning, duration,
        fitness::{self, DetectionDelay},
        preset::Preset,
        source::{Source, SourceKind},
    },
    keyword::TopicState,
    locale::Locale,
    report::paper::texts::{Broken, Texts},
    time::{Clock as _, System},
};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 all is well, 2 something is wrong.\n\
    --json prints one object a fault {file,line,column,message,hint,severity}, of a table's \
    cell with {place} as well, and a last one with \"summary\":true.")]
pub struct Args {
    /// Do not connect to the channels (mail server, gateways, robots, other programs).
    #[arg(long)]
    offline: bool,
}

/// Runs it.
///
/// # Errors
/// Only when the result cannot be printed.
#[expect(clippy::needless_pass_by_value, reason = "every command has this shape")]
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    let now = System.now();
    let (office, faults, warnings) = match config::load(&folder) {
        Ok((office, mut warnings)) => {
            warnings.extend(fitness::overtaken(&office, now));
            warnings.extend(of_papers(&office));
            let mut faults = fitness::demands(&office);
            if !args.offline {
                faults.extend(doors::try_all(&office)?);
            }
            (Some(office), faults, warnings)
        }
        Err(faults) => (None, faults, Vec::new()),
    };
    let report =
        Report { folder: &folder, office: office.as_ref(), faults: &faults, warnings: &warnings, now };
    let mut out = io::stdout().lock();
    if common.json {
        report.print_json(&mut out)?;
    } else {
        report.print(&mut out)?;
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Own texts of papers that are wrong: warnings, for the shipped ones stand in.
fn of_papers(office: &Office) -> Vec<Warning> {
    let (_, broken) = Texts::of(&office.papers);
    let warning = |one: &Broken| {
        let (file, text) = (format!("papers/{}.txt", one.name), office.papers.get(&one.name));
        let text = text.map(String::as_str).unwrap_or_default();
        let (message, hint) =
            (one.words(Locale::ZhCn), "yuqing paper 名称 --template 打印随包的文字，可以对照");
        Warning(Fault::on_line(&office.folder.path(&file), text, one.line, message, Some(hint.to_owned())))
    };
    broken.iter().map(warning).collect()
}

struct Report<'a> {
    folder: &'a Folder,
    office: Option<&'a Office>,
    faults: &'a [Fault],
    warnings: &'a [Warning],
    now: Timestamp,
}

impl Report<'_> {
    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        for fault in self.faults {
            writeln!(out, "{fault}\n")?;
        }
        for warning in self.warnings {
            writeln!(out, "{warning}\n")?;
        }
        if !self.faults.is_empty() {
            return writeln!(out, "{} 处要改。改好后再运行 yuqing check", self.faults.len());
        }
        let Some(office) = self.office else { return Ok(()) };
        match self.folder.disk() {
            Some(path) => writeln!(out, "{}: {}", path.display(), contents(office))?,
            None => writeln!(
                out,
                "没有本单位的文件夹，用的是随包的示范配置（{}）。建立: yuqing init --unit 名称",
                contents(office)
            )?,
        }
        for watch in &office.topics {
            writeln!(out, "  {}", self.topic_line(office, watch))?;
        }
        for delay in fitness::detection_delays(office) {
            writeln!(out, "  {}", delay_line(&delay))?;
        }
        for (source, preset) in proofs(office).filter(|(_, preset)| !preset.proof.is_supported()) {
            let proof = preset.proof.human(Locale::ZhCn);
            writeln!(out, "  {}: 预设 {} {proof}；先用 yuqing probe 看一次", source.name, preset.name)?;
        }
        if office.sources.iter().all(|source| !source.enabled) {
            writeln!(out, "提醒: 还没有信源，什么也监测不到。打开 sources.d/sources.toml，去掉一段前面的 #")?;
        }
        let watches = |source: &Source| matches!(source.kind, SourceKind::Watch { .. });
        if office.sources.iter().any(|source| source.enabled) && !office.sources.iter().any(watches) {
            writeln!(
                out,
                "建议: 加一段 [[watch]]，看住本单位自己的网页有没有被篡改（写法见 sources.d/sources.toml）"
            )?;
        }
        if office.exercises_only() {
            writeln!(out, "练习模式：尚未向任何人发送")
        } else {
            writeln!(out, "没有发现问题")
        }
    }

    /// Where a topic watch stands, and until when.
    fn topic_line(&self, office: &Office, watch: &TopicWatch) -> String {
        let zone = &office.settings.time_zone;
        let shown = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let topic = &watch.topic;
        let (from, until) = (topic.from.map(shown), topic.until.map(shown));
        let stands = match (topic.state(self.now), from, until) {
            (TopicState::Waiting, Some(from), _) => format!("未开始，{from} 起监测"),
            (TopicState::Ended, _, Some(until)) => format!("已结束（{until}）"),
            (_, _, Some(until)) => format!("正在监测，到 {until} 为止"),
            (_, _, None) => "正在监测，没有写结束".to_owned(),
        };
        format!("{}（{}）: {stands}", topic.label(), watch.unit)
    }

    fn print_json(&self, out: &mut impl Write) -> io::Result<()> {
        let faults = self.faults.iter().map(|fault| (fault, "error"));
        for (fault, severity) in faults.chain(self.warnings.iter().map(|warning| (&warning.0, "warning"))) {
            let mut line = json!({
                "file": fault.file, "line": fault.line, "column": fault.column, "message": fault.message,
                "hint": fault.hint, "severity": severity,
            });
            if let (Some(cell), Some(line)) = (&fault.cell, line.as_object_mut()) {
                line.insert("place".to_owned(), cell.to_string().into());
            }
            writeln!(out, "{line}")?;
        }
        let delays: Vec<_> = self.office.map(fitness::detection_delays).unwrap_or_default();
        let delays: Vec<_> = delays
            .iter()
            .map(|delay| json!({ "source": delay.source, "worst_secs": delay.worst.map(|worst| worst.as_secs()) }))
            .collect();
        let proofs: Vec<_> = self.office.into_iter().flat_map(proofs).collect();
        let proofs: Vec<_> = proofs
            .iter()
            .map(|(source, preset)| json!({ "source": source.name, "preset": preset.name, "proof": preset.proof.id() }))
            .collect();
        let topics: Vec<_> = self.office.iter().flat_map(|office| &office.topics).collect();
        let topics: Vec<_> = topics
            .iter()
            .map(|watch| {
                let topic = &watch.topic;
                let state = topic.state(self.now).id();
                json!({ "name": topic.name, "unit": watch.unit, "state": state, "from": topic.from, "until": topic.until })
            })
            .collect();
        let exercise = self.office.is_some_and(Office::exercises_only);
        let message = match (self.faults.len(), exercise) {
            (0, true) => "练习模式：尚未向任何人发送".to_owned(),
            (0, false) => "没有发现问题".to_owned(),
            (count, _) => format!("{count} 处要改"),
        };
        let summary = json!({
            "summary": true, "ok": self.faults.is_empty(), "errors": self.faults.len(),
            "warnings": self.warnings.len(), "exercise": exercise, "detection_delays": delays, "proofs": proofs, "topics": topics, "message": message,
        });
        writeln!(out, "{summary}")
    }
}

/// The sources that run by a preset, with it.
fn proofs(office: &Office) -> impl Iterator<Item = (&Source, &Preset)> {
    let running = office.sources.iter().filter(|source| source.enabled);
    running.filter_map(|source| Some((source, source.preset()?.as_ref())))
}

fn contents(office: &Office) -> String {
    let groups: usize = office.lists.iter().map(|list| list.groups.len()).sum();
    format!(
        "{} 个单位，{} 个预案，{} 个联系人，{groups} 组关键词，{} 个信源",
        office.units.len(),
        office.plans.len(),
        office.contacts.everybody().len(),
        office.sources.iter().filter(|source| source.enabled).count()
    )
}

fn delay_line(delay: &DetectionDelay) -> String {
    match delay.worst {
        Some(worst) => format!("{}: 最坏 {} 发现", delay.source, duration::written(worst)),
        None => format!("{}: 没有写 expected_every，不知道最坏多久发现", delay.source),
    }
}
