//! Replay: recorded observations through the very desk that decides in earnest, in virtual time. It
//! answers "what would these thresholds have done?": which tiers, notices and deadlines, when and why.
//!
//! Every notice is accepted the instant it is made, since no channel is asked; people act only by event
//! lines. Virtual time runs on after the last line, so that what nobody confirmed is seen to escalate.

mod line;
mod output;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

pub use line::{LineError, ReplayLine, read_lines};
pub use output::Printed;

use self::line::{EventKind, EventLine, IncidentRef, ObservationLine};
use crate::{
    desk::{Change, Desk, Input, Restored, Setup},
    keyword::Matcher,
    locale::Locale,
    model::{
        AckHow, Act, ChannelKind, Contact, Delivery, Detail, IncidentId, IncidentState, Mention, Notice,
        NoticeState, Outcome, Plan, PostKey, Unit,
    },
};

/// Sites first seen later than this after the file's beginning were watched before: what they show is new.
const FIRST_ROUND: SignedDuration = SignedDuration::from_mins(10);

/// What to replay under.
#[derive(Debug, Clone)]
pub struct Options {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The unit, with its aliases.
    pub unit: Unit,
    /// Names that keyword rules ask to be told (`通知:`).
    pub notify: Vec<String>,
    /// How long virtual time runs on after the last line.
    pub run_on: SignedDuration,
    /// Whether the first look at each site is the first round of a new installation (SEMANTICS 4).
    pub first_run: bool,
    /// Language of reasons.
    pub locale: Locale,
}

/// A replay under way.
pub struct Replay<'a> {
    desk: Desk,
    matcher: &'a Matcher,
    options: Options,
    posts: HashMap<PostKey, IncidentId>,
    known: output::Known,
}

impl std::fmt::Debug for Replay<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replay").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<'a> Replay<'a> {
    /// Replays `lines` (any order; they are sorted by time) and hands each printed line to `print`.
    pub fn run(
        matcher: &'a Matcher,
        options: Options,
        mut lines: Vec<ReplayLine>,
        print: &mut dyn FnMut(Printed),
    ) {
        lines.sort_by_key(|line| (line.at(), matches!(line, ReplayLine::Event(_))));
        let Some(first) = lines.first().map(ReplayLine::at) else { return };
        let last = lines.last().map_or(first, ReplayLine::at);
        let rounds = first_rounds(&lines, first);
        let mut contacts = contacts_of(&options.plan);
        for name in &options.notify {
            contacts.entry(name.clone()).or_insert_with(|| contact(name, &options.plan));
        }
        let setup = Setup {
            units: vec![(options.unit.clone(), options.plan.clone())],
            contacts,
            locale: options.locale,
        };
        let run_on = options.run_on;
        let mut replay = Self {
            desk: Desk::new(setup, Restored::default(), first),
            matcher,
            options,
            posts: HashMap::new(),
            known: output::Known::default(),
        };
        for line in &lines {
            replay.run_until(line.at(), print);
            match line {
                ReplayLine::Observation(line) => {
                    let first_round =
                        replay.options.first_run && rounds.contains(&(line.site.clone(), line.seen_at));
                    replay.observe(line, first_round, print);
                }
                ReplayLine::Event(line) => replay.event(line, print),
            }
        }
        replay.run_until(last.saturating_add(run_on).unwrap_or(Timestamp::MAX), print);
    }

    /// Lets virtual time run to `until`, one due instant after the other.
    fn run_until(&mut self, until: Timestamp, print: &mut dyn FnMut(Printed)) {
        while let Some(due) = self.desk.next_due().filter(|due| *due <= until) {
            self.take(&Input::Tick, due, print);
        }
    }

    fn observe(&mut self, line: &ObservationLine, first_round: bool, print: &mut dyn FnMut(Printed)) {
        let post = line.post();
        let mut hits = self.matcher.hits(&post.own_text(), &post.quoted);
        for hit in &mut hits {
            hit.unit.clone_from(&self.options.unit.name);
        }
        let mention = Mention {
            source: line.site.clone(),
            seen_at: line.seen_at,
            counters: line.counters(),
            own_fetch: line.own_fetch,
            first_round,
            hits,
            post,
        };
        self.take(&Input::Mention(Box::new(mention)), line.seen_at, print);
    }

    fn take(&mut self, input: &Input, now: Timestamp, print: &mut dyn FnMut(Printed)) {
        let changes = match self.desk.take(input, now) {
            Ok(changes) => changes,
            Err(refused) => {
                print(Printed::refused(now, &refused.to_string()));
                return;
            }
        };
        let mut accepted = Vec::new();
        for change in &changes {
            match change {
                Change::Post(row) => {
                    self.posts.insert(row.post.key.clone(), row.incident);
                }
                Change::Notice(notice) if notice.state == NoticeState::Pending => {
                    accepted.push(notice.id.clone());
                }
                _ => {}
            }
        }
        self.known.print(&changes, now, &self.options, print);
        for notice in accepted {
            let delivery = Delivery { notice, at: now, attempt: 1, outcome: Outcome::Accepted };
            self.take(&Input::Delivery(delivery), now, print);
        }
    }

    fn event(&mut self, line: &EventLine, print: &mut dyn FnMut(Printed)) {
        match self.act(line) {
            Ok(act) => self.take(&Input::Act(act), line.at, print),
            Err(why) => print(Printed::refused(line.at, &why)),
        }
    }

    fn act(&self, line: &EventLine) -> Result<Act, String> {
        let by = line.by.clone().unwrap_or_else(|| "值班员".to_owned());
        let reason = line.reason.clone().unwrap_or_default();
        let mut incidents = self.incidents_named(line);
        let mut incident = || {
            if incidents.is_empty() {
                Err("no such incident or post".to_owned())
            } else {
                Ok(incidents.remove(0))
            }
        };
        Ok(match line.event {
            EventKind::Ack => {
                let incident = incident()?;
                Act::Acknowledge {
                    incident,
                    contact: self.known.contact_for(incident, line.by.as_deref()),
                    rank: line
                        .tier
                        .as_deref()
                        .and_then(|tier| self.options.plan.tier_named(tier))
                        .map(|t| t.rank),
                    how: AckHow::Replay,
                    recorded_by: None,
                }
            }
            EventKind::Respond => Act::Respond { incident: incident()?, by, text: reason },
            EventKind::Override => Act::Override {
                incident: incident()?,
                tier: line.tier.clone().unwrap_or_default(),
                by,
                reason: if reason.is_empty() { "-".to_owned() } else { reason },
            },
            EventKind::Merge => Act::Merge { incident: incident()?, other: incident()?, by, reason },
            EventKind::Split => {
                let post = line.posts.first().ok_or("a split names the post")?;
                let key = self.posts.keys().find(|key| post.names(key)).ok_or("no such post")?;
                Act::Split { post: key.clone(), incident: None, by, reason }
            }
            EventKind::Close => Act::Close { incident: incident()?, by, reason },
        })
    }

    /// Incidents that an event line names, by number or by a post, in the order given.
    fn incidents_named(&self, line: &EventLine) -> Vec<IncidentId> {
        let by_number = line.incidents.iter().filter_map(|named| match named {
            IncidentRef::Number(number) => Some(IncidentId(*number)),
            IncidentRef::Post(post) => self.incident_of(post),
        });
        by_number.chain(line.posts.iter().filter_map(|post| self.incident_of(post))).collect()
    }

    fn incident_of(&self, post: &line::PostRef) -> Option<IncidentId> {
        let mut found: Vec<_> = self.posts.iter().filter(|(key, _)| post.names(key)).collect();
        found.sort();
        found.first().map(|(_, incident)| **incident)
    }
}

