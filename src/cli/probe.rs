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
        adapter::{
            self, Page, Reading,
            explain::{Explanation, explain},
        },
        address,
        fetch::{Fetched, Fetcher},
        requests,
    },
    config::{
        self, Fault, FetchSettings, Folder, Office,
        preset::{Preset, Presets},
        source::{Source, SourceKind},
    },
    keyword::{self, Matcher},
    locale::Locale,
    time::{Clock, System},
};

/// Most addresses of a source that one probe begins with.
const MOST_ADDRESSES: usize = 3;

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

/// What was read, by which preset, and what else went wrong.
struct Found {
    preset: Option<Arc<Preset>>,
    readings: Vec<Reading>,
    /// How each answer was read, in the order of the readings.
    explanations: Vec<Explanation>,
    problems: Vec<String>,
}

impl Found {
    const fn by(preset: Option<Arc<Preset>>) -> Self {
        Self { preset, readings: Vec::new(), explanations: Vec::new(), problems: Vec::new() }
    }

    /// Reads one answer; the address of the page after it.
    fn read(&mut self, presets: &Presets, page: &Page<'_>) -> Option<String> {
        let now = System.now();
        let read = match self.preset.clone() {
            Some(preset) => {
                let reading = adapter::read(&preset, page, now);
                Some((preset, reading))
            }
            None => adapter::guess(presets, page, now),
        };
        let Some((preset, reading)) = read else {
            self.problems.push("没有合适的预设".into());
            return None;
        };
        let next = reading.next.clone();
        self.explanations.push(explain(&preset, page));
        self.readings.push(reading);
        // Further pages are read as the first one was.
        self.preset = Some(preset);
        next
    }
}

fn saved(file: &Path, args: &Args, presets: &Presets, chosen: Option<Arc<Preset>>) -> anyhow::Result<Found> {
    let body = std::fs::read(file).with_context(|| format!("读不了 {}", file.display()))?;
    let url = args.url.as_deref().unwrap_or("https://file.invalid/");
    let page = Page { url, content_type: args.content_type.as_deref(), body: &body, asked: None };
    let mut found = Found::by(chosen);
    found.read(presets, &page);
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
    if matches!(source.kind, SourceKind::Watch { .. }) {
        let words = format!("来源“{target}”是本单位的网页，不读帖子；用 yuqing watch 看它们最近的样子");
        return Err(WrongInput(words).into());
    }
    let SourceKind::Fetched { urls, preset, .. } = &source.kind else {
        return Err(WrongInput(format!("来源“{target}”由别的程序送来，不能试取")).into());
    };
    let terms: Vec<String> = matcher.search_terms().into_iter().map(|term| term.word).take(1).collect();
    if source.searches() && terms.is_empty() {
        return Err(WrongInput(
            "这个来源按关键词检索，但关键词表里没有“检索: 是”的词；可用 --list 指定".into(),
        )
        .into());
    }
    let settings = office(common)?.map_or_else(FetchSettings::default, |office| office.settings.fetch);
    let fetcher = Fetcher::new(settings.clone(), Arc::new(System))
        .map_err(|error| WrongInput(error.human(Locale::ZhCn)))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut found = Found::by(chosen);
    for template in urls.iter().take(MOST_ADDRESSES) {
        let series = Series {
            source: &source,
            settings: &settings,
            fetcher: &fetcher,
            template,
            term: terms.first().map(String::as_str),
            encoding: &preset.keyword_encoding,
            pages: args.pages,
        };
        runtime.block_on(series.follow(presets, &mut found));
    }
    Ok(found)
}

/// One address and the pages after it.
struct Series<'a> {
    source: &'a Source,
    settings: &'a FetchSettings,
    fetcher: &'a Fetcher,
    template: &'a str,
    term: Option<&'a str>,
    encoding: &'a str,
    pages: u32,
}

impl Series<'_> {
    /// Reads page after page, as a round does: by the list's own link to the next, else by `{page}`.
    async fn follow(&self, presets: &Presets, found: &mut Found) {
        let mut url = address::of_page(self.template, self.term, self.encoding, 1);
        for page in 1..=self.pages {
            let answer = match self.fetched(&url).await {
                Ok(answer) => answer,
                Err(problem) => return found.problems.push(problem),
            };
            let content_type = answer.content_type.as_deref();
            let whole = Page { url: &answer.url, content_type, body: &answer.body, asked: None };
            let next = found.read(presets, &whole);
            url = match next.filter(|next| *next != url) {
                Some(next) => next,
                None if self.template.contains("{page}") => {
                    address::of_page(self.template, self.term, self.encoding, page + 1)
                }
                None => return,
            };
        }
    }

    async fn fetched(&self, address: &str) -> Result<Fetched, String> {
        let request =
            requests::of(self.source, self.settings, address).map_err(|error| error.human(Locale::ZhCn))?;
        let answer = self.fetcher.fetch(&request).await;
        answer.map_err(|error| format!("{} [{error}]", error.human(Locale::ZhCn)))
    }
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
