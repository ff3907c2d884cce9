//! `yuqing incident …`: what people do with an incident: enter one by hand, move it, assign it, urge, submit and
//! approve texts, attach files, close, reopen, take a slip back.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Common, WrongInput, act, when};
use crate::{
    config::Office,
    desk::LARGEST_FILE,
    model::{AckHow, Act, HandEntry, IncidentId, NoticeId, PostKey},
    store::{SqliteStore, Store as _},
};

/// Arguments of `incident`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 done and kept, 1 refused or the daemon does not answer, 2 wrong arguments or a wrong file.\n\
    --json prints one object {done,incident}."
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// Who does it.
    #[arg(long, global = true, value_name = "NAME", default_value = "")]
    by: String,
    /// The console of the running daemon, instead of what yuqing.toml says.
    #[arg(long, global = true, value_name = "ADDRESS")]
    console: Option<SocketAddr>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Enter what came by telephone or on paper (人工录入).
    Add(Box<Add>),
    /// Put it into a state of its plan.
    State {
        id: u64,
        state: String,
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// 批办: one leads, others help.
    Assign {
        id: u64,
        #[arg(long, value_name = "CONTACT")]
        lead: String,
        #[arg(long, value_name = "NAME")]
        helping: Vec<String>,
        #[arg(long, value_name = "WORDS")]
        instruction: String,
    },
    /// 移交: another contact leads.
    HandOver {
        id: u64,
        #[arg(long)]
        to: String,
        #[arg(long)]
        reason: String,
    },
    /// 催办: remind whoever leads.
    Urge {
        id: u64,
        #[arg(long, default_value = "")]
        text: String,
    },
    /// Hand a draft of the public answer in for 审定.
    Submit {
        id: u64,
        #[arg(long)]
        text: String,
    },
    /// 审定: approve a draft, the last one when no number is given.
    Approve {
        id: u64,
        #[arg(long)]
        number: Option<usize>,
    },
    /// 审定: send a draft back.
    Reject {
        id: u64,
        #[arg(long)]
        number: Option<usize>,
        #[arg(long)]
        reason: String,
    },
    /// Register the public answer: its link or words.
    Respond {
        id: u64,
        #[arg(long)]
        text: String,
    },
    /// Register that something owed was done: a follow-up report, a paper, a duty of the plan.
    Complete {
        id: u64,
        /// Its name or id, as the limit is called.
        duty: String,
        /// What was handed in.
        #[arg(long, default_value = "")]
        text: String,
    },
    /// Set the tier.
    Tier {
        id: u64,
        tier: String,
        #[arg(long)]
        reason: String,
    },
    /// Write a note.
    Note { id: u64, text: String },
    /// Attach a file of at most 20 MB.
    Attach { id: u64, file: PathBuf },
    /// Merge it with another.
    Merge {
        id: u64,
        other: u64,
        #[arg(long)]
        reason: String,
    },
    /// Close it (平息).
    Close {
        id: u64,
        #[arg(long)]
        reason: String,
    },
    /// Open a closed one again.
    Reopen {
        id: u64,
        #[arg(long)]
        reason: String,
    },
    /// 电话签收: a contact confirmed by telephone; --by records it.
    Acknowledge {
        id: u64,
        /// The contact who confirmed.
        #[arg(long, value_name = "CONTACT")]
        contact: String,
        /// When, local time, such as "2026-11-22 08:00"; now when left out.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Tick a phone task: the call was made and answered.
    PhoneDone {
        /// The notice's id, as `why INCIDENT --json` shows it.
        notice: String,
        /// When, local time, such as "2026-11-22 08:00"; now when left out.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Let it go on under the plan now in force for its unit (按现行预案办理); cannot be taken back.
    Plan {
        id: u64,
        #[arg(long)]
        reason: String,
    },
    /// Take your last act on it back, within 60 s.
    Undo { id: u64 },
}

#[derive(Debug, clap::Args)]
struct Add {
    /// What it is about, in a line.
    #[arg(long)]
    gist: String,
    /// What was said.
    #[arg(long, default_value = "")]
    text: String,
    /// By what way it came.
    #[arg(long, default_value = "电话")]
    source: String,
    /// The unit; may be left out when the office has one.
    #[arg(long)]
    unit: Option<String>,
    /// Its tier; otherwise its numbers grade it.
    #[arg(long)]
    tier: Option<String>,
    /// Where it stands in public.
    #[arg(long)]
    url: Option<String>,
    /// Views, when known.
    #[arg(long)]
    views: Option<u64>,
    /// Reposts, when known.
    #[arg(long)]
    reposts: Option<u64>,
    /// Comments, when known.
    #[arg(long)]
    comments: Option<u64>,
    /// When it happened, local time, such as "2026-11-22 08:00".
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Why none of the sources had it (漏报原因).
    #[arg(long, default_value = "")]
    missed: String,
}

/// Runs it.
///
/// # Errors
/// A wrong file or time, a desk that says no.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let office = act::office(common)?;
    let by = args.by.trim().to_owned();
    if by.is_empty() {
        return Err(WrongInput("用 --by 写明是谁".to_owned()).into());
    }
    let (wanted, file) = act_of(args.what, by, &office)?;
    act::put_with(&office, args.console, &wanted, file)?;
    let id = match &wanted {
        Act::Enter { entry } => number_of(&office, &entry.key())?,
        other => other.incident(),
    };
    say(common, id)?;
    Ok(ExitCode::SUCCESS)
}

fn say(common: &Common, id: Option<IncidentId>) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout();
    match (common.json, id) {
        (true, id) => writeln!(out, "{}", json!({ "done": true, "incident": id })),
        (false, Some(id)) => writeln!(out, "舆情第 {id} 号: 已登记"),
        (false, None) => writeln!(out, "已登记"),
    }
}

