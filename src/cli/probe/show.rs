//! Prints what `probe` found: for a person, or as JSON Lines.

use std::{io::Write, process::ExitCode};

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use crate::{
    collect::{adapter::explain::Explanation, probe::Found},
    keyword::Matcher,
    locale::Locale,
    model::{Count, Counters, Hit, Post},
};

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

/// The last line.
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

/// Prints all of it; exit code 0 when every answer was data or an empty list that says so.
pub(super) fn print(
    json: bool,
    with_steps: bool,
    found: &Found,
    matcher: &Matcher,
) -> anyhow::Result<ExitCode> {
    let problems = found.all_problems(Locale::ZhCn);
    let posts: Vec<_> = found.posts().collect();
    let mut out = String::new();
    if json {
        for (post, counters) in &posts {
            out.push_str(&serde_json::to_string(&line(post, counters, matcher))?);
            out.push('\n');
        }
        for step in found.explanations.iter().filter(|_| with_steps).flat_map(|one| &one.steps) {
            out.push_str(&serde_json::to_string(step)?);
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
    Ok(ExitCode::from(u8::from(!found.is_good())))
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
        let _ = writeln!(
            out,
            "预设 {}（{}；{}），编码 {}",
            preset.name,
            preset.title,
            preset.proof.human(Locale::ZhCn),
            encodings.join("、")
        );
    }
    for (nth, explanation) in found.explanations.iter().enumerate() {
        if found.explanations.len() > 1 {
            let _ = writeln!(out, "第 {} 页", nth + 1);
        }
        describe_steps(explanation, out);
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

/// Each step of the reading in a line; the ways under it when it failed or had more than one.
fn describe_steps(explanation: &Explanation, out: &mut String) {
    use std::fmt::Write as _;
    for step in &explanation.steps {
        // A list may well have no next page.
        let mark = if !step.failed() {
            "✓"
        } else if step.step == "next" {
            "-"
        } else {
            "✗"
        };
        let count = match step.step {
            "item" => format!("{} 个", step.gave),
            "next" if step.failed() => "没有".to_owned(),
            "next" => "有".to_owned(),
            _ => format!("{}/{} 条有值", step.gave, step.of),
        };
        let example = step.example.as_ref().map(|text| format!("，例: {text}")).unwrap_or_default();
        let _ = writeln!(out, "{mark} {}（{}）: {count}{example}", step.title(Locale::ZhCn), step.step);
        for (nth, way) in step.ways.iter().enumerate() {
            if step.ways.len() == 1 && way.trouble.is_none() {
                let _ = writeln!(out, "     {}", way.way);
                continue;
            }
            let _ = write!(
                out,
                "     {}. {}  匹配 {}，有值 {}，采用 {}",
                nth + 1,
                way.way,
                way.found,
                way.gave,
                way.won
            );
            // A way that another way stands in for is no trouble.
            if let Some(trouble) = way.trouble.as_ref().filter(|_| mark == "✗") {
                let _ = write!(out, "\n        {}", trouble.human(Locale::ZhCn));
            }
            out.push('\n');
        }
    }
    if explanation.passed_over > 0 {
        let _ = writeln!(out, "- 略过 {} 个缺少必需字段的元素（不是帖子）", explanation.passed_over);
    }
}
