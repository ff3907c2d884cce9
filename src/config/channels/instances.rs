//! Ways that a contact names: `[[robot]]`, `[[webhook]]`, and the ntfy server.

use std::{collections::BTreeSet, time::Duration};

use secrecy::SecretString;

use super::{
    gateway::{GatewaySettings, read_gateway},
    timeout,
};
use crate::{
    config::{
        contacts::DETAILS,
        sheet::{Spot, Table, Word},
    },
    model::Detail,
};

/// Whose robot it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RobotKind {
    /// 企业微信.
    WeCom,
    /// 钉钉.
    DingTalk,
    /// 飞书.
    Feishu,
}

/// A `[[robot]]`.
#[derive(Debug, Clone)]
pub struct RobotSettings {
    /// The name that contacts use.
    pub name: String,
    /// Whose it is.
    pub kind: RobotKind,
    /// The whole webhook address, or only the key, token or id at its end.
    pub key: SecretString,
    /// Signing secret (加签, 签名校验); WeCom has none.
    pub secret: Option<SecretString>,
    /// How much is said in the group (SEMANTICS 32).
    pub detail: Detail,
    /// Whether messages carry the confirm link: whoever reads the group may press it.
    pub confirm_link: bool,
    /// A word that the robot demands in each message (自定义关键词); empty: none.
    pub keyword: String,
    /// Bound on one request.
    pub timeout: Duration,
    /// Whether a private or loopback address is allowed (a private deployment).
    pub allow_private: bool,
}

/// What a webhook is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookFormat {
    /// The body's template, or our own JSON when there is none.
    Json,
    /// The body that Prometheus Alertmanager sends to its webhook receivers, version 4.
    Alertmanager,
}

/// A `[[webhook]]`.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// The name that contacts use.
    pub name: String,
    /// What it is sent.
    pub format: HookFormat,
    /// How it is called.
    pub gateway: GatewaySettings,
}

/// The `[ntfy]` table.
#[derive(Debug, Clone)]
pub struct NtfySettings {
    /// The server, without a slash at its end.
    pub url: String,
    /// Access token, when topics are protected.
    pub token: Option<SecretString>,
    /// How much is said (SEMANTICS 32).
    pub detail: Detail,
    /// Bound on one request.
    pub timeout: Duration,
    /// Whether a private or loopback address is allowed (a server of the office's own).
    pub allow_private: bool,
}

const KINDS: [Word<RobotKind>; 3] = [
    ("wecom", "企业微信", RobotKind::WeCom),
    ("dingtalk", "钉钉", RobotKind::DingTalk),
    ("feishu", "飞书", RobotKind::Feishu),
];

const FORMATS: [Word<HookFormat>; 2] =
    [("json", "JSON", HookFormat::Json), ("alertmanager", "Alertmanager", HookFormat::Alertmanager)];

fn detail(table: &Table<'_>) -> Detail {
    table.word("detail", &DETAILS).map_or(Detail::Brief, Spot::into_inner)
}

/// Reads `[[robot]]`; faults go to the table's sheet.
pub(in crate::config) fn read_robots(top: &Table<'_>) -> Vec<RobotSettings> {
    let mut names = BTreeSet::new();
    top.tables("robot").iter().filter_map(|table| read_robot(table, &mut names)).collect()
}

fn read_robot(table: &Table<'_>, names: &mut BTreeSet<String>) -> Option<RobotSettings> {
    let name = own_name(table, "值班群", names);
    let kind = table.word("kind", &KINDS);
    if !table.has("kind") {
        let hint = "加一行 kind = \"企业微信\"、\"钉钉\" 或 \"飞书\"";
        table.sheet().fault(table.span(), "[robot] 缺少 kind", hint);
    }
    let key = table.secret("key");
    if !table.has("key") {
        let hint = "加一行 key = \"credential:robot-key\"，里面放群机器人的 Webhook 地址";
        table.sheet().fault(table.span(), "[robot] 缺少 key", hint);
    }
    let secret = table.secret("secret");
    let detail = detail(table);
    let confirm_link = table.flag("confirm_link", false);
    let keyword = table.text("keyword").map(Spot::into_inner).unwrap_or_default();
    let timeout = timeout(table, 15);
    let allow_private = table.flag("allow_private", false);
    table.finish();
    let kind = kind?.into_inner();
    if kind == RobotKind::WeCom && table.has("secret") {
        let hint = "删去 secret；企业微信的机器人只靠 Webhook 地址";
        table.sheet().fault(table.place_of("secret"), "企业微信的机器人没有签名密钥", hint);
    }
    Some(RobotSettings {
        name: name?,
        kind,
        key: key?,
        secret,
        detail,
        confirm_link,
        keyword,
        timeout,
        allow_private,
    })
}

/// Reads `[[webhook]]`; faults go to the table's sheet.
pub(in crate::config) fn read_webhooks(top: &Table<'_>) -> Vec<WebhookSettings> {
    let mut names = BTreeSet::new();
    let mut hooks = Vec::new();
    for table in top.tables("webhook") {
        let name = own_name(&table, "指挥平台", &mut names);
        let format = table.word("format", &FORMATS).map_or(HookFormat::Json, Spot::into_inner);
        let gateway = read_gateway(&table, 15);
        table.finish();
        if format == HookFormat::Alertmanager && table.has("body") {
            let hint = "删去 body，或删去 format = \"alertmanager\"";
            table.sheet().fault(table.place_of("body"), "Alertmanager 的格式是固定的", hint);
        }
        if let (Some(name), Some(gateway)) = (name, gateway) {
            hooks.push(WebhookSettings { name, format, gateway });
        }
    }
    hooks
}

/// Reads `[ntfy]`; faults go to the table's sheet.
pub(in crate::config) fn read_ntfy(table: &Table<'_>) -> Option<NtfySettings> {
    let url = table.text("url").map_or_else(|| "https://ntfy.sh".to_owned(), Spot::into_inner);
    let settings = NtfySettings {
        url: url.trim_end_matches('/').to_owned(),
        token: table.secret("token"),
        detail: detail(table),
        timeout: timeout(table, 15),
        allow_private: table.flag("allow_private", false),
    };
    table.finish();
    if url::Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        return Some(settings);
    }
    let message = format!("\"{url}\" 不是 ntfy 服务器的网址");
    table.sheet().fault(table.place_of("url"), message, "写成 \"https://ntfy.sh\" 或自己的服务器");
    None
}

fn own_name(table: &Table<'_>, example: &str, names: &mut BTreeSet<String>) -> Option<String> {
    let name = table.need_text("name", example)?;
    if !names.insert(name.get_ref().clone()) {
        table.sheet().fault(name.span(), format!("{} 写了两次", name.get_ref()), "改一个名字");
    }
    Some(name.into_inner())
}