/// Looks that belong to the first round of a site: its first instant, near the file's beginning.
fn first_rounds(lines: &[ReplayLine], first: Timestamp) -> HashSet<(String, Timestamp)> {
    let mut firsts: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for line in lines {
        if let ReplayLine::Observation(line) = line {
            firsts.entry(&line.site).or_insert(line.seen_at);
        }
    }
    firsts
        .into_iter()
        .filter(|(_, at)| at.duration_since(first) <= FIRST_ROUND)
        .map(|(site, at)| (site.to_owned(), at))
        .collect()
}

/// Every name that the plan tells, reachable by every kind of channel that the plan asks for.
fn contacts_of(plan: &Plan) -> BTreeMap<String, Contact> {
    let lines = plan.tiers.iter().flat_map(|tier| &tier.lines).flat_map(|line| &line.steps).flatten();
    let copies = plan.tiers.iter().flat_map(|tier| &tier.copies);
    lines.chain(copies).chain(&plan.administrators).map(|name| (name.clone(), contact(name, plan))).collect()
}

fn contact(name: &str, plan: &Plan) -> Contact {
    let mut channels: Vec<ChannelKind> = plan.tiers.iter().flat_map(|tier| tier.channels.clone()).collect();
    channels.retain(|kind| *kind != ChannelKind::Exercise);
    channels.sort_unstable();
    channels.dedup();
    if channels.is_empty() {
        channels.push(ChannelKind::Email);
    }
    Contact {
        name: name.to_owned(),
        person: String::new(),
        email: Some(format!("{name}@replay")),
        phone: Some(name.to_owned()),
        channels,
        detail: Detail::Full,
    }
}

/// Whether an incident's row is worth a tier line.
fn is_told(state: IncidentState) -> bool {
    matches!(state, IncidentState::Open | IncidentState::Closed)
}

/// The contact that an `ack` of an unknown or unnamed person stands for: whoever was asked last.
fn last_asked(notices: &[Notice]) -> Option<&Notice> {
    notices.iter().rev().find(|notice| notice.facts.confirm)
}
