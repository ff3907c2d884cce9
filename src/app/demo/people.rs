//! The people of the demo: some confirm by the link in their mail, some by answering the text message, and
//! at the gravest tier the duty officer does not answer, so that the chain is seen to go on. They do what
//! people do: open the page, press the button, send a reply, register the public answer.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{County, Gateway, Mailbox, office::contact_at};
use crate::time::SharedClock;

/// How long somebody takes to read a message.
const READING: SignedDuration = SignedDuration::from_secs(2);
/// How long after the gravest alert the public answer is registered.
const ANSWERING: SignedDuration = SignedDuration::from_secs(5);
/// Largest page that somebody reads.
const LARGEST_PAGE: usize = 1_024 * 1_024;

/// The recipients of the demo's notices.
pub struct People {
    mailbox: Mailbox,
    gateway: Gateway,
    hands: Arc<Hands>,
    answered: bool,
    mails_read: usize,
    messages_read: usize,
}

/// What people act with.
struct Hands {
    gateway: Gateway,
    clock: SharedClock,
    client: reqwest::Client,
    console: String,
    reply_secret: String,
    answer: String,
}

/// What somebody does about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Deed {
    /// Opens the link and presses the button.
    Press(String),
    /// Answers the message with its code, from this number.
    Reply { phone: String, code: String },
}

impl People {
    /// The people of a county, who reach the console at `console` (`http://127.0.0.1:8686`).
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(county: &County, clock: SharedClock, console: &str) -> Result<Self, reqwest::Error> {
        // A second installation is refused, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        let hands = Hands {
            gateway: county.gateway.clone(),
            clock,
            client,
            console: console.trim_end_matches('/').to_owned(),
            reply_secret: county.reply_secret.clone(),
            answer: county.story.answer.to_owned(),
        };
        Ok(Self {
            mailbox: county.mailbox.clone(),
            gateway: county.gateway.clone(),
            hands: Arc::new(hands),
            answered: false,
            mails_read: 0,
            messages_read: 0,
        })
    }

    /// Reads what comes until `stop`; everybody acts beside the others. What goes wrong is logged: people
    /// do not stop at a fault.
    pub async fn run(mut self, stop: CancellationToken) {
        // Dropping it ends whatever is still being done.
        let mut doing = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(_) = doing.join_next() => {}
                more = self.mailbox.more_than(self.mails_read) => {
                    if !more {
                        return;
                    }
                    self.read_mails(&mut doing);
                }
                more = self.gateway.more_than(self.messages_read) => {
                    if !more {
                        return;
                    }
                    self.read_messages(&mut doing);
                }
            }
        }
    }

    fn read_mails(&mut self, doing: &mut JoinSet<()>) {
        for mail in self.mailbox.after(self.mails_read) {
            self.mails_read = mail.number;
            let subject = mail.subject();
            let contact = mail.to.first().and_then(|to| contact_at(to)).unwrap_or_default();
            if let Some(deed) = on_mail(contact, &subject, &mail.text()) {
                let hands = Arc::clone(&self.hands);
                doing.spawn(async move { hands.act(contact, deed).await });
            }
            if is_gravest(&subject) && !self.answered {
                self.answered = true;
                let hands = Arc::clone(&self.hands);
                doing.spawn(async move { hands.answer().await });
            }
        }
    }

    fn read_messages(&mut self, doing: &mut JoinSet<()>) {
        let messages = self.gateway.messages();
        for message in messages.iter().skip(self.messages_read) {
            let contact = contact_at(&message.phone).unwrap_or_default();
            if let Some(deed) = on_message(contact, &message.phone, &message.text) {
                let hands = Arc::clone(&self.hands);
                doing.spawn(async move { hands.act(contact, deed).await });
            }
        }
        self.messages_read = messages.len();
    }
}

impl Hands {
    async fn act(&self, contact: &str, deed: Deed) {
        self.later(READING).await;
        self.do_it(contact, deed).await;
    }

    async fn answer(&self) {
        self.later(ANSWERING).await;
        self.register_answer().await;
    }

    async fn later(&self, span: SignedDuration) {
        let at = self.clock.now().saturating_add(span).unwrap_or(self.clock.now());
        self.clock.sleep_until(at).await;
    }

    async fn do_it(&self, contact: &str, deed: Deed) {
        let done = match deed {
            Deed::Press(link) => self.press(&link).await,
            Deed::Reply { phone, code } => {
                let webhook = format!("{}/api/v1/sms/reply", self.console);
                let sent =
                    self.gateway.reply(&self.client, &webhook, &self.reply_secret, &phone, &code).await;
                sent.map(|status| status.as_u16())
            }
        };
        match done {
            Ok(status) => tracing::info!(contact, status, "somebody in the demo answered"),
            Err(error) => tracing::warn!(contact, %error, "somebody in the demo could not answer"),
        }
    }

    /// Opens the page first, as a person does, and presses its button.
    async fn press(&self, link: &str) -> Result<u16, reqwest::Error> {
        let page = self.client.get(link).send().await?;
        drain(page).await?;
        let pressed = self.client.post(link).header("origin", &self.console).send().await?;
        let status = pressed.status().as_u16();
        drain(pressed).await?;
        Ok(status)
    }

    /// Registers the public answer for the gravest open incident.
    async fn register_answer(&self) {
        let registered = async {
            let list = self.client.get(format!("{}/api/v1/incidents", self.console)).send().await?;
            let list: serde_json::Value = serde_json::from_slice(&drain(list).await?).unwrap_or_default();
            let Some(id) = list.pointer("/incidents/0/id").and_then(serde_json::Value::as_u64) else {
                return Ok(None);
            };
            let form = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("by", "演示·新闻发言人")
                .append_pair("text", &self.answer)
                .finish();
            let request = self.client.post(format!("{}/incidents/{id}/respond", self.console));
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let answer = request.header("origin", &self.console).body(form).send().await?;
            let status = answer.status().as_u16();
            drain(answer).await?;
            Ok::<_, reqwest::Error>(Some(status))
        };
        match registered.await {
            Ok(status) => tracing::info!(?status, "the demo's public answer was registered"),
            Err(error) => tracing::warn!(%error, "the demo's public answer could not be registered"),
        }
    }
}

/// Reads a page to its end, within bounds.
async fn drain(mut page: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = page.chunk().await? {
        if body.len() + chunk.len() > LARGEST_PAGE {
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn is_gravest(words: &str) -> bool {
    words.contains("特别重大")
}

/// 较大: the duty officer confirms by the link. 重大: by text message. 特别重大: the duty officer is away; who is
/// told next, and the superior's duty room, confirm by the link.
fn on_mail(contact: &str, subject: &str, text: &str) -> Option<Deed> {
    let link = text.split_whitespace().find(|word| word.starts_with("http") && word.contains("/confirm/"));
    let silent = contact == "值班员" && subject.contains("重大");
    link.filter(|_| !silent).map(|link| Deed::Press(link.to_owned()))
}

fn on_message(contact: &str, phone: &str, text: &str) -> Option<Deed> {
    let is_major = text.contains("重大") && !is_gravest(text);
    if contact != "值班员" || !is_major {
        return None;
    }
    let code = text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6);
    code.map(|code| Deed::Reply { phone: phone.to_owned(), code: code.to_owned() })
}
