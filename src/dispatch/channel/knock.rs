//! A knock at the door of a channel: whether its service is there, lets us in and would listen, without a
//! message to anybody.
//!
//! How far a knock may go without harm differs. A mail server is greeted, logged in to and asked for NOOP;
//! of mailboxes in our own domain, of which it knows the truth, it is also asked whether it would take mail
//! for them. A service by HTTP is connected to, its certificate looked at, and asked by `OPTIONS /` for
//! nothing: never at the address that messages go to, for programs that take any request there for a message
//! exist, and without the key, which cannot be tried without being used.

use std::{future::Future, pin::Pin, time::Duration};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode, Url};

use super::{
    Channel, Channels,
    http::{Http, told},
};
use crate::{
    locale::Locale,
    model::{ChannelKind, Contact},
};

/// A knock is not the place to wait for a slow service.
pub(super) const LONGEST: Duration = Duration::from_secs(15);

/// A door that did not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shut {
    /// The robot, the webhook or the mailbox; `None`: the channel's one service as a whole.
    pub at: Option<String>,
    /// Whether it is the door by which messages come back: nothing goes out there.
    pub incoming: bool,
    /// Why, in the office's language, without secrets or whole addresses.
    pub why: String,
}

impl Shut {
    pub(super) fn whole(why: String) -> Vec<Self> {
        vec![Self { at: None, incoming: false, why }]
    }

    /// One of several doors.
    pub(super) const fn at(place: String, why: String) -> Self {
        Self { at: Some(place), incoming: false, why }
    }

    /// The mailbox that mails come back to.
    pub(super) fn incoming(why: String) -> Vec<Self> {
        vec![Self { at: None, incoming: true, why }]
    }
}

/// A knock on its way; it gives the doors that did not open.
pub type Knocking<'a> = Pin<Box<dyn Future<Output = Vec<Shut>> + Send + 'a>>;

/// A door of a channel that did not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// Which channel.
    pub channel: ChannelKind,
    /// What of it, and why.
    pub shut: Shut,
}

impl Unreached {
    /// Whether this contact's messages would go through that door.
    #[must_use]
    pub fn concerns(&self, contact: &Contact) -> bool {
        let by_it = contact.channels.contains(&self.channel);
        by_it && (self.shut.at.is_none() || contact.address(self.channel) == self.shut.at)
    }
}

impl Channels {
    /// Knocks at every channel that is set up, all at once; nothing is sent to anybody. Of the contacts,
    /// what a channel can ask about is asked. Bounded to about 15 s.
    pub async fn knock(&self, contacts: &[Contact], locale: Locale) -> Vec<Unreached> {
        let each = self.channels.iter().map(|channel| knock_at(channel.as_ref(), contacts, locale));
        join_all(each).await.concat()
    }
}

async fn knock_at(channel: &dyn Channel, contacts: &[Contact], locale: Locale) -> Vec<Unreached> {
    let kind = channel.kind();
    let of_channel = contacts.iter().filter(|contact| contact.channels.contains(&kind));
    let mut addresses: Vec<String> = of_channel.filter_map(|contact| contact.address(kind)).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let shut = channel.knock(&addresses, locale).await;
    shut.into_iter().map(|shut| Unreached { channel: kind, shut }).collect()
}

impl Http {
    /// Connects to a service and asks it for nothing.
    ///
    /// # Errors
    /// Why it cannot be reached, without the address, which may be as good as a password.
    pub(super) async fn knock(&self, url: &Url, locale: Locale) -> Result<(), String> {
        if !self.may_call(url) {
            let words = locale.pick("是内网地址，要写 allow_private = true", "not public; set allow_private");
            return Err(words.to_owned());
        }
        let request = self.client.request(Method::OPTIONS, root(url)).build().map_err(told)?;
        let answer = match tokio::time::timeout(LONGEST, self.client.execute(request)).await {
            Ok(answer) => answer.map_err(told)?,
            Err(_) => return Err(locale.pick("没有及时回答", "no answer in time").to_owned()),
        };
        let gone = [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];
        // Any other answer shows that somebody is there; few services know what to say to this question.
        if gone.contains(&answer.status()) {
            Err(format!("HTTP {}", answer.status().as_u16()))
        } else {
            Ok(())
        }
    }
}

/// The service's front door: nothing of the path, the query or a login in the address.
fn root(url: &Url) -> Url {
    let mut root = url.clone();
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    // Both fail only for addresses without a host, which cannot be called.
    let _ = root.set_username("");
    let _ = root.set_password(None);
    root
}
