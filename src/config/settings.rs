//! `yuqing.toml`: the daemon's own settings, the units and topics that are watched for, and by which doors
//! people are reached.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use jiff::tz::TimeZone;
use secrecy::SecretString;

use crate::{
    locale::Locale,
    model::{Retention, Unit},
};

use super::{
    channels::{
        self, EmailSettings, GatewaySettings, NtfySettings, RobotSettings, SmsSettings, WebhookSettings,
    },
    console::{self, ConsoleSettings},
    heartbeat::{self, HeartbeatSettings},
    maintenance::{self, MaintenanceSettings},
    plan::zone,
    retention,
    sheet::{Sheet, Spot, Table, Word},
    source::Proxy,
    topics::{self, WrittenTopic},
};

const LOCALES: [Word<Locale>; 2] = [("zh-CN", "中文", Locale::ZhCn), ("en", "英文", Locale::En)];

/// Most rounds that a source can be made to owe a day: one every five minutes.
pub(super) const MOST_ROUNDS: u64 = 288;

/// How pages are fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSettings {
    /// The one identifying User-Agent.
    pub user_agent: String,
    /// A mailbox or page where a site's keeper can complain; goes into the User-Agent.
    pub contact: Option<String>,
    /// Bound on one request, connect to last byte.
    pub timeout: Duration,
    /// Bound on one body after decompression, in bytes.
    pub max_body_bytes: u64,
    /// Redirects followed at most.
    pub max_redirects: usize,
    /// Least pause between two requests to one host.
    pub host_pause: Duration,
    /// Requests at one time to one host.
    pub host_concurrency: usize,
    /// Requests at one time over all hosts.
    pub concurrency: usize,
    /// Folder beside the database for what collecting keeps as files (evidence) and takes from commands;
    /// filled in by the app, `None` keeps nothing.
    pub state_folder: Option<PathBuf>,
    /// How requests leave the office; `None` goes straight.
    pub proxy: Option<Proxy>,
    /// Days for which the access log is kept (SEMANTICS 31: at least six months).
    pub access_log_days: u32,
}

/// Six months and some days, so that a request within the last of them finds its day.
const ACCESS_LOG_DAYS: u32 = 200;

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            user_agent: concat!("yuqing/", env!("CARGO_PKG_VERSION")).to_owned(),
            contact: None,
            timeout: Duration::from_secs(20),
            max_body_bytes: 8 * 1024 * 1024,
            max_redirects: 5,
            host_pause: Duration::from_secs(2),
            host_concurrency: 1,
            concurrency: 16,
            state_folder: None,
            proxy: None,
            access_log_days: ACCESS_LOG_DAYS,
        }
    }
}

/// The daemon's own settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DaemonSettings {
    /// Where the database stands, as written; ask [`Office::database`](super::Office::database).
    pub database: Option<PathBuf>,
    /// Filter of the log, as `RUST_LOG` takes it.
    pub log: Option<String>,
}

/// What `yuqing.toml` says, beside its units.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Language of what the office sees.
    pub locale: Locale,
    /// IANA name of the zone in which times are shown.
    pub zone: String,
    /// The same, ready for use.
    pub time_zone: TimeZone,
    /// `[console]`.
    pub console: ConsoleSettings,
    /// `[email]`; `None`: no mail server.
    pub email: Option<EmailSettings>,
    /// `[sms]`; `None`: no gateway.
    pub sms: Option<SmsSettings>,
    /// `[[robot]]`, in their order.
    pub robots: Vec<RobotSettings>,
    /// `[[webhook]]`, in their order.
    pub webhooks: Vec<WebhookSettings>,
    /// `[ntfy]`; `None`: no server.
    pub ntfy: Option<NtfySettings>,
    /// `[voice]`; `None`: calls are tasks of the duty desk.
    pub voice: Option<GatewaySettings>,
    /// `[heartbeat]`.
    pub heartbeat: HeartbeatSettings,
    /// `[[maintenance]]`.
    pub maintenance: MaintenanceSettings,
    /// `[fetch]`.
    pub fetch: FetchSettings,
    /// `[push]`: bearer tokens by the name of the program that may push.
    pub push_tokens: BTreeMap<String, SecretString>,
    /// `[retention]`.
    pub retention: Retention,
    /// `[retention.tiers]` as written: tiers by id or name, with their days.
    pub kept_tiers: Vec<(Spot<String>, u32)>,
    /// `[daemon]`.
    pub daemon: DaemonSettings,
}

