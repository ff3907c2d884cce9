//! How a command acts: it asks the running daemon; when none runs it decides through the very same desk and keeps
//! the outcome, so that the next start goes on with it.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::{Common, WrongInput};
use crate::{
    config::{self, Folder, Office},
    desk::{Change, Desk, DeskState, Input},
    dispatch::ConfirmKey,
    model::{Act, FileBody},
    store::{SqliteStore, Store, StoreError},
    time::{Clock as _, System},
};

/// How long the daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of an answer that are read.
const ANSWER: usize = 1024 * 1024;

/// The office of a command, its files checked.
pub(super) fn office(common: &Common) -> Result<Office, WrongInput> {
    let folder = Folder::find(common.office.as_deref());
    let (office, _) = config::load(&folder).map_err(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        WrongInput(shown.join("\n\n"))
    })?;
    Ok(office)
}

/// The unit that was named, or the only one.
pub(super) fn unit(office: &Office, named: Option<String>) -> Result<String, WrongInput> {
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

/// What the desk keeps beside incidents; empty when no daemon has run yet.
///
/// # Errors
/// The database cannot be read.
pub(super) fn state(office: &Office) -> anyhow::Result<DeskState> {
    let path = office.database();
    if !path.exists() {
        return Ok(DeskState::default());
    }
    let store =
        SqliteStore::open_read_only(&path).with_context(|| format!("cannot open {}", path.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(store.desk_state())?)
}

/// Does the act: durable when this returns.
///
/// # Errors
/// The desk says no, or the daemon does not answer.
pub(super) fn put(office: &Office, console: Option<SocketAddr>, act: &Act) -> anyhow::Result<()> {
    put_with(office, console, act, None)
}

/// The same with a file that the act names; it is kept with the act, and only if that is taken.
///
/// # Errors
/// As [`put`], or the file cannot be kept.
pub(super) fn put_with(
    office: &Office,
    console: Option<SocketAddr>,
    act: &Act,
    file: Option<Vec<u8>>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let asked = match (&file, act) {
            (Some(bytes), Act::Attach { incident, name, by, .. }) => {
                let query: String = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs([("name", name), ("by", by)])
                    .finish();
                let path = format!("/api/v1/incidents/{incident}/files?{query}");
                ask(office, console, &path, "application/octet-stream", bytes.clone()).await?
            }
            _ => ask_act(office, console, act).await?,
        };
        if asked { Ok(()) } else { decide(office, act, file).await }
    })
}

async fn ask_act(
    office: &Office,
    console: Option<SocketAddr>,
    act: &(impl Serialize + Sync),
) -> anyhow::Result<bool> {
    let body = serde_json::to_vec(act)?;
    ask(office, console, "/api/v1/acts", "application/json", body).await
}

/// Asks the running daemon; `false` when none listens.
async fn ask(
    office: &Office,
    console: Option<SocketAddr>,
    path: &str,
    content: &str,
    body: Vec<u8>,
) -> anyhow::Result<bool> {
    Ok(post(office, console, path, content, body).await?.is_some())
}

/// What the running daemon answers to a request of ours; `None` when none listens.
pub(super) async fn post(
    office: &Office,
    console: Option<SocketAddr>,
    path: &str,
    content: &str,
    body: Vec<u8>,
) -> anyhow::Result<Option<String>> {
    answer(office, console, path, |client, url| client.post(url).header("content-type", content).body(body))
        .await
}

/// What the running daemon answers to a question; `None` when none listens.
pub(super) async fn get(
    office: &Office,
    console: Option<SocketAddr>,
    path: &str,
) -> anyhow::Result<Option<String>> {
    answer(office, console, path, |client, url| client.get(url)).await
}

async fn answer(
    office: &Office,
    console: Option<SocketAddr>,
    path: &str,
    request: impl FnOnce(&reqwest::Client, String) -> reqwest::RequestBuilder,
) -> anyhow::Result<Option<String>> {
    let mut address = console.unwrap_or(office.settings.console.listen);
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    // Another copy of the ring provider may be installed already; either serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        // The certificate names the office's host, not this machine's own address; what listens there is as well known
        // as it is without TLS. Anywhere else it must be the right one.
        .tls_danger_accept_invalid_certs(address.ip().is_loopback())
        .build()?;
    let mut request = request(&client, format!("{}://{address}{path}", office.settings.console.scheme()));
    if let Some(token) = token(office) {
        request = request.bearer_auth(token.expose_secret());
    }
    let mut answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_connect() && console.is_none() => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("the console at {address} does not answer")),
    };
    let status = answer.status();
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER {
            break;
        }
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    if status.is_success() {
        return Ok(Some(text));
    }
    if status == reqwest::StatusCode::UNAUTHORIZED {
        anyhow::bail!("守护进程不认识这个用户: 请用服务自己的用户或 root 执行（能读 confirm.key 的用户）")
    }
    let why = serde_json::from_str::<serde_json::Value>(&text).ok();
    let why = why.as_ref().and_then(|why| why.pointer("/error/message")?.as_str()).unwrap_or(&text);
    anyhow::bail!("{why} ({status})")
}

/// By what the daemon knows a command of its own host: the key file that only its user and root can read; else the
/// office's token.
fn token(office: &Office) -> Option<SecretString> {
    let beside = |file: std::path::PathBuf| file.parent().map(|folder| folder.join("confirm.key"));
    let places = [Some(super::run::state_dir(&office.folder).join("confirm.key")), beside(office.database())];
    let key = places.into_iter().flatten().find_map(|path| ConfirmKey::load(&path).ok());
    key.map(|key| key.command_token()).or_else(|| office.settings.console.token.clone())
}

/// No daemon runs: the same decision, kept for its next start.
async fn decide(office: &Office, act: &Act, file: Option<Vec<u8>>) -> anyhow::Result<()> {
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
    let now = System.now();
    let mut desk = Desk::new(office.setup(), store.restore().await?, now);
    let mut changes = desk.take(&Input::Act(act.clone()), now)?;
    changes.extend(file.map(|bytes| Change::File(FileBody::of(bytes))));
    store.commit(changes).await?;
    Ok(())
}
