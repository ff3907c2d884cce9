//! The demo's mailbox: a real listener for SMTP that keeps what it is given, so that the demo's mails go
//! through a real conversation and can be read in the console.

use std::{
    borrow::Cow,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::smtp;
use crate::time::SharedClock;

/// Mails kept at most; more are still accepted, the oldest go.
const KEPT: usize = 5_000;

/// One mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its number in the mailbox, from 1.
    pub number: usize,
    /// When it was accepted. UTC.
    pub at: Timestamp,
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The mail as it came over the wire, dots unstuffed.
    pub raw: Vec<u8>,
}

impl Mail {
    fn read(&self) -> Option<Message<'_>> {
        MessageParser::default().parse(&self.raw)
    }

    /// The decoded subject.
    #[must_use]
    pub fn subject(&self) -> String {
        self.read().and_then(|mail| mail.subject().map(str::to_owned)).unwrap_or_default()
    }

    /// A header's raw value, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.read()?.header_raw(name).map(|value| value.trim().to_owned())
    }

    /// The text part, decoded; empty when there is none.
    #[must_use]
    pub fn text(&self) -> String {
        self.read().and_then(|mail| mail.body_text(0).map(Cow::into_owned)).unwrap_or_default()
    }

    /// The HTML part, decoded.
    #[must_use]
    pub fn html(&self) -> Option<String> {
        self.read()?.body_html(0).map(Cow::into_owned)
    }

    /// Files that came with it, by name.
    #[must_use]
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let Some(mail) = self.read() else { return Vec::new() };
        let file =
            |part: &MessagePart<'_>| Some((part.attachment_name()?.to_owned(), part.contents().to_vec()));
        mail.attachments().filter_map(file).collect()
    }
}

/// The mailbox. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailbox {
    address: SocketAddr,
    kept: Arc<Mutex<Vec<Mail>>>,
    count: watch::Receiver<usize>,
}

impl Mailbox {
    /// Listens on a free port of loopback until `stop`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn open(
        clock: SharedClock,
        stop: &CancellationToken,
        tasks: &TaskTracker,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (counted, count) = watch::channel(0);
        let room = Room { kept: Arc::clone(&kept), counted: Arc::new(counted), clock };
        let (stop, inner) = (stop.clone(), tasks.clone());
        tasks.spawn(async move {
            let ended = stop.clone();
            tokio::select! {
                () = stop.cancelled() => {}
                () = room.receive(listener, ended, inner) => {}
            }
        });
        Ok(Self { address, kept, count })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// All mails kept, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Mails with a number above this one, oldest first.
    #[must_use]
    pub fn after(&self, number: usize) -> Vec<Mail> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().filter(|mail| mail.number > number).cloned().collect()
    }

    /// Waits until more than `seen` mails have come; `false` when the mailbox has closed.
    pub async fn more_than(&self, seen: usize) -> bool {
        self.count.clone().wait_for(|count| *count > seen).await.is_ok()
    }
}

struct Room {
    kept: Arc<Mutex<Vec<Mail>>>,
    counted: Arc<watch::Sender<usize>>,
    clock: SharedClock,
}

impl Room {
    async fn receive(&self, listener: TcpListener, stop: CancellationToken, tasks: TaskTracker) {
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "the demo's mailbox could not take a connection");
                    continue;
                }
            };
            let (kept, counted) = (Arc::clone(&self.kept), Arc::clone(&self.counted));
            let (clock, stop) = (Arc::clone(&self.clock), stop.clone());
            tasks.spawn(async move {
                let talk = smtp::converse(stream, |mail| keep(&kept, &counted, clock.now(), mail));
                tokio::select! {
                    () = stop.cancelled() => {}
                    ended = talk => if let Err(error) = ended {
                        tracing::debug!(%error, "a conversation with the demo's mailbox broke off");
                    },
                }
            });
        }
    }
}

fn keep(kept: &Mutex<Vec<Mail>>, counted: &watch::Sender<usize>, at: Timestamp, mail: smtp::Received) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let number = kept.last().map_or(1, |last| last.number + 1);
    if kept.len() >= KEPT {
        kept.remove(0);
    }
    kept.push(Mail { number, at, from: mail.from, to: mail.to, raw: mail.raw });
    drop(kept);
    counted.send_replace(number);
}
