//! `yuqing account`: the way back in for whoever keeps the host: the link for the first administrator, the accounts that
//! there are, a link by which somebody chooses a new password. Everything else is the console's.

use std::{collections::BTreeSet, io::Write as _, net::SocketAddr, process::ExitCode};

use anyhow::Context as _;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{Common, act};
use crate::{
    config::Office,
    console::access::{FIRST, Keeper, Secret, Units},
    store::{SharedStore, SqliteStore},
    time::{Clock as _, System},
};

/// What to do.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print the link by which the first administrator is made.
    First,
    /// List the accounts, with the last login of each, and the tokens of programs.
    List,
    /// Print a link by which this account's password is chosen anew, once and within a day.
    Reset {
        /// The account's name.
        name: String,
    },
}

/// Arguments of `account`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Run it as the user of the service, or as root. Exit codes: 0 done, 1 there is no such account or there are accounts \
    already, 2 wrong arguments or a wrong file.\n--json prints {link} or {accounts,tokens}."
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// The console of the running daemon, instead of what yuqing.toml says.
    #[arg(long, value_name = "ADDRESS", global = true)]
    console: Option<SocketAddr>,
}

/// Runs it.
///
/// # Errors
/// A wrong file, no such account, a daemon that does not answer, a database that cannot be opened.
pub fn run(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let office = act::office(common)?;
    let zone = &office.settings.time_zone;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut out = std::io::stdout().lock();
    let name = match &args.what {
        What::List => {
            let accounts = runtime.block_on(accounts(&office, args.console))?;
            if common.json {
                writeln!(out, "{accounts}")?;
            } else {
                let of = |key: &str| accounts.get(key).and_then(Value::as_array).into_iter().flatten();
                for account in of("accounts") {
                    writeln!(out, "{}", line(account, zone))?;
                }
                for token in of("tokens") {
                    writeln!(out, "{}", token_line(token, zone))?;
                }
            }
            return Ok(ExitCode::SUCCESS);
        }
        What::First => None,
        What::Reset { name } => Some(name.as_str()),
    };
    let link = runtime.block_on(link(&office, args.console, name))?;
    match common.json {
        true => writeln!(out, "{}", json!({ "link": link }))?,
        false => writeln!(out, "{link}")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// An instant of an answer as the office reads it; `None`: there is none on record.
fn minute(one: &Value, key: &str, zone: &TimeZone) -> Option<String> {
    let at: Timestamp = one.get(key)?.as_str()?.parse().ok()?;
    Some(at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string())
}

fn token_line(token: &Value, zone: &TimeZone) -> String {
    let name = token.get("name").and_then(Value::as_str).unwrap_or_default();
    let seen = minute(token, "seen_at", zone).unwrap_or_else(|| "没有记录".to_owned());
    let until = minute(token, "until", zone).unwrap_or_else(|| "收回为止".to_owned());
    format!("{name}  令牌  最近使用 {seen}  有效期至 {until}")
}

fn line(account: &Value, zone: &TimeZone) -> String {
    let text = |key: &str| account.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is = |key: &str| account.get(key).and_then(Value::as_bool).unwrap_or_default();
    let units = account.get("units").and_then(Value::as_array).into_iter().flatten();
    let units: Vec<&str> = units.filter_map(Value::as_str).collect();
    let state = match (is("shut"), is("has_password")) {
        (true, _) => "  已停用",
        (false, false) => "  还没有口令",
        (false, true) => "",
    };
    let units = if units.is_empty() { "*".to_owned() } else { units.join("、") };
    let login = minute(account, "login_at", zone).map_or_else(String::new, |at| format!("  最近登录 {at}"));
    format!("{}  {}  {units}{state}{login}", text("name"), text("role"))
}

async fn accounts(office: &Office, console: Option<SocketAddr>) -> anyhow::Result<Value> {
    if let Some(answer) = act::get(office, console, "/api/v1/accounts").await? {
        return serde_json::from_str(&answer).context("the daemon's answer cannot be read");
    }
    let book = keeper(office)?.book().await?;
    let accounts: Vec<_> = book
        .accounts
        .iter()
        .map(|one| {
            json!({ "name": one.name, "role": one.role, "units": named(&one.units), "shut": one.shut,
                "has_password": one.password().is_some(), "login_at": one.login_at, "seen_at": one.seen_at })
        })
        .collect();
    let tokens: Vec<_> = book
        .tokens
        .iter()
        .map(|one| {
            json!({ "name": one.name, "scopes": one.scopes, "units": named(&one.units), "by": one.by,
                "made_at": one.made_at, "seen_at": one.seen_at, "until": one.until })
        })
        .collect();
    Ok(json!({ "accounts": accounts, "tokens": tokens }))
}

fn named(units: &Units) -> Option<&BTreeSet<String>> {
    match units {
        Units::All => None,
        Units::Of(names) => Some(names),
    }
}

async fn link(office: &Office, console: Option<SocketAddr>, name: Option<&str>) -> anyhow::Result<String> {
    let listen = console.unwrap_or(office.settings.console.listen);
    let base = office
        .settings
        .console
        .public_url
        .clone()
        .unwrap_or_else(|| format!("{}://{listen}", office.settings.console.scheme()));
    let body = serde_json::to_vec(&json!({ "name": name }))?;
    if let Some(answer) =
        act::post(office, console, "/api/v1/accounts/links", "application/json", body).await?
    {
        let answer: Value = serde_json::from_str(&answer).context("the daemon's answer cannot be read")?;
        let path = answer.get("path").and_then(Value::as_str).context("the daemon sent no link")?;
        return Ok(format!("{base}{path}"));
    }
    let secret = Secret::new().map_err(|error| anyhow::anyhow!("the system has no randomness: {error}"))?;
    let now = System.now();
    keeper(office)?.change(|book| book.invite(name, &secret, now)).await??;
    Ok(format!("{base}{FIRST}{}", secret.shown()))
}

/// No daemon runs: the book as its next start finds it.
fn keeper(office: &Office) -> anyhow::Result<Keeper> {
    let path = office.database();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let store: SharedStore = std::sync::Arc::new(SqliteStore::open(&path)?);
    Ok(Keeper::new(store))
}