/// A unit as written: with its keyword files and the places of what other files must answer.
#[derive(Debug, Clone)]
pub struct WrittenUnit {
    /// The unit.
    pub unit: Unit,
    /// Where its plan is named.
    pub plan: Spot<String>,
    /// Its keyword files, relative to the office's folder.
    pub keywords: Vec<Spot<String>>,
    /// Whole rounds that each of its sources must make a day.
    pub rounds_a_day: Option<u32>,
    /// The unit above it that gets copies.
    pub parent: Option<WrittenParent>,
}

/// The unit above, as written.
#[derive(Debug, Clone)]
pub struct WrittenParent {
    /// Its name.
    pub unit: String,
    /// Tier from which on it is told, by id or name.
    pub from: Spot<String>,
    /// Contacts there.
    pub tell: Vec<Spot<String>>,
}

/// Reads the file; faults go to the sheet. The settings hold only when there were none.
#[must_use]
pub fn read(sheet: &Sheet<'_>) -> Option<(Settings, Vec<WrittenUnit>, Vec<WrittenTopic>)> {
    sheet.read(|top| {
        let locale = top.word("locale", &LOCALES).map(Spot::into_inner).unwrap_or_default();
        let zone = zone(top, "zone").unwrap_or_else(|| "Asia/Shanghai".to_owned());
        let time_zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
        let maintenance = maintenance::read(top, &time_zone);
        let (retention, kept_tiers) = retention::read(top);
        let settings = Settings {
            locale,
            zone,
            time_zone,
            maintenance,
            console: console::read(top),
            email: top.table("email").and_then(|table| channels::read_email(&table)),
            sms: top.table("sms").and_then(|table| channels::read_sms(&table)),
            robots: channels::read_robots(top),
            webhooks: channels::read_webhooks(top),
            ntfy: top.table("ntfy").and_then(|table| channels::read_ntfy(&table)),
            voice: top.table("voice").and_then(|table| channels::read_voice(&table)),
            heartbeat: top.table("heartbeat").map(|table| heartbeat::read(&table)).unwrap_or_default(),
            fetch: fetch(top),
            push_tokens: push_tokens(top),
            retention,
            kept_tiers,
            daemon: daemon(top),
        };
        let units = units(top);
        let topics = topics::read(top, &units);
        (settings, units, topics)
    })
}

fn fetch(top: &Table<'_>) -> FetchSettings {
    let table = top.table("fetch");
    let table = table.as_ref();
    let whole = |key, range, default: usize| {
        let written = table.and_then(|table| table.whole(key, range));
        written.and_then(|number| usize::try_from(number.into_inner()).ok()).unwrap_or(default)
    };
    let contact = table.and_then(|table| table.text("contact")).map(Spot::into_inner);
    let contact = contact.filter(|contact| !contact.is_empty());
    let written_agent = table.and_then(|table| table.text("user_agent")).map(Spot::into_inner);
    let settings = FetchSettings {
        user_agent: written_agent
            .filter(|agent| !agent.is_empty())
            .unwrap_or_else(|| concat!("yuqing/", env!("CARGO_PKG_VERSION")).to_owned()),
        contact,
        timeout: seconds(table, "timeout", 20),
        max_body_bytes: whole("max_body_mb", 1..=256, 8) as u64 * 1024 * 1024,
        max_redirects: whole("max_redirects", 0..=10, 5),
        host_pause: seconds(table, "host_pause", 2),
        host_concurrency: whole("host_concurrency", 1..=8, 1),
        concurrency: whole("concurrency", 1..=256, 16),
        state_folder: None,
        proxy: table.and_then(proxy),
        access_log_days: u32::try_from(whole("access_log_days", 183..=3660, ACCESS_LOG_DAYS as usize))
            .unwrap_or(ACCESS_LOG_DAYS),
    };
    if let Some(table) = table {
        table.finish();
    }
    settings
}

fn proxy(table: &Table<'_>) -> Option<Proxy> {
    let written = table.text("proxy").filter(|text| !text.get_ref().is_empty())?;
    let proxy = Proxy::parse(written.get_ref());
    if proxy.is_none() {
        let message = format!("不是代理的地址: {}", written.get_ref());
        let hint = "写成 \"http://10.0.0.2:3128\" 或 \"socks5h://10.0.0.2:1080\"；不写密码";
        table.sheet().fault(written.span(), message, hint);
    }
    proxy
}

