//! The commands: one file a subcommand. Each reads its arguments, does one thing through the rooms
//! below, and answers with an exit code: 0 done, 1 the thing asked for failed or was found wrong, 2 the
//! command line or a file of the office is wrong.

mod access;
mod account;
mod act;
mod audit;
mod backup;
mod check;
mod compact;
mod demo;
mod drill;
mod emergency;
mod evidence;
mod incident;
mod init;
mod keeping;
mod keywords;
mod keywords_stats;
mod logging;
mod monthly;
mod paper;
mod probe;
mod replay;
mod retention;
mod rounds;
mod run;
mod send_test;
mod silence;
mod simulate;
mod sources;
mod statements;
mod status;
mod watch;
mod when;
mod why;

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{app::replay::LineError, locale::Locale};

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "yuqing",
    version,
    about = "舆情: watches public sources for mentions of a unit and tells the right people in time",
    after_help = "Exit codes: 0 done, 1 failed or found wrong, 2 wrong arguments or a wrong file of the office.\n\
        First steps: `yuqing demo`, then `yuqing init --unit 名称`, `yuqing check`, `yuqing run`."
)]
pub struct Cli {
    /// The office's folder (yuqing.toml, plans/, presets/, sources.d/, contacts.toml, keywords/).
    #[arg(long, global = true, env = "YUQING_OFFICE", value_name = "DIR")]
    pub office: Option<PathBuf>,
    /// Print JSON Lines with stable field names instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch, decide and tell: the daemon.
    Run(run::Args),
    /// Show everything on one machine without network or set-up.
    Demo(demo::Args),
    /// Check every file of the office: file, line, column, the line itself, the mend.
    Check(check::Args),
    /// Make the office's folder.
    Init(init::Args),
    /// Fetch one source or address once, print what was read and matched, send nothing.
    Probe(probe::Args),
    /// Try the keyword lists.
    Keywords(keywords::Args),
    /// Run recorded observations through the desk in virtual time: which notices, when, why.
    Replay(replay::Args),
    /// Try what belongs to one statement (同一言论): group the posts of a file, or explain two posts.
    Statements(statements::Args),
    /// Run months of random stories and faults in virtual time and see whether every promise holds.
    Simulate(simulate::Args),
    /// Send a test message to one contact.
    SendTest(send_test::Args),
    /// Show how every source is; mute one with a reason; print the last raw answer of an ill one.
    Sources(sources::Args),
    /// Switch a unit's emergency mode (应急值守) on or off.
    Emergency(emergency::Args),
    /// Let alerts of a unit wait until a set end (静默); list and end such silences.
    Silence(silence::Args),
    /// Let the first administrator in; list the accounts; open a link for a new password.
    Account(account::Args),
    /// Show which monthly and zero reports (月报、零报告) are owed; register one that was handed up.
    Monthly(monthly::Args),
    /// Write a paper: 专报, 续报, 终报, 登记表, 处置意见表, 总结评估, 月报 and 零报告, 简报, 动态, 通报.
    Paper(paper::Args),
    /// Act on an incident: enter one by hand, assign, urge, approve texts, attach, close, take a slip back.
    Incident(incident::Args),
    /// Say why an incident has its tier, who was told when by what, which limits ran, what was unknown.
    Why(why::Args),
    /// Try a plan with a made-up story through the real chain, marked 演练; report who confirmed when.
    Drill(drill::Args),
    /// Prove that the record of all acts is whole, or print it.
    Audit(audit::Args),
    /// List the logged rounds of a day (每日巡查轮次).
    Rounds(rounds::Args),
    /// Show what the running daemon's store says.
    Status(status::Args),
    /// Show the unit's own pages as last seen; accept a change of theirs.
    Watch(watch::Args),
    /// Copy the database while the daemon runs.
    Backup(backup::BackupArgs),
    /// Put a copy of the database back; the daemon must not run.
    Restore(backup::RestoreArgs),
    /// Show what is kept for how long, what goes next, and what a disk budget would take (保存期限).
    Retention(retention::Args),
    /// Write the database anew without what is free in it; the daemon must not run.
    Compact(compact::Args),
    /// Check the database, or a copy of it.
    Verify(backup::VerifyArgs),
    /// Show what proves a post: answer, headers, instant, hash.
    Evidence(evidence::EvidenceArgs),
    /// Take one post's words out of everything but its hash.
    Forget(evidence::ForgetArgs),
    /// Show the access log: what was asked of whom, by what right, and what was not sent.
    Access(access::Args),
}

