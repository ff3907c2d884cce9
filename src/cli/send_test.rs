//! `yuqing send-test CONTACT`: one test message by each of the contact's channels, through the very
//! code that sends alerts. Nothing is stored.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use jiff::Timestamp;
use serde_json::json;

use super::{Common, WrongInput};
use crate::{
    config::{self, Folder, Office},
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
    --json prints one object a channel {contact,channel,address,outcome,why}."
)]
pub struct Args {
    /// Name of the contact, as in contacts.toml.
    #[arg(value_name = "CONTACT")]
    contact: String,
}

/// Runs it.
///
/// # Errors
/// A wrong file of the office, a contact that is not there, a channel that cannot be set up.
#[expect(clippy::needless_pass_by_value, reason = "every command has this shape")]
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    let (office, _) = config::load(&folder).map_err(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        WrongInput(shown.join("\n\n"))
    })?;
    let contact = office.contacts.iter().find(|contact| contact.name == args.contact);
    let contact = contact.ok_or_else(|| {
        let names: Vec<&str> = office.contacts.iter().map(|contact| contact.name.as_str()).collect();
        WrongInput(format!("没有联系人 {}。已有: {}", args.contact, names.join("、")))
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut out = io::stdout().lock();
    let mut failed = false;
    for channel in contact.channels.iter().copied() {
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
}

impl Told<'_> {
    fn print(&self, as_json: bool, out: &mut impl Write) -> io::Result<()> {
        let Self { contact, channel, address, outcome, why, .. } = self;
        if as_json {
            let line = json!({
                "contact": contact, "channel": channel.id(), "address": address, "outcome": outcome, "why": why,
            });
            return writeln!(out, "{line}");
        }
        let words = match *outcome {
            "accepted" => "已受理",
            "shown" => "练习，没有发送",
            "task" => "电话由值班台拨打，没有发送",
            _ => "没有受理",
        };
        writeln!(out, "{contact} {} {address} {words} {why}", channel.id())
    }
}

async fn send<'a>(office: &Office, contact: &'a Contact, channel: ChannelKind) -> anyhow::Result<Told<'a>> {
    let address = match channel {
        ChannelKind::Email => contact.email.clone(),
        ChannelKind::Sms | ChannelKind::Phone => contact.phone.clone(),
        ChannelKind::Exercise => None,
    };
    let address = address.unwrap_or_default();
    let shown = if address.is_empty() { String::new() } else { masked(&address) };
    let told = |outcome, why: String, failed| Told {
        contact: &contact.name,
        channel,
        address: shown.clone(),
        outcome,
        why,
        failed,
    };
    match channel {
        ChannelKind::Exercise => return Ok(told("shown", String::new(), false)),
        ChannelKind::Phone => return Ok(told("task", String::new(), false)),
        ChannelKind::Email | ChannelKind::Sms => {}
    }
    let now = System.now();
    let channels = Channels::new(office.settings.email.clone(), office.settings.sms.clone())?;
    let verdict = channels.send(&notice(office, contact, channel, address, now), &texts(office)?, now).await;
    Ok(match verdict {
        Verdict::Accepted => told("accepted", String::new(), false),
        Verdict::Retry { why, .. } => told("failed", why, true),
        Verdict::Refused { why } => told("refused", why, true),
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
        facts,
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
        details: office.contacts.iter().map(|contact| (contact.name.clone(), contact.detail)).collect(),
    })
}
