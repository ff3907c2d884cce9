//! `yuqing send-test CONTACT`: one test message by each of the contact's channels, through the very
//! code that sends alerts. Nothing is stored.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use serde_json::json;

use super::{Common, WrongInput};
use crate::{
    config::{
        self, Folder,
        contacts::{CHANNELS, chinese},
    },
    dispatch::{Channels, ConfirmKey, Proof, Texts, prove},
    locale::Locale,
    model::ChannelKind,
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
    let (channels, texts) = (Channels::new(&office.settings)?, Texts::of(&office, &any_key()?, None));
    for channel in contact.channels.iter().copied().filter(|one| args.channel.is_none_or(|only| only == *one))
    {
        let proof = runtime.block_on(prove(&office, &channels, &texts, contact, channel, System.now()));
        failed |= proof.proved.is_bad();
        print(&contact.name, &proof, common.json, &mut out)?;
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn print(contact: &str, proof: &Proof, as_json: bool, out: &mut impl Write) -> io::Result<()> {
    let Proof { channel, address, proved, why, parts } = proof;
    if as_json {
        let line = json!({
            "contact": contact, "channel": channel.id(), "address": address, "outcome": proved.id(), "why": why,
            "parts": parts,
        });
        return writeln!(out, "{line}");
    }
    let words = proved.words(Locale::ZhCn);
    let parts = if *parts > 0 { format!("，按 70 字一条计 {parts} 条") } else { String::new() };
    writeln!(out, "{contact} {} {address} {words}{parts} {why}", channel.id())
}

/// A test message asks nobody to confirm, so no link will ever be checked against this key.
fn any_key() -> anyhow::Result<ConfirmKey> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(ConfirmKey::from_bytes(key))
}
