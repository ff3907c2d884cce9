//! 测试联系人: a test message by each channel of a contact, sent by the very channels of the alerts, noted in the audit
//! before anything goes out. Whoever presses the button again and again waits: a contact gets one a minute.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{extract::RawForm, response::Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    super::{
        fault::Fault,
        fields::Fields,
        view::{clean, words},
        visit::Visit,
    },
    contacts::show_tested,
    office,
};
use crate::{
    config::{Office, contacts::called},
    dispatch::{Channels, Proof, Texts, prove},
    locale::Locale,
    model::{Act, ChannelKind, Contact},
};

/// Between two tests of one contact.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// Tests of all contacts in ten minutes.
const MOST: usize = 20;
const SPAN: SignedDuration = SignedDuration::from_mins(10);
/// How long one channel is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who was tested lately.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Turnstile(Arc<Mutex<Vec<(String, Timestamp)>>>);

impl Turnstile {
    /// Lets a test through, or says when it may be tried again.
    fn pass(&self, contact: &str, now: Timestamp) -> Result<(), Timestamp> {
        let mut passed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        passed.retain(|(_, at)| now.duration_since(*at) < SPAN);
        let own = passed.iter().filter(|(name, _)| name == contact).map(|(_, at)| *at + PAUSE).max();
        let all = passed.first().filter(|_| passed.len() >= MOST).map(|(_, at)| *at + SPAN);
        match own.into_iter().chain(all).filter(|until| now < *until).max() {
            Some(until) => Err(until),
            None => {
                passed.push((contact.to_owned(), now));
                Ok(())
            }
        }
    }
}

/// What came of a test.
#[derive(Debug, Serialize)]
pub(super) struct Proved {
    contact: String,
    ways: Vec<Way>,
}

#[derive(Debug, Serialize)]
struct Way {
    channel: &'static str,
    address: String,
    words: &'static str,
    class: &'static str,
    why: String,
}

impl Way {
    fn of(proof: &Proof, locale: Locale) -> Self {
        use crate::dispatch::Proved as Came;
        let class = match proof.proved {
            Came::Accepted => "good",
            Came::Shown | Came::Task => "off",
            Came::Failed | Came::Refused => "bad",
        };
        Self {
            channel: words::channel(proof.channel, locale),
            address: clean(&proof.address),
            words: proof.proved.words(locale),
            class,
            why: clean(&proof.why),
        }
    }
}

/// `POST /plan/contacts/test`: the contacts again, with what came of it.
pub(in super::super) async fn act(room: Visit, RawForm(form): RawForm) -> Response {
    test(&room, &Fields::of(&form)).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn test(room: &Visit, fields: &Fields) -> Result<Response, Fault> {
    let (settings, office) = (room.settings(), office(room)?);
    let locale = settings.locale;
    let unit = Some(fields.get("unit").to_owned()).filter(|unit| !unit.is_empty());
    let name = match &unit {
        Some(unit) if !room.person.sees(unit) => return Err(Fault::Nowhere),
        Some(unit) => called(unit, fields.get("name")),
        None => fields.get("name").to_owned(),
    };
    let everybody = office.contacts.everybody();
    let Some(contact) = everybody.iter().find(|contact| contact.name == name) else {
        let words = "这位联系人还没有生效（文件刚改过，或现在有错），几秒后再试";
        return show_tested(room, Err(locale.pick(words, "this contact is not in force yet").to_owned()))
            .await;
    };
    let by = match room.signed(fields.get("by")) {
        Ok(by) => by,
        Err(words) => return show_tested(room, Err(words.to_owned())).await,
    };
    if let Err(until) = room.proofs.pass(&name, room.now()) {
        let seconds = until.duration_since(room.now()).as_secs().max(1);
        let words = match locale {
            Locale::ZhCn => {
                format!("刚测试过，请 {seconds} 秒后再试：每位联系人一分钟一次，全部联系人十分钟 {MOST} 次")
            }
            Locale::En => format!("tested a moment ago; try again in {seconds} s"),
        };
        return show_tested(room, Err(words)).await;
    }
    room.act(Act::TestContact { contact: name, unit, by }, None).await?;
    let channels = Channels::new(&office.settings).map_err(|problem| Fault::File(problem.to_string()))?;
    let texts = Texts::of(&office, &settings.confirm_key, settings.public_url.as_deref());
    let proofs = all_ways(&office, channels, texts, contact, room.now(), locale).await;
    let ways = proofs.iter().map(|proof| Way::of(proof, locale)).collect();
    show_tested(room, Ok(Proved { contact: clean(&contact.name), ways })).await
}

/// All channels at once, each within its time, in their order.
async fn all_ways(
    office: &Arc<Office>,
    channels: Channels,
    texts: Texts,
    contact: &Contact,
    now: Timestamp,
    locale: Locale,
) -> Vec<Proof> {
    let mut tasks = Vec::new();
    for channel in contact.channels.iter().copied() {
        let (office, channels, texts) = (Arc::clone(office), channels.clone(), texts.clone());
        let contact = contact.clone();
        let task = async move {
            let proving = prove(&office, &channels, &texts, &contact, channel, now);
            tokio::time::timeout(PATIENCE, proving).await.ok()
        };
        tasks.push((channel, tokio::spawn(task)));
    }
    let mut proofs = Vec::new();
    for (channel, task) in tasks {
        proofs.push(task.await.ok().flatten().unwrap_or_else(|| late(channel, locale)));
    }
    proofs
}

fn late(channel: ChannelKind, locale: Locale) -> Proof {
    let why = locale.pick("20 秒没有应答", "no answer within 20 s").to_owned();
    Proof { channel, address: String::new(), proved: crate::dispatch::Proved::Failed, why, parts: 0 }
}
