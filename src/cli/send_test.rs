//! `yuqing send-test CONTACT`: one test message by each of the contact's channels, through the very
//! code that sends alerts. Nothing is stored.

use std::sync::Arc;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use jiff::Timestamp;
use serde_json::json;

use super::{Common, WrongInput};
use crate::{
    config::{
        self, Folder, Office,
        contacts::{CHANNELS, chinese},
    },
    dispatch::{
        ConfirmKey, Texts,
        channel::{Channels, Verdict, masked},
    },
    model::{ChannelKind, Contact, Facts, Notice, NoticeId, NoticeKind, NoticeState},
    time::{Clock as _, System},
};

/// Arguments of `send-test`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every real channel accepted, 1 one did not, 2 no such contact or a wrong file.\n\
    --json prints one object a channel {contact,channel,address,outcome,why,parts}; parts: text messages, 0 when \
    not counted."
)]
pub struct Args {
    /// Name of the contact, as in contacts.toml.
    #[arg(value_name = "CONTACT", required_unless_present = "named")]
    contact: Option<String>,
    /// The same, as an option.
    #[arg(long = "contact", value_name = "CONTACT", conflicts_with = "contact")]
    named: Option<String>,
    /// Only this channel of the contact's, by id or in Chinese (email, 短信, robot…).
    #[arg(long, value_name = "CHANNEL", value_parser = channel)]
    channel: Option<ChannelKind>,
}

fn channel(written: &str) -> Result<ChannelKind, String> {
    let found = CHANNELS.iter().find(|(id, chinese, _)| *id == written || *chinese == written);
    found.map(|(.., kind)| *kind).ok_or_else(|| {
        let known: Vec<&str> = CHANNELS.iter().map(|(id, ..)| *id).collect();
        format!("one of {}", known.join(", "))
    })
}

/// Runs it.
///
/// # Errors
/// A wrong file of the office, a contact that is not there, a channel that cannot be set up.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    let (office, _) = config::load(&folder).map_err(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        WrongInput(shown.join("\n\n"))
    })?;
    let name = args.contact.or(args.named).unwrap_or_default();
    let everybody = office.contacts.everybody();
    let contact = everybody.iter().find(|contact| contact.name == name);
    let contact = contact.ok_or_else(|| {
        let names: Vec<&str> = everybody.iter().map(|contact| contact.name.as_str()).collect();
        WrongInput(format!("没有联系人 {name}。已有: {}", names.join("、")))
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut out = io::stdout().lock();
    let mut failed = false;
    if let Some(channel) = args.channel
        && !contact.channels.contains(&channel)
    {
        let words = format!("联系人 {name} 没有通道 {}，先写进 contacts.toml 的 channels", chinese(channel));
        return Err(WrongInput(words).into());
    }
    for channel in contact.channels.iter().copied().filter(|one| args.channel.is_none_or(|only| only == *one))
    {
        let told = runtime.block_on(send(&office, contact, channel))?;
        failed |= told.failed;
        told.print(common.json, &mut out)?;
    }
    Ok(ExitCode::from(u8::from(failed)))
}

/// What came of one channel.
struct Told<'a> {
    contact: &'a str,
    channel: ChannelKind,
    address: String,
    outcome: &'static str,
    why: String,
    failed: bool,
    parts: u32,
}

impl Told<'_> {
    fn print(&self, as_json: bool, out: &mut impl Write) -> io::Result<()> {
        let Self { contact, channel, address, outcome, why, parts, .. } = self;
        if as_json {
            let line = json!({
                "contact": contact, "channel": channel.id(), "address": address, "outcome": outcome, "why": why,
                "parts": parts,
            });
            return writeln!(out, "{line}");
        }
        let words = match *outcome {
            "accepted" => "已受理",
            "shown" => "练习，没有发送",
            "task" => "电话由值班台拨打，没有发送",
            _ => "没有受理",
        };
        let parts = if *parts > 0 { format!("，按 70 字一条计 {parts} 条") } else { String::new() };
        writeln!(out, "{contact} {} {address} {words}{parts} {why}", channel.id())
    }
}

async fn send<'a>(office: &Office, contact: &'a Contact, channel: ChannelKind) -> anyhow::Result<Told<'a>> {
    let address = contact.address(channel).unwrap_or_default();
    let shown = match channel {
        // Names of the office's own, nothing to hide.
        ChannelKind::Robot | ChannelKind::Webhook => address.clone(),
        _ if address.is_empty() => String::new(),
        _ => masked(&address),
    };
    let told = |outcome, why: String, failed, parts| Told {
        contact: &contact.name,
        channel,
        address: shown.clone(),
        outcome,
        why,
        failed,
        parts,
    };
    match channel {
        ChannelKind::Exercise => return Ok(told("shown", String::new(), false, 0)),
        ChannelKind::Phone => return Ok(told("task", String::new(), false, 0)),
        _ => {}
    }
    let now = System.now();
    let channels = Channels::new(&office.settings)?;
    let (notice, texts) = (notice(office, contact, channel, address, now), texts(office)?);
    let parts = channels.parts(&notice, &texts, now);
    let verdict = channels.send(&notice, &texts, now).await;
    Ok(match verdict {
        Verdict::Accepted => told("accepted", String::new(), false, parts),
        Verdict::Retry { why, .. } => told("failed", why, true, parts),
        Verdict::Refused { why } => told("refused", why, true, parts),
    })
}

fn notice(
    office: &Office,
    contact: &Contact,
    channel: ChannelKind,
    address: String,
    now: Timestamp,
) -> Notice {
    let plan = office.units.first().and_then(|unit| office.plans.get(&unit.plan));
    let facts = Facts {
        unit: office.units.first().map(|unit| unit.name.clone()).unwrap_or_default(),
        plan_title: plan.map(|plan| plan.title.clone()).unwrap_or_default(),
        mark: plan.and_then(|plan| plan.exercise_mark.clone()),
        tier_name: "测试".to_owned(),
        note: "这是一条测试消息，用来确认收得到通知，不必处理。".to_owned(),
        ..Facts::default()
    };
    Notice {
        id: NoticeId(format!("test/{}/{}/{}", contact.name, channel.id(), now.as_millisecond())),
        incident: None,
        kind: NoticeKind::Test,
        rank: 0,
        contact: contact.name.clone(),
        channel,
        address,
        created_at: now,
        due_at: now,
        facts: Arc::new(facts),
        state: NoticeState::Pending,
    }
}

fn texts(office: &Office) -> anyhow::Result<Texts> {
    // A test message asks nobody to confirm, so no link will ever be checked against this key.
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(Texts {
        locale: office.settings.locale,
        zone: office.settings.time_zone.clone(),
        public_url: office.settings.console.public_url.clone(),
        confirm: ConfirmKey::from_bytes(key),
        replies: false,
        details: Texts::details_of(&office.readers()),
        templates: office.templates.clone(),
    })
}
