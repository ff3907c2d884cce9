//! `yuqing emergency on|off`: switches a unit's emergency mode (应急值守). It asks the running daemon; when
//! none runs it decides through the very same desk and stores the outcome, so that the next start goes on
//! with it.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp, civil};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::{Common, WrongInput};
use crate::{
    app,
    config::{self, Folder, Office, duration},
    desk::{Desk, Input},
    model::Act,
    store::{SqliteStore, Store, StoreError},
    time::{Clock as _, System},
};

/// How long the daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes of an answer that are read.
const ANSWER: usize = 16 * 1024;

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    /// Switch it on, or give it another end.
    On,
    /// Switch it off.
    Off,
}

/// Arguments of `emergency`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 done and kept, 1 refused or the daemon does not answer, 2 wrong arguments or a wrong file.\n\
    --json prints one object {done,unit,on,until}."
)]
pub struct Args {
    /// on or off.
    #[arg(value_enum)]
    switch: Switch,
    /// The unit; may be left out when the office has one.
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// Why; it is kept.
    #[arg(long, value_name = "WORDS")]
    reason: String,
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// It ends by itself after this, such as 12h or 3天.
    #[arg(long = "for", value_name = "SPAN", conflicts_with = "until")]
    length: Option<String>,
    /// It ends by itself then, local time, such as "2026-11-22 08:00".
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The console of the running daemon, instead of what yuqing.toml says.
    #[arg(long, value_name = "ADDRESS")]
    console: Option<SocketAddr>,
}

/// Runs it.
///
/// # Errors
/// A wrong file, a unit that is not there, an end that cannot be read, a desk that says no.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    let (office, _) = config::load(&folder).map_err(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        WrongInput(shown.join("\n\n"))
    })?;
    let now = System.now();
    let on = args.switch == Switch::On;
    let unit = unit(&office, args.unit)?;
    let until = end(&office, args.length.as_deref(), args.until.as_deref(), now)?.filter(|_| on);
    let act = Act::Emergency { unit: unit.clone(), on, until, by: args.by, reason: args.reason };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match ask(&office, args.console, &act).await? {
            true => Ok(()),
            false => decide(&office, &act, now).await,
        }
    })?;
    let words = match (on, until) {
        (true, None) => format!("{unit}: 已开启应急值守"),
        (true, Some(until)) => {
            let until = until.to_zoned(office.settings.time_zone).strftime("%Y-%m-%d %H:%M");
            format!("{unit}: 已开启应急值守，至 {until}")
        }
        (false, _) => format!("{unit}: 已结束应急值守"),
    };
    #[expect(clippy::print_stdout, reason = "the answer of the command")]
    if common.json {
        println!("{}", json!({ "done": true, "unit": unit, "on": on, "until": until }));
    } else {
        println!("{words}");
    }
    Ok(ExitCode::SUCCESS)
}

fn unit(office: &Office, named: Option<String>) -> Result<String, WrongInput> {
    let names = || office.units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join("、");
    match (named, office.units.as_slice()) {
        (Some(named), units) => units
            .iter()
            .find(|unit| unit.name == named || unit.aliases.contains(&named))
            .map(|unit| unit.name.clone())
            .ok_or_else(|| WrongInput(format!("没有单位 {named}。已有: {}", names()))),
        (None, [only]) => Ok(only.name.clone()),
        (None, _) => Err(WrongInput(format!("用 --unit 写明单位: {}", names()))),
    }
}

fn end(
    office: &Office,
    length: Option<&str>,
    until: Option<&str>,
    now: Timestamp,
) -> Result<Option<Timestamp>, WrongInput> {
    if let Some(written) = length {
        let length: SignedDuration = duration::parse(written)
            .ok()
            .filter(|length| length.is_positive())
            .ok_or_else(|| WrongInput(format!("看不懂的时长 {written}，写成 12h 或 3天")))?;
        return Ok(now.checked_add(length).ok());
    }
    let Some(written) = until else { return Ok(None) };
    let local = civil::DateTime::strptime("%Y-%m-%d %H:%M", written).ok();
    let at = local.and_then(|local| local.to_zoned(office.settings.time_zone.clone()).ok());
    at.map(|at| Some(at.timestamp()))
        .ok_or_else(|| WrongInput(format!("看不懂的时间 {written}，写成 \"2026-11-22 08:00\"")))
}

/// Asks the running daemon; `false` when none listens.
async fn ask(office: &Office, console: Option<SocketAddr>, act: &Act) -> anyhow::Result<bool> {
    let Act::Emergency { unit, on, until, by, reason } = act else { return Ok(false) };
    let mut address = console.unwrap_or(office.settings.console.listen);
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    // Another copy of the ring provider may be installed already; either serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let body = json!({ "unit": unit, "on": on, "until": until, "by": by, "reason": reason });
    let mut request = client
        .post(format!("http://{address}/api/v1/emergency"))
        .header("content-type", "application/json")
        .body(body.to_string());
    if let Some(token) = &office.settings.console.token {
        request = request.bearer_auth(token.expose_secret());
    }
    let mut answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_connect() && console.is_none() => return Ok(false),
        Err(error) => return Err(error).with_context(|| format!("the console at {address} does not answer")),
    };
    let status = answer.status();
    if status.is_success() {
        return Ok(true);
    }
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER {
            break;
        }
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    let why = serde_json::from_str::<serde_json::Value>(&text).ok();
    let why = why.as_ref().and_then(|why| why.pointer("/error/message")?.as_str()).unwrap_or(&text);
    anyhow::bail!("{why} ({status})")
}

/// No daemon runs: the same decision, kept for its next start.
async fn decide(office: &Office, act: &Act, now: Timestamp) -> anyhow::Result<()> {
    let path = office.database();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let store = match SqliteStore::open(&path) {
        Err(StoreError::Held { .. }) => anyhow::bail!(
            "守护进程在运行，但它的控制台 {} 没有应答；用 --console 写明它的地址",
            office.settings.console.listen
        ),
        opened => opened?,
    };
    let mut desk = Desk::new(app::setup_of(office), store.restore().await?, now);
    let changes = desk.take(&Input::Act(act.clone()), now)?;
    store.commit(changes).await?;
    Ok(())
}
