//! `yuqing statements group`: the posts of a replay file by statement.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use jiff::SignedDuration;

use super::{super::wrong_line, Common, Masking, WrongInput, explain::role, name_of, posts_of};
use crate::{
    app::{
        replay::LineError,
        statements::{Input, Options, Part, Placed, group},
    },
    config::{Folder, duration, plan_named},
    keyword::Matcher,
    locale::Locale,
};

/// Wrong lines that are told one by one.
const TOLD: usize = 20;

/// Arguments of `statements group`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The file is that of `yuqing replay`: a line is\n  \
{\"site\",\"id\",\"url\",\"title\",\"text\",\"quoted\",\"repost_of\",\"seen_at\",\"published_at\",…}\n\
`site` and `id` (or an http `url`) tell posts apart, everything else may be missing. Lines may \
come in any order; posts are taken by `seen_at`, else `published_at`, else as they stand. Every post is taken, whether \
or not it meets a keyword. Lines with an `event` are left aside: what the machine decides is asked for.\n\
With --json one line a post, after all input is read, in the order in which the file shows them first:\n  \
{\"site\",\"id\",\"statement\",\"role\",\"why\"}\n\
statement: a number; posts with the same one are one statement, after all merges.\n\
role: root      the one that the others are compared with, or that they repost\n      \
copy      says the same independently: a like text, or the same link\n      \
repost    reposts or quotes a member\n      \
reaction  denies what it quotes; shown with the statement, adds no heat\n      \
alone     the only one of its statement\n\
why: the evidence in words, such as \"转发 weibo.com/1\" or \"与 weibo.com/1 相似 0.83，共有 12 个锚点\".\n\
A wrong line is told on standard error with its number, and the rest is grouped.\n\
Exit codes: 0 done, 1 done without some lines, 2 wrong arguments or file, or with --strict a wrong line.")]
pub(super) struct Group {
    /// Posts, JSON Lines; `-` reads standard input.
    file: PathBuf,
    #[command(flatten)]
    masking: Masking,
    /// Take posts at their own times, and leave a statement that was silent for so long, as the daemon does with the
    /// plan's statement_window: 30d, 720h; what no digest has carried stays 8 days at least. Otherwise time does not
    /// part posts.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    window: Option<SignedDuration>,
    /// Stop when a line is not understood.
    #[arg(long)]
    strict: bool,
}

fn span(text: &str) -> Result<SignedDuration, String> {
    duration::parse(text).map_err(|error| error.to_string())
}

/// Runs it.
pub(super) fn run(common: &Common, args: &Group) -> anyhow::Result<ExitCode> {
    let file = name_of(&args.file);
    let masked = args.masking.read(common, &file)?;
    let input = posts_of(&args.file, masked.locale)?;
    let complete = complain(&args.file, &input, args.strict, masked.locale)?;
    let plan = plan_named(&Folder::Shipped, "work-safety").map_err(|faults| super::wrong(&faults))?;
    let options = Options { unit: masked.unit, plan, window: args.window, locale: masked.locale };
    let placed = group(input, &Matcher::new(masked.lists), &options);
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    if common.json {
        for post in placed.iter().filter(|post| post.line.is_some()) {
            serde_json::to_writer(&mut out, post)?;
            out.write_all(b"\n")?;
        }
    } else {
        in_words(&placed, options.locale, &mut out)?;
    }
    out.flush()?;
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Tells what was not understood; whether every line was taken.
fn complain(file: &Path, input: &Input, strict: bool, locale: Locale) -> anyhow::Result<bool> {
    let told = |errors: &[LineError]| -> Vec<String> {
        errors.iter().take(TOLD).map(|error| wrong_line(file, error, locale)).collect()
    };
    let mut wrong = told(&input.wrong);
    let n_more = |n: usize| n.checked_sub(TOLD).filter(|more| *more > 0);
    let name = file.display();
    if let Some(more) = n_more(input.wrong.len()) {
        wrong.push(match locale {
            Locale::ZhCn => format!("{name}: 另有 {more} 行不能用，不再逐一列出"),
            Locale::En => format!("{name}: {more} more wrong lines"),
        });
    }
    if strict && !wrong.is_empty() {
        return Err(WrongInput(wrong.join("\n")).into());
    }
    let mut err = io::stderr().lock();
    for line in wrong {
        writeln!(err, "{line}")?;
    }
    for line in told(&input.left_out) {
        let taken = locale.pick("这篇已计入，只略去这一项", "the post is taken without it");
        writeln!(err, "{line}\n  {taken}")?;
    }
    if let Some(more) = n_more(input.left_out.len()) {
        match locale {
            Locale::ZhCn => writeln!(err, "{name}: 另有 {more} 处略去"),
            Locale::En => writeln!(err, "{name}: {more} more left out"),
        }?;
    }
    let n_events = input.events;
    if n_events > 0 {
        match locale {
            Locale::ZhCn => writeln!(err, "{name}: 有 {n_events} 行记的是人的操作（event），不参与归并"),
            Locale::En => writeln!(err, "{name}: {n_events} lines are acts of people, which are left aside"),
        }?;
    }
    Ok(input.wrong.is_empty())
}

/// Each statement of several posts with its members, the greatest first, and then how many stand alone.
fn in_words(placed: &[Placed], locale: Locale, out: &mut impl Write) -> io::Result<()> {
    let mut statements: BTreeMap<u64, Vec<&Placed>> = BTreeMap::new();
    for post in placed {
        statements.entry(post.statement).or_default().push(post);
    }
    let (alone, mut several): (Vec<_>, Vec<_>) =
        statements.into_iter().partition(|(_, members)| members.len() == 1);
    several.sort_by_key(|(statement, members)| (std::cmp::Reverse(members.len()), *statement));
    for (statement, members) in &mut several {
        members.sort_by_key(|post| (post.role != Part::Root, post.turn));
        let gist = members.first().map_or("", |root| root.gist.as_str());
        let n_posts = members.len();
        match locale {
            Locale::ZhCn => writeln!(out, "#{statement}  {n_posts} 篇  {gist}")?,
            Locale::En => writeln!(out, "#{statement}  {n_posts} posts  {gist}")?,
        }
        for post in members.iter() {
            let Placed { site, id, why, .. } = post;
            let unseen = if post.line.is_none() {
                locale.pick("（只在转发中见到）", " (seen in reposts only)")
            } else {
                ""
            };
            writeln!(out, "    {}  {site}/{id}  {why}{unseen}", role(post.role, locale))?;
        }
    }
    let (n_posts, n_several, n_alone) = (placed.len(), several.len(), alone.len());
    match locale {
        Locale::ZhCn => writeln!(out, "共 {n_posts} 篇: {n_several} 个言论有多篇，{n_alone} 篇单独"),
        Locale::En => writeln!(out, "{n_posts} posts: {n_several} statements of several, {n_alone} alone"),
    }
}