/// What every command gets beside its own arguments.
#[derive(Debug, Clone)]
pub struct Common {
    /// The office's folder, when named.
    pub office: Option<PathBuf>,
    /// Whether to print JSON Lines.
    pub json: bool,
}

/// Reads the command line, runs the command, prints its error.
#[must_use]
pub fn main() -> ExitCode {
    let Cli { office, json, command } = Cli::parse();
    let common = Common { office, json };
    let result = match command {
        Command::Run(args) => run::run(&common, args),
        Command::Demo(args) => demo::run(&common, args),
        Command::Check(args) => check::run(&common, args),
        Command::Init(args) => init::run(&common, args),
        Command::Probe(args) => probe::run(&common, args),
        Command::Keywords(args) => keywords::run(&common, args),
        Command::Replay(args) => replay::run(&common, args),
        Command::Statements(args) => statements::run(&common, args),
        Command::Simulate(args) => simulate::run(&args),
        Command::SendTest(args) => send_test::run(&common, args),
        Command::Sources(args) => sources::run(&common, &args),
        Command::Emergency(args) => emergency::run(&common, args),
        Command::Silence(args) => silence::run(&common, args),
        Command::Monthly(args) => monthly::run(&common, args),
        Command::Paper(args) => paper::run(&common, &args),
        Command::Account(args) => account::run(&common, &args),
        Command::Incident(args) => incident::run(&common, args),
        Command::Why(args) => why::run(&common, args),
        Command::Drill(args) => drill::run(&common, args),
        Command::Audit(args) => audit::run(&common, args),
        Command::Rounds(args) => rounds::run(&common, args),
        Command::Status(args) => status::run(&common, args),
        Command::Watch(args) => watch::run(&common, args),
        Command::Backup(args) => backup::backup(&common, &args),
        Command::Restore(args) => backup::restore(&common, &args),
        Command::Retention(args) => retention::run(&common, &args),
        Command::Compact(args) => compact::run(&common, &args),
        Command::Verify(args) => backup::check(&common, &args),
        Command::Evidence(args) => evidence::show(&common, &args),
        Command::Forget(args) => evidence::forget(&common, &args),
        Command::Access(args) => access::run(&common, args),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the one place where a command's error is shown")]
            {
                eprintln!("yuqing: {error:#}");
            }
            ExitCode::from(if error.is::<WrongInput>() { 2 } else { 1 })
        }
    }
}

/// An error in what the user gave: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongInput(pub String);

impl WrongInput {
    /// A file that was named and cannot be read: which one, and why, in the words of the office.
    fn unreadable(file: &Path, error: &io::Error) -> Self {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "没有这个文件，请检查文件名和所在的文件夹".to_owned(),
            io::ErrorKind::IsADirectory => "这是文件夹，请写出其中的文件名".to_owned(),
            io::ErrorKind::PermissionDenied => "没有读取的权限".to_owned(),
            _ => format!("读不了（{error}）"),
        };
        Self(format!("{}: {why}", file.display()))
    }
}

/// A line of a replay file that is not understood, with its place and the mend.
fn wrong_line(file: &Path, error: &LineError, locale: Locale) -> String {
    let (what, mend) = error.why.words(locale);
    let (file, line) = (file.display(), error.line);
    format!("{file}:{line}: {what}\n  {}: {mend}", locale.pick("改法", "hint"))
}
