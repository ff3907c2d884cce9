//! `yuqing probe`: fetch one source or address once (or read a saved file), print each step of the reading,
//! what was read and what matched, send nothing.

mod show;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;

use super::{Common, WrongInput};
use crate::{
    collect::{
        adapter::Page,
        fetch::Fetcher,
        probe::{Found, Trial, Unfit},
    },
    config::{
        self, Fault, FetchSettings, Folder, Office,
        preset::{Preset, Presets},
        source::Source,
    },
    keyword::{self, Matcher},
    locale::Locale,
    time::{Clock, System},
};

/// Arguments of `probe`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of a source of the office, or an address.
    pub target: Option<String>,
    /// Read this saved answer instead of fetching.
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    pub file: Option<PathBuf>,
    /// Where the saved answer came from: relative links and the site are taken from it.
    #[arg(long, value_name = "BASE", requires = "file")]
    pub url: Option<String>,
    /// `Content-Type` of the saved answer.
    #[arg(long, value_name = "CT", requires = "file")]
    pub content_type: Option<String>,
    /// Read by this preset; without it the one that fits best is taken.
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Follow the list over so many pages (1 to 20), at the pace of the host.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "file",
          value_parser = clap::value_parser!(u32).range(1..=20))]
    pub pages: u32,
    /// With `--json`: a line for each step of the reading, before the last line.
    #[arg(long)]
    pub steps: bool,
    /// Try this keyword file instead of the office's.
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// Let private and loopback addresses be fetched (an intranet site).
    #[arg(long)]
    pub allow_private: bool,
}

/// Runs it. Exit code 0 when the answer was data (or an empty list that says so), 1 otherwise.
///
/// # Errors
/// What a person can mend, with context.
#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments over")]
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let presets = Presets::load(Folder::find(common.office.as_deref()).config_dir().as_deref())
        .map_err(|faults| wrong(&faults))?;
    let chosen = match &args.preset {
        Some(name) => Some(presets.get(name).ok_or_else(|| {
            let known: Vec<_> = presets.iter().map(|preset| preset.name.as_str()).collect();
            WrongInput(format!("没有预设 {name}。现有: {}", known.join("、")))
        })?),
        None => None,
    };
    let matcher = matcher(common, args.list.as_deref())?;
    let found = match (&args.file, &args.target) {
        (Some(file), _) => saved(file, &args, &presets, chosen)?,
        (None, Some(target)) => live(common, target, &args, &presets, chosen, &matcher)?,
        (None, None) => {
            return Err(WrongInput("要看什么？写来源的名称、一个网址，或 --file 文件".into()).into());
        }
    };
    show::print(common.json, args.steps, &found, &matcher)
}

fn saved(file: &Path, args: &Args, presets: &Presets, chosen: Option<Arc<Preset>>) -> anyhow::Result<Found> {
    let body = std::fs::read(file).with_context(|| format!("读不了 {}", file.display()))?;
    let url = args.url.as_deref().unwrap_or("https://file.invalid/");
    let page = Page { url, content_type: args.content_type.as_deref(), body: &body, asked: None };
    let mut found = Found::by(chosen);
    found.read(presets, &page, System.now(), Locale::ZhCn);
    Ok(found)
}

fn live(
    common: &Common,
    target: &str,
    args: &Args,
    presets: &Presets,
    chosen: Option<Arc<Preset>>,
    matcher: &Matcher,
) -> anyhow::Result<Found> {
    let is_address = target.starts_with("http://") || target.starts_with("https://");
    let (source, chosen) = if is_address {
        let any =
            chosen.clone().or_else(|| presets.get("rss")).ok_or_else(|| WrongInput("没有预设".into()))?;
        let mut source = Source::of_url(target, any, target);
        source.allow_private = args.allow_private;
        (source, chosen)
    } else {
        let source = named(common, target)?;
        let preset = source.preset().cloned();
        (source, chosen.or(preset))
    };
    let terms: Vec<String> = matcher.search_terms().into_iter().map(|term| term.word).take(1).collect();
    let settings = office(common)?.map_or_else(FetchSettings::default, |office| office.settings.fetch);
    let fetcher =
        Fetcher::new(settings, Arc::new(System)).map_err(|error| WrongInput(error.human(Locale::ZhCn)))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let trial = Trial {
        source: &source,
        fetcher: &fetcher,
        presets,
        term: terms.first().map(String::as_str),
        pages: args.pages,
        clock: Arc::new(System),
        locale: Locale::ZhCn,
    };
    runtime.block_on(trial.run(Found::by(chosen))).map_err(|unfit| {
        let words = unfit.human(target, Locale::ZhCn);
        let by_list = if unfit == Unfit::NothingToSearch { "；可用 --list 指定" } else { "" };
        WrongInput(format!("{words}{by_list}")).into()
    })
}

fn named(common: &Common, name: &str) -> anyhow::Result<Source> {
    let office = office(common)?.ok_or_else(|| {
        WrongInput(format!("“{name}”不是网址；要按名称找来源，请用 --office 指明单位的文件夹"))
    })?;
    let known: Vec<String> = office.sources.iter().map(|source| source.name.clone()).collect();
    let source = office.sources.iter().find(|source| source.name == name).cloned();
    Ok(source.ok_or_else(|| WrongInput(format!("没有名为“{name}”的来源。现有: {}", known.join("、"))))?)
}

/// The matcher of `--list`, else of the office's keyword files; of nothing when there is no office.
fn matcher(common: &Common, list: Option<&Path>) -> anyhow::Result<Matcher> {
    let Some(file) = list else {
        return Ok(match office(common)? {
            Some(office) => Matcher::new(office.lists_at(System.now())),
            None => Matcher::default(),
        });
    };
    let bytes = std::fs::read(file).with_context(|| format!("读不了 {}", file.display()))?;
    let unit = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let list = keyword::parse(&unit, &file.to_string_lossy(), &bytes).map_err(|faults| {
        let lines: Vec<String> = faults
            .iter()
            .map(|fault| {
                format!("{}: {}\n  {}\n  改法: {}", fault.place(), fault.message, fault.text, fault.hint)
            })
            .collect();
        WrongInput(format!("{}:\n{}", file.display(), lines.join("\n")))
    })?;
    Ok(Matcher::new(vec![Arc::new(list)]))
}

/// The office's files; `None` when there is no office on disk.
fn office(common: &Common) -> anyhow::Result<Option<Office>> {
    let folder = Folder::find(common.office.as_deref());
    if folder.disk().is_none() {
        return Ok(None);
    }
    let (office, _) = config::load(&folder).map_err(|faults| wrong(&faults))?;
    Ok(Some(office))
}

fn wrong(faults: &[Fault]) -> WrongInput {
    WrongInput(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))
}