fn seconds(table: Option<&Table<'_>>, key: &'static str, default_secs: u64) -> Duration {
    let written = table.and_then(|table| table.duration(key));
    written.map_or(Duration::from_secs(default_secs), |length| length.get_ref().unsigned_abs())
}

fn push_tokens(top: &Table<'_>) -> BTreeMap<String, SecretString> {
    let mut tokens = BTreeMap::new();
    for table in top.tables("push") {
        let name = table.need_text("name", "采集程序");
        let token = table.secret("token");
        if !table.has("token") {
            table.sheet().fault(
                table.span(),
                "[push] 缺少 token",
                "加一行 token = \"credential:push-token\"",
            );
        }
        table.finish();
        if let (Some(name), Some(token)) = (name, token)
            && tokens.insert(name.get_ref().clone(), token).is_some()
        {
            table.sheet().fault(name.span(), format!("推送程序 {} 写了两次", name.get_ref()), "改一个名字");
        }
    }
    tokens
}

fn daemon(top: &Table<'_>) -> DaemonSettings {
    let Some(table) = top.table("daemon") else { return DaemonSettings::default() };
    let settings = DaemonSettings {
        database: table.text("database").and_then(|path| absolute(&table, &path)),
        log: table.text("log").map(Spot::into_inner),
    };
    table.finish();
    settings
}

/// A relative path would mean another file for every folder that a command is started in.
fn absolute(table: &Table<'_>, text: &Spot<String>) -> Option<PathBuf> {
    let path = PathBuf::from(text.get_ref());
    if !path.is_absolute() {
        let message = format!("\"{}\" 不是完整的路径", text.get_ref());
        table.sheet().fault(text.span(), message, "从根目录写起: \"/var/lib/yuqing/yuqing.db\"");
        return None;
    }
    Some(path)
}

/// `parent = { unit = "市教育局", from = "较大", tell = ["局值班室"] }`.
fn parent(table: &Table<'_>) -> Option<WrittenParent> {
    let parent = table.table("parent")?;
    let unit = parent.need_text("unit", "市教育局");
    let from = parent.need_text("from", "较大");
    let tell = parent.texts("tell");
    if tell.is_empty() {
        let hint = "写成 parent = { unit = \"市教育局\", from = \"较大\", tell = [\"局值班室\"] }";
        parent.sheet().fault(parent.place_of("tell"), "没有写抄送上级单位的谁（tell）", hint);
    }
    parent.finish();
    Some(WrittenParent { unit: unit?.into_inner(), from: from?, tell })
}

fn units(top: &Table<'_>) -> Vec<WrittenUnit> {
    let tables = top.tables("unit");
    if tables.is_empty() && !top.has("unit") {
        top.sheet().fault(0..0, "没有写监测哪个单位", "加一张表 [[unit]]，里面写 name = \"单位名称\"");
    }
    let mut units: Vec<WrittenUnit> = Vec::new();
    for table in tables {
        let name = table.need_text("name", "某某单位");
        let aliases = table.texts("aliases").into_iter().map(Spot::into_inner).collect();
        let plan = table.need_text("plan", "work-safety");
        let keywords = table.texts("keywords");
        let emergency = table.flag("emergency", false);
        let rounds_a_day = table.whole("rounds_a_day", 1..=MOST_ROUNDS);
        let rounds_a_day = rounds_a_day.and_then(|number| u32::try_from(number.into_inner()).ok());
        let parent = parent(&table);
        if keywords.is_empty() {
            let hint = "写一行 keywords = [\"keywords/单位名称.txt\"]";
            table.sheet().fault(table.place_of("keywords"), "单位没有关键词文件，什么也监测不到", hint);
        }
        table.finish();
        let (Some(name), Some(plan)) = (name, plan) else { continue };
        if units.iter().any(|other| other.unit.name == *name.get_ref()) {
            table.sheet().fault(
                name.span(),
                format!("单位 {} 写了两次", name.get_ref()),
                "把关键词文件写在同一张表里",
            );
        }
        let unit = Unit { name: name.into_inner(), aliases, plan: plan.get_ref().clone(), emergency };
        units.push(WrittenUnit { unit, plan, keywords, rounds_a_day, parent });
    }
    units
}
