//! `yuqing evidence` and `yuqing forget`: what proves a post or a whole case, and taking a post's words out.

mod folder;

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use serde_json::json;

use super::{
    Common, WrongInput, act,
    keeping::{Words, database, with_store},
};
use crate::{
    config::Folder,
    locale::Locale,
    model::{Act, Evidence, PostKey},
    store::{SqliteStore, Store as _},
    text::canonical_link,
};

/// Arguments of `evidence`.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "A post is named as site/id, as the incident's page shows it, or by its link.\n\
    The hash is of the whole answer as received: an answer that was saved elsewhere is proved by `sha256sum`.\n\
    Exit codes: 0 printed, 1 nothing is kept of it, 2 no database."
)]
pub struct EvidenceArgs {
    #[command(subcommand)]
    of_a_case: Option<OfACase>,
    /// Which post.
    #[arg(value_name = "POST", required = true)]
    post: Option<String>,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// The evidence of a whole case.
#[derive(Debug, clap::Subcommand)]
enum OfACase {
    /// Write the case folder (案卷) of an incident: papers, posts, evidence, files, deliveries, audit, with a manifest.
    Export(folder::ExportArgs),
    /// Say whether a case folder is whole: nothing changed, taken out or put in.
    Verify(folder::VerifyArgs),
}

/// Shows it.
///
/// # Errors
/// No database, or one that cannot be read.
pub fn show(common: &Common, args: &EvidenceArgs) -> anyhow::Result<ExitCode> {
    match &args.of_a_case {
        Some(OfACase::Export(args)) => folder::export(common, args),
        Some(OfACase::Verify(args)) => folder::verify(common, args),
        None => of_a_post(common, args),
    }
}

fn of_a_post(common: &Common, args: &EvidenceArgs) -> anyhow::Result<ExitCode> {
    let named = args.post.as_deref().unwrap_or_default();
    let folder = Folder::find(common.office.as_deref());
    let words = Words::of(&folder);
    let path = database(&folder, args.database.as_deref());
    let found = with_store(&path, async |store| {
        let mut found = Vec::new();
        for post in posts(store, named).await? {
            found.extend(store.evidence(&post).await?);
        }
        Ok(found)
    })?;
    let mut out = io::stdout().lock();
    for evidence in &found {
        if common.json {
            writeln!(out, "{}", serde_json::to_string(evidence)?)?;
        } else {
            print(&mut out, &words, evidence)?;
        }
    }
    if found.is_empty() {
        let none = words.pick("没有这个帖子的证据", "nothing is kept of this post");
        anyhow::bail!("{none}: {named}");
    }
    Ok(ExitCode::SUCCESS)
}

fn print(out: &mut impl Write, words: &Words, evidence: &Evidence) -> io::Result<()> {
    let Evidence { post, shown, text_sha256, fragment } = evidence;
    writeln!(out, "{post}  {}", words.time(shown.at))?;
    if !shown.url.is_empty() {
        writeln!(out, "  {} {} ({})", words.pick("取自", "from"), shown.url, shown.status)?;
        let whole = words.pick("整个应答的 SHA-256", "SHA-256 of the whole answer");
        writeln!(out, "  {whole}: {} ({} B)", shown.sha256, shown.bytes)?;
    }
    writeln!(out, "  {}: {text_sha256}", words.pick("帖子文字的 SHA-256", "SHA-256 of the post's text"))?;
    for (name, value) in &shown.headers {
        writeln!(out, "  {name}: {value}")?;
    }
    match fragment {
        Some(fragment) => {
            for line in fragment.post.own_text().lines() {
                writeln!(out, "  | {line}")?;
            }
            Ok(())
        }
        None => writeln!(out, "  {}", words.pick("文字已遗忘", "its words are forgotten")),
    }
}

/// Arguments of `forget`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Title, text and quotation go from the post, notices, digests, evidence, timeline and the source's last raw \
    answer; the post keeps its place and figures, the audit who, why and the hash. What is seen of it later is not \
    kept. Copies made before still hold it.\n\
    Exit codes: 0 done and kept, 1 no such post, refused, or the daemon does not answer, 2 wrong arguments, a wrong \
    file or no database. --json prints one object a post {done,forget}."
)]
pub struct ForgetArgs {
    /// Which post: site/id, or its link.
    #[arg(value_name = "POST")]
    post: String,
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The console of the running daemon, instead of what yuqing.toml says.
    #[arg(long, value_name = "ADDRESS")]
    console: Option<SocketAddr>,
}

/// Does it: the words are gone when this returns.
///
/// # Errors
/// No such post, no database, a wrong file, a desk that says no.
pub fn forget(common: &Common, args: &ForgetArgs) -> anyhow::Result<ExitCode> {
    let words = Words::of(&Folder::find(common.office.as_deref()));
    let office = act::office(common)?;
    let path = office.database();
    if args.by.trim().is_empty() || args.reason.trim().is_empty() {
        let say =
            words.pick("请写明 --by 决定人和 --reason 理由", "say who decides (--by) and why (--reason)");
        return Err(WrongInput(say.to_owned()).into());
    }
    let posts = with_store(&path, async |store| posts(store, &args.post).await)?;
    if posts.is_empty() {
        anyhow::bail!("{}: {}", words.pick("没有这个帖子", "no such post"), args.post);
    }
    let mut out = io::stdout().lock();
    for post in posts {
        let named = post.to_string();
        let act = Act::Forget { post, by: args.by.clone(), reason: args.reason.clone() };
        act::put(&office, args.console, &act)?;
        if common.json {
            writeln!(out, "{}", json!({ "done": true, "forget": named }))?;
        } else {
            writeln!(out, "{named}: {}", words.pick("文字已遗忘", "its words are forgotten"))?;
        }
    }
    let backups = path.with_file_name("backups");
    let copies = std::fs::read_dir(&backups).map_or(0, Iterator::count);
    if copies > 0 && !common.json {
        match words.locale {
            Locale::ZhCn => writeln!(
                out,
                "注意: {} 里的 {copies} 份备份仍有原文，要一并删除请自行处理",
                backups.display()
            )?,
            Locale::En => writeln!(
                out,
                "note: {copies} copies in {} still hold it; delete them yourself if they must not",
                backups.display()
            )?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The posts that a person names: by identity, or by address.
async fn posts(store: &SqliteStore, named: &str) -> anyhow::Result<Vec<PostKey>> {
    let mut keys: Vec<PostKey> = Vec::new();
    if let Some((site, id)) = named.split_once('/') {
        let key = PostKey { site: site.to_owned(), id: id.to_owned() };
        keys.extend(store.rows_of_post(key).await?.into_iter().map(|row| row.post.key));
    }
    if keys.is_empty()
        && let Some(link) = canonical_link(named)
    {
        keys.extend(store.rows_at_address(link).await?.into_iter().map(|row| row.post.key));
    }
    keys.sort();
    keys.dedup();
    Ok(keys)
}
