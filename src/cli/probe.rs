//! `yuqing probe`: fetch one source or address once (or read a saved file), print what was read and
//! matched, send nothing.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use super::{Common, WrongInput};
use crate::{
    collect::{
        adapter::{self, Page, Reading, Verdict},
        address,
        fetch::{Fetcher, Request},
        requests,
    },
    config::{
        self, Fault, FetchSettings, Folder, Office,
        preset::{Preset, Presets},
        source::{Source, SourceKind},
    },
    keyword::{self, Matcher},
    locale::Locale,
    model::{Count, Counters, Hit, Post},
    time::{Clock, System},
};

/// Most pages that one probe fetches.
const MOST_PAGES: usize = 3;

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
    print(common.json, &found, &matcher)
}

/// What was read, by which preset, and what else went wrong.
struct Found {
    preset: Option<Arc<Preset>>,
    readings: Vec<Reading>,
    problems: Vec<String>,
}

fn saved(file: &Path, args: &Args, presets: &Presets, chosen: Option<Arc<Preset>>) -> anyhow::Result<Found> {
    let body = std::fs::read(file).with_context(|| format!("读不了 {}", file.display()))?;
    let url = args.url.as_deref().unwrap_or("https://file.invalid/");
    let page = Page { url, content_type: args.content_type.as_deref(), body: &body, asked: None };
    Ok(read(presets, chosen, &page))
}

fn read(presets: &Presets, chosen: Option<Arc<Preset>>, page: &Page<'_>) -> Found {
    let now = System.now();
    let read = match chosen {
        Some(preset) => {
            let reading = adapter::read(&preset, page, now);
            Some((preset, reading))
        }
        None => adapter::guess(presets, page, now),
    };
    match read {
        Some((preset, reading)) => {
            Found { preset: Some(preset), readings: vec![reading], problems: Vec::new() }
        }
        None => Found { preset: None, readings: Vec::new(), problems: vec!["没有合适的预设".into()] },
    }
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
    let addresses: Vec<String> =
        urls.iter().flat_map(|url| address::expand(url, &terms, &preset.keyword_encoding, 1)).collect();
    let settings = office(common)?.map_or_else(FetchSettings::default, |office| office.settings.fetch);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut found = Found { preset: chosen.clone(), readings: Vec::new(), problems: Vec::new() };
    for address in addresses.into_iter().take(MOST_PAGES) {
        let one = runtime.block_on(fetched(&source, &settings, &address));
        match one {
            Ok(answer) => {
                let content_type = answer.content_type.as_deref();
                let page = Page { url: &answer.url, content_type, body: &answer.body, asked: None };
                let one = read(presets, chosen.clone(), &page);
                found.preset = one.preset;
                found.readings.extend(one.readings);
                found.problems.extend(one.problems);
            }
            Err(problem) => found.problems.push(problem),
        }
    }
    Ok(found)
}

async fn fetched(
    source: &Source,
    settings: &FetchSettings,
    address: &str,
) -> Result<crate::collect::fetch::Fetched, String> {
    let fetcher =
        Fetcher::new(settings.clone(), Arc::new(System)).map_err(|error| error.human(Locale::ZhCn))?;
    let request: Request =
        requests::of(source, settings, address).map_err(|error| error.human(Locale::ZhCn))?;
    fetcher.fetch(&request).await.map_err(|error| format!("{} [{error}]", error.human(Locale::ZhCn)))
}

fn named(common: &Common, name: &str) -> anyhow::Result<Source> {
    let office = office(common)?.ok_or_else(|| {
        WrongInput(format!("“{name}”不是网址；要按名称找来源，请用 --office 指明单位的文件夹"))
    })?;
    let known: Vec<String> = office.sources.iter().map(|source| source.name.clone()).collect();
    let source = office.sources.into_iter().find(|source| source.name == name);
    Ok(source.ok_or_else(|| WrongInput(format!("没有名为“{name}”的来源。现有: {}", known.join("、"))))?)
}

