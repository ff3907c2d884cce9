//! Takes the office's files as they come into force to the rooms that go by them, and tells the
//! administrators which file is broken while its last good state stays in force.
//!
//! A topic watch begins and ends without any file being touched: at that instant the rooms get a matcher of
//! the lists that are then in force.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    config::{Fault, InForce, Office},
    console::{self, keywords::Keywords},
    desk::{Input, Operations, Setup},
    dispatch::ConfirmKey,
    keyword::{self, Matcher},
    store::{Inbox, SharedStore},
    time::SharedClock,
};

/// The channels by which rooms learn what is in force.
pub(super) struct Rooms {
    pub setup: watch::Sender<Setup>,
    pub matcher: watch::Sender<Arc<Matcher>>,
    pub console: watch::Sender<Arc<console::Settings>>,
    pub store: SharedStore,
    pub inbox: Inbox,
    pub clock: SharedClock,
    pub confirm: ConfirmKey,
    pub public_url: Option<String>,
    /// The instant for which the matcher was built that the rooms began with. UTC.
    pub matched_at: Timestamp,
}

/// What the console goes by; `own` stands for a public address that the settings do not name (the demo).
pub(super) fn console_of(
    office: &Arc<Office>,
    keywords: Keywords,
    confirm: &ConfirmKey,
    own: Option<&str>,
) -> console::Settings {
    let mut settings = console::Settings::of(office, confirm.clone());
    settings.keywords = keywords;
    settings.office = Some(Arc::clone(office));
    settings.public_url = settings.public_url.or_else(|| own.map(str::to_owned));
    settings
}

impl Rooms {
    /// Runs until `cancel`.
    pub(super) async fn run(mut self, mut office: watch::Receiver<InForce>, cancel: CancellationToken) {
        let mut broken: BTreeMap<String, String> = BTreeMap::new();
        let clock = Arc::clone(&self.clock);
        let began_with = Arc::clone(&office.borrow().office);
        self.keep_rules(&began_with).await;
        self.keep_files(&began_with).await;
        loop {
            let next = office.borrow().office.next_topic_change(self.matched_at).unwrap_or(Timestamp::MAX);
            let saved = tokio::select! {
                () = cancel.cancelled() => return,
                changed = office.changed() => if changed.is_err() { return } else { true },
                () = clock.sleep_until(next) => false,
            };
            let in_force = office.borrow_and_update().clone();
            self.take(&in_force).await;
            if saved {
                self.keep_rules(&in_force.office).await;
                self.keep_files(&in_force.office).await;
                info!(
                    units = in_force.office.units.len(),
                    sources = in_force.office.sources.len(),
                    "the office's files are in force"
                );
                self.tell_faults(&in_force.faults, &mut broken).await;
            } else {
                info!("a topic watch began or ended");
            }
        }
    }

    /// Tells the store which rules there are, those of topics that have not begun or are over included, so that
    /// what was counted of a rule goes with the rule and not before.
    async fn keep_rules(&self, office: &Office) {
        let rules = keyword::usage::rules_of(&office.lists);
        if let Err(error) = self.store.keep_rules(rules, self.clock.now()).await {
            warn!(%error, "the rules could not be noted; how often new ones hit is counted after the next change");
        }
    }

    /// Keeps the files' contents in their history, whoever changed them.
    async fn keep_files(&self, office: &Arc<Office>) {
        if let Err(error) = console::files::keep_found(&self.store, office, self.clock.now()).await {
            warn!(%error, "the files' versions could not be kept; the next change keeps them");
        }
    }

    async fn take(&mut self, in_force: &InForce) {
        let office = &in_force.office;
        self.matched_at = self.clock.now();
        let lists = office.lists_at(self.matched_at);
        match tokio::task::spawn_blocking(move || Matcher::new(lists)).await {
            Ok(matcher) => {
                self.matcher.send_replace(Arc::new(matcher));
            }
            Err(error) => warn!(%error, "the keyword lists could not be built; the last ones stay"),
        }
        self.setup.send_replace(office.setup());
        let keywords = Keywords::of(office, self.matcher.borrow().clone(), &in_force.faults);
        let console = console_of(office, keywords, &self.confirm, self.public_url.as_deref());
        self.console.send_replace(Arc::new(console));
    }

    /// One notice a broken file; another when it is mended.
    async fn tell_faults(&self, faults: &[Fault], broken: &mut BTreeMap<String, String>) {
        let mut now_broken: BTreeMap<String, String> = BTreeMap::new();
        for fault in faults {
            let subject = format!("file/{}", fault.file.display());
            let text = now_broken.entry(subject).or_default();
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&fault.to_string());
        }
        for subject in broken.keys().filter(|subject| !now_broken.contains_key(*subject)) {
            self.tell(subject, false, "已恢复").await;
        }
        for (subject, text) in &now_broken {
            if !broken.contains_key(subject) {
                warn!(%subject, "a file of the office is wrong; its last good state stays in force");
                self.tell(subject, true, &format!("{text}\n在改好之前，上一份正确的内容继续有效。")).await;
            }
        }
        *broken = now_broken;
    }

    async fn tell(&self, subject: &str, broken: bool, text: &str) {
        let operations = Operations { subject: subject.to_owned(), broken, text: text.to_owned() };
        // While stopping nobody is told; the next start reads the files anew.
        let _ = self.inbox.put(Input::Operations(operations)).await;
    }
}