/// The number that an entry by hand got; `None` when the database is elsewhere.
pub(super) fn number_of(office: &Office, key: &PostKey) -> anyhow::Result<Option<IncidentId>> {
    let Ok(store) = SqliteStore::open_read_only(&office.database()) else { return Ok(None) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(store.incidents_of_post(key))?.into_iter().next())
}

fn act_of(what: What, by: String, office: &Office) -> anyhow::Result<(Act, Option<Vec<u8>>)> {
    let incident = IncidentId;
    let local = |at: Option<String>| at.map(|written| when::local(office, &written)).transpose();
    let act = match what {
        What::Add(add) => Act::Enter { entry: Box::new(entry(*add, by, office)?) },
        What::State { id, state, reason } => Act::SetState { incident: incident(id), state, by, reason },
        What::Assign { id, lead, helping, instruction } => {
            Act::Assign { incident: incident(id), lead, helping, instruction, by }
        }
        What::HandOver { id, to, reason } => Act::HandOver { incident: incident(id), to, by, reason },
        What::Urge { id, text } => Act::Urge { incident: incident(id), by, text },
        What::Submit { id, text } => Act::SubmitText { incident: incident(id), text, by },
        What::Approve { id, number } => Act::ApproveText { incident: incident(id), number, by },
        What::Reject { id, number, reason } => Act::RejectText { incident: incident(id), number, by, reason },
        What::Respond { id, text } => Act::Respond { incident: incident(id), by, text },
        What::Complete { id, duty, text } => Act::Complete { incident: incident(id), duty, by, text },
        What::Tier { id, tier, reason } => Act::Override { incident: incident(id), tier, by, reason },
        What::Note { id, text } => Act::Note { incident: incident(id), by, text },
        What::Attach { id, file } => return attach(incident(id), &file, by),
        What::Merge { id, other, reason } => {
            Act::Merge { incident: incident(id), other: incident(other), by, reason }
        }
        What::Close { id, reason } => Act::Close { incident: incident(id), by, reason },
        What::Reopen { id, reason } => Act::Reopen { incident: incident(id), by, reason },
        What::Acknowledge { id, contact, at } => Act::Acknowledge {
            incident: incident(id),
            contact,
            rank: None,
            how: AckHow::Phone,
            recorded_by: Some(by),
            at: local(at)?,
        },
        What::PhoneDone { notice, at } => Act::PhoneDone { notice: NoticeId(notice), by, at: local(at)? },
        What::Plan { id, reason } => Act::TakePlan { incident: incident(id), by, reason },
        What::Undo { id } => Act::Undo { incident: incident(id), by },
    };
    Ok((act, None))
}

fn attach(
    incident: IncidentId,
    file: &std::path::Path,
    by: String,
) -> anyhow::Result<(Act, Option<Vec<u8>>)> {
    let size = std::fs::metadata(file).map_err(|error| WrongInput::unreadable(file, &error))?.len();
    if size == 0 || size > LARGEST_FILE {
        return Err(WrongInput(format!("{}: 文件须在 20 MB 以内且不为空", file.display())).into());
    }
    let body = std::fs::read(file).map_err(|error| WrongInput::unreadable(file, &error))?;
    let name = file.file_name().context("the file has no name")?.to_string_lossy().into_owned();
    let sha256 = hex::encode(<[u8; 32]>::from(Sha256::digest(&body)));
    Ok((Act::Attach { incident, name, size, sha256, by }, Some(body)))
}

fn entry(add: Add, by: String, office: &Office) -> Result<HandEntry, WrongInput> {
    let happened_at = add.at.as_deref().map(|written| when::local(office, written)).transpose()?;
    Ok(HandEntry {
        id: new_id(),
        unit: act::unit(office, add.unit)?,
        gist: add.gist,
        text: add.text,
        source: add.source,
        tier: add.tier,
        url: add.url,
        views: add.views,
        reposts: add.reposts,
        comments: add.comments,
        happened_at,
        by,
        missed: add.missed,
        drill: false,
    })
}

/// A name that no other entry has.
pub(super) fn new_id() -> String {
    format!("{:016x}", fastrand::u64(..))
}
