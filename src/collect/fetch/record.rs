//! One request while it is under way, for the access log. A request that is given up half-way (the daemon
//! stops, the round is over) is written down all the same: it was sent.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{
    FetchError, Request,
    access::{AccessLog, Entry, Kind, Robots, redacted},
};
use crate::time::SharedClock;

/// A line that is written when it ends, whichever way.
pub(super) struct Record<'a> {
    log: &'a AccessLog,
    clock: &'a SharedClock,
    begun: Timestamp,
    secret: Option<secrecy::SecretString>,
    entry: Option<Entry>,
}

impl<'a> Record<'a> {
    pub fn begin(
        log: &'a AccessLog,
        clock: &'a SharedClock,
        agent: &str,
        (kind, robots): (Kind, Robots),
        request: &Request,
        url: &str,
        from: Option<&Url>,
    ) -> Self {
        let begun = clock.now();
        let secret = request.secret.clone();
        let cut = |text: &str| redacted(text, secret.as_ref());
        let entry = Entry {
            at: begun,
            source: request.source.clone(),
            kind,
            method: "GET".to_owned(),
            url: cut(url),
            sent: true,
            robots,
            contract: (robots == Robots::Contract).then(|| request.contract.clone()).flatten(),
            status: None,
            failure: None,
            bytes: 0,
            waited_ms: 0,
            took_ms: 0,
            redirected_from: from.map(|from| cut(from.as_str())),
            downgraded: from.is_some_and(|from| from.scheme() == "https" && url.starts_with("http:")),
            proxy: request.proxy.as_deref().map(cut),
            agent: agent.to_owned(),
        };
        Self { log, clock, begun, secret, entry: Some(entry) }
    }

    fn with(&mut self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = &mut self.entry {
            change(entry);
        }
    }

    /// How long the host's turn was waited for.
    pub fn waited(&mut self, waited: SignedDuration) {
        self.with(|entry| entry.waited_ms = millis(waited));
    }

    pub fn answered(&mut self, status: u16) {
        self.with(|entry| entry.status = Some(status));
    }

    pub fn received(&mut self, bytes: u64) {
        self.with(|entry| entry.bytes = bytes);
    }

    /// Ends it; how long it took.
    pub fn end(mut self, error: Option<&FetchError>) -> SignedDuration {
        // The status says what a refusal is.
        let error = error.filter(|error| !matches!(error, FetchError::Status { .. }));
        self.write(error.map(ToString::to_string))
    }

    /// Ends it: nothing went out.
    pub fn not_sent(mut self, error: &FetchError) {
        self.with(|entry| entry.sent = false);
        self.write(Some(error.to_string()));
    }

    fn write(&mut self, failure: Option<String>) -> SignedDuration {
        let took = self.clock.now().duration_since(self.begun);
        if let Some(mut entry) = self.entry.take() {
            entry.took_ms = millis(took);
            entry.failure = failure.map(|failure| self.readable(&failure));
            self.log.write(entry);
        }
        took
    }

    /// A failure's text with every address in it redacted.
    fn readable(&self, failure: &str) -> String {
        let words: Vec<String> =
            failure.split(' ').map(|word| redacted(word, self.secret.as_ref())).collect();
        redacted(&words.join(" "), self.secret.as_ref())
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        if self.entry.is_some() {
            self.write(Some("given up before the answer was whole".to_owned()));
        }
    }
}

fn millis(span: SignedDuration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(0)
}