/// The matcher of `--list`, else of the office's keyword files; of nothing when there is no office.
fn matcher(common: &Common, list: Option<&Path>) -> anyhow::Result<Matcher> {
    let Some(file) = list else {
        return Ok(match office(common)? {
            Some(office) => Matcher::new(office.lists),
            None => Matcher::default(),
        });
    };
    let bytes = std::fs::read(file).with_context(|| format!("读不了 {}", file.display()))?;
    let unit = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let list = keyword::parse(&unit, &file.to_string_lossy(), &bytes).map_err(|faults| {
        let lines: Vec<String> = faults
            .iter()
            .map(|fault| {
                format!("第 {} 行: {}\n  {}\n  改法: {}", fault.line, fault.message, fault.text, fault.hint)
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

/// One post as `--json` prints it. Unknown is `null`; a bound is `"100000+"`.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    title: &'a str,
    text: &'a str,
    url: Option<&'a str>,
    published_at: Option<String>,
    views: Shown,
    reposts: Shown,
    comments: Shown,
    likes: Shown,
    repost_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hits: Vec<Hit>,
}

#[derive(Serialize)]
struct Last<'a> {
    problems: &'a [String],
    posts: usize,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Shown {
    Unknown,
    Number(u64),
    Bound(String),
}

impl From<Option<Count>> for Shown {
    fn from(count: Option<Count>) -> Self {
        match count {
            None => Self::Unknown,
            Some(count) if count.is_bound() => Self::Bound(format!("{}+", count.value)),
            Some(count) => Self::Number(count.value),
        }
    }
}

fn line<'a>(post: &'a Post, counters: &Counters, matcher: &Matcher) -> Line<'a> {
    let original = post.repost_of.as_ref();
    Line {
        id: &post.key.id,
        title: &post.title,
        text: &post.text,
        url: (!post.url.is_empty()).then_some(post.url.as_str()),
        published_at: post.published.map(|published| beijing(published.at)),
        views: counters.views.into(),
        reposts: counters.reposts.into(),
        comments: counters.comments.into(),
        likes: counters.likes.into(),
        repost_of: original.and_then(|o| o.key.as_ref().map(|key| key.id.as_str()).or(o.url.as_deref())),
        hits: matcher.hits(&post.own_text(), &post.quoted),
    }
}

fn beijing(at: Timestamp) -> String {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn print(json: bool, found: &Found, matcher: &Matcher) -> anyhow::Result<ExitCode> {
    let mut problems = found.problems.clone();
    for reading in &found.readings {
        if let Verdict::Blocked { reason, words } = &reading.verdict {
            problems.push(adapter::blocked_words(*reason, words, Locale::ZhCn));
        }
        problems.extend(reading.faults.iter().map(|fault| fault.human(Locale::ZhCn)));
    }
    let posts: Vec<_> = found.readings.iter().flat_map(|reading| &reading.posts).collect();
    let mut out = String::new();
    if json {
        for (post, counters) in &posts {
            out.push_str(&serde_json::to_string(&line(post, counters, matcher))?);
            out.push('\n');
        }
        out.push_str(&serde_json::to_string(&Last { problems: &problems, posts: posts.len() })?);
        out.push('\n');
    } else {
        describe(found, &posts, &problems, matcher, &mut out);
    }
    match std::io::stdout().write_all(out.as_bytes()) {
        // Whoever read us has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    let good = |reading: &Reading| matches!(reading.verdict, Verdict::Data | Verdict::Empty);
    let all_good = found.problems.is_empty() && !found.readings.is_empty() && found.readings.iter().all(good);
    Ok(ExitCode::from(u8::from(!all_good)))
}

fn describe(
    found: &Found,
    posts: &[&(Post, Counters)],
    problems: &[String],
    matcher: &Matcher,
    out: &mut String,
) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    if let Some(preset) = &found.preset {
        let encodings: Vec<_> = found.readings.iter().map(|reading| reading.encoding).collect();
        let _ = writeln!(out, "预设 {}（{}），编码 {}", preset.name, preset.title, encodings.join("、"));
    }
    for (nth, (post, counters)) in posts.iter().enumerate() {
        let title =
            if post.title.is_empty() { post.text.chars().take(60).collect() } else { post.title.clone() };
        let when = post.published.map_or_else(|| "时间未知".into(), |published| beijing(published.at));
        let _ = writeln!(out, "{:>3}. {title}", nth + 1);
        let _ = writeln!(
            out,
            "     {when}  浏览 {}  转发 {}  评论 {}  点赞 {}  {}",
            shown(counters.views),
            shown(counters.reposts),
            shown(counters.comments),
            shown(counters.likes),
            post.url
        );
        for hit in matcher.hits(&post.own_text(), &post.quoted) {
            let _ =
                writeln!(out, "     命中 {}（{}，第 {} 行）: {}", hit.rule, hit.group, hit.line, hit.surface);
        }
    }
    let _ = writeln!(out, "共 {} 条。", posts.len());
    for problem in problems {
        let _ = writeln!(out, "注意: {problem}");
    }
}

fn shown(count: Option<Count>) -> String {
    match Shown::from(count) {
        Shown::Unknown => "未知".into(),
        Shown::Number(number) => number.to_string(),
        Shown::Bound(bound) => bound,
    }
}
