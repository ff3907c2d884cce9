//! `yuqing account`: the way back in for whoever keeps the host: the link for the first administrator, the accounts that
//! there are, a link by which somebody chooses a new password. Everything else is the console's.

use std::{io::Write as _, net::SocketAddr, process::ExitCode};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{Common, act};
use crate::{
    config::Office,
    console::access::{FIRST, Keeper, Secret},
    store::{SharedStore, SqliteStore},
    time::{Clock as _, System},
};

/// What to do.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print the link by which the first administrator is made.
    First,
    /// List the accounts.
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
    already, 2 wrong arguments or a wrong file.\n--json prints {link} or {accounts}."
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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut out = std::io::stdout().lock();
    let name = match &args.what {
        What::List => {
            let accounts = runtime.block_on(accounts(&office, args.console))?;
            if common.json {
                writeln!(out, "{accounts}")?;
            } else {
                for account in accounts.get("accounts").and_then(Value::as_array).into_iter().flatten() {
                    writeln!(out, "{}", line(account))?;
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

fn line(account: &Value) -> String {
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
    format!("{}  {}  {units}{state}", text("name"), text("role"))
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
            let units = match &one.units {
                crate::console::access::Units::All => None,
                crate::console::access::Units::Of(names) => Some(names),
            };
            json!({ "name": one.name, "role": one.role, "units": units, "shut": one.shut, "has_password": one.password().is_some() })
        })
        .collect();
    Ok(json!({ "accounts": accounts }))
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
