//! Replay: recorded observations through the very desk that decides in earnest, in virtual time. It
//! answers "what would these thresholds have done?": which tiers, notices and deadlines, when and why.
//!
//! Every notice is accepted the instant it is made, since no channel is asked; people act only by event
//! lines. Virtual time runs on after the last line, so that what nobody confirmed is seen to escalate.

pub(super) mod line;
mod output;
mod wrong;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

pub use line::{ReplayLine, read_lines};
pub use output::Printed;
pub use wrong::{Json, LineError, Wanted, Wrong};

use self::line::{Census, EventKind, EventLine, ObservationLine, PostRef};
use crate::{
    desk::{Change, Input, Refused, Rehearsal, Seen, Setup},
    keyword::Matcher,
    locale::{Locale, words},
    model::{
        AckHow, Act, ChannelKind, Contact, Detail, Hit, IncidentId, IncidentState, Kind, Mention, Notice,
        Plan, Post, PostKey, Unit, Way, Workdays,
    },
    text::canonical_link,
};

/// The longest that a first round may take, and the latest that it may begin after the file's beginning.
const FIRST_ROUND: SignedDuration = SignedDuration::from_mins(60);

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
    /// Whether each site begins with the first round of a new installation (SEMANTICS 4).
    pub first_run: bool,
    /// Days off and working weekends.
    pub workdays: Arc<Workdays>,
    /// Language of reasons.
    pub locale: Locale,
}

/// A replay under way.
pub struct Replay<'a> {
    rehearsal: Rehearsal,
    matcher: &'a Matcher,
    options: Options,
    census: Census,
    directory: Directory,
    known: output::Known,
    watch: &'a mut dyn FnMut(&Change),
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
        lines: Vec<ReplayLine>,
        print: &mut dyn FnMut(Printed),
    ) {
        Replay::run_watched(matcher, options, lines, &mut |_| {}, print);
    }

    /// The same for whoever wants to see more than what is printed: every change goes to `watch` before its line
    /// to `print`.
    pub fn run_watched(
        matcher: &'a Matcher,
        options: Options,
        mut lines: Vec<ReplayLine>,
        watch: &'a mut dyn FnMut(&Change),
        print: &mut dyn FnMut(Printed),
    ) {
        lines.sort_by_cached_key(order);
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
            workdays: options.workdays.clone(),
            locale: options.locale,
            ..Setup::default()
        };
        let run_on = options.run_on;
        let mut replay = Self {
            rehearsal: Rehearsal::new(setup, first),
            matcher,
            options,
            census: Census::of(&lines),
            directory: Directory::default(),
            known: output::Known::default(),
            watch,
        };
        for line in &lines {
            replay.run_until(line.at(), print);
            match line {
                ReplayLine::Observation(line) => {
                    let round = rounds.get(line.site.as_str());
                    let first_round =
                        replay.options.first_run && round.is_some_and(|end| line.seen_at < *end);
                    replay.observe(line, first_round, print);
                }
                ReplayLine::Event(line) => replay.event(line, print),
            }
        }
        replay.run_until(last.saturating_add(run_on).unwrap_or(Timestamp::MAX), print);
    }

    /// Lets virtual time run to `until`, one due instant after the other.
    fn run_until(&mut self, until: Timestamp, print: &mut dyn FnMut(Printed)) {
        self.watched(until, print, |rehearsal, seen| rehearsal.run_until(until, usize::MAX, seen).map(drop));
    }

    /// Whether the rule of a hit was in force: a topic's only between its start and its end.
    fn counts(&self, hit: &Hit, at: Timestamp) -> bool {
        let of_topics = self.matcher.lists().iter().filter(|list| list.topic.is_some());
        // Groups of a topic bear its name, so they are told apart by that.
        !of_topics
            .filter(|list| list.unit == hit.unit && !list.is_in_force(at))
            .any(|list| list.groups.iter().any(|group| group.name == hit.group))
    }

    fn observe(&mut self, line: &ObservationLine, first_round: bool, print: &mut dyn FnMut(Printed)) {
        let post = line.post(&self.census);
        let mut hits = self.matcher.hits(&post.own_text(), &post.quoted);
        hits.retain(|hit| self.counts(hit, line.seen_at));
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
        self.watched(now, print, |rehearsal, seen| rehearsal.take(input, now, seen));
    }

    /// Lets the desk go on, and prints what comes of it.
    fn watched(
        &mut self,
        at: Timestamp,
        print: &mut dyn FnMut(Printed),
        go_on: impl FnOnce(&mut Rehearsal, Seen<'_>) -> Result<(), Refused>,
    ) {
        let Self { rehearsal, directory, known, options, watch, .. } = self;
        let mut seen = |changes: &[Change], now: Timestamp| {
            for change in changes {
                watch(change);
                if let Change::Post(row) = change {
                    directory.enter(&row.post, row.incident);
                }
            }
            known.print(changes, now, options, print);
        };
        if let Err(refused) = go_on(rehearsal, &mut seen) {
            print(Printed::refused(at, &refused.to_string()));
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
        let tier = line.tier.as_deref().map(str::trim).unwrap_or_default();
        let tier =
            self.options.plan.tier_named(tier).or_else(|| self.options.plan.tier_named(&tier.to_lowercase()));
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
                    rank: tier.map(|tier| tier.rank),
                    how: AckHow::Replay,
                    recorded_by: None,
                    at: None,
                }
            }
            EventKind::Respond => Act::Respond { incident: incident()?, by, text: reason },
            EventKind::Override => Act::Override {
                incident: incident()?,
                tier: tier.map(|tier| tier.id.clone()).or_else(|| line.tier.clone()).unwrap_or_default(),
                by,
                reason: if reason.is_empty() { "-".to_owned() } else { reason },
            },
            EventKind::Merge => Act::Merge { incident: incident()?, other: incident()?, by, reason },
            EventKind::Split => {
                let named = line.posts.iter().flatten().flatten();
                let named = named.chain(line.incidents.iter().filter_map(|named| named.post.as_ref()));
                let key = named.filter_map(|post| self.directory.key(post)).next().ok_or("no such post")?;
                Act::Split { post: key.clone(), incident: None, by, reason }
            }
            EventKind::Close => Act::Close { incident: incident()?, by, reason },
            EventKind::Complete => {
                let duty = line.what.clone().ok_or("`limit` is missing: the name of what was done")?;
                Act::Complete { incident: incident()?, duty, by, text: reason }
            }
            EventKind::Kind => {
                let named = line.what.as_deref().unwrap_or_default();
                let kind = Kind::ALL.into_iter().find(|kind| is_called(*kind, named));
                let kind = kind.ok_or_else(|| format!("no such kind: {named}"))?;
                Act::SetKind { incident: incident()?, kind, by, reason }
            }
            EventKind::Filed => Act::FileMonthly { unit: self.options.unit.name.clone(), by, text: reason },
            EventKind::Assign => {
                let lead = line.what.clone().ok_or("`lead` is missing: who leads")?;
                let helping = line.helping.clone();
                Act::Assign { incident: incident()?, lead, helping, instruction: reason, by }
            }
            EventKind::Submit => Act::SubmitText { incident: incident()?, text: reason, by },
            EventKind::Approve => Act::ApproveText { incident: incident()?, number: None, by },
            EventKind::State => {
                let state = line.what.clone().ok_or("`state` is missing: a state of the plan")?;
                Act::SetState { incident: incident()?, state, by, reason }
            }
        })
    }

    /// Incidents that an event line names, by number or by a post, in the order given.
    fn incidents_named(&self, line: &EventLine) -> Vec<IncidentId> {
        let by_number = line.incidents.iter().filter_map(|named| {
            let number = named.number.map(IncidentId).filter(|id| self.known.has(*id));
            number.or_else(|| self.directory.incident(named.post.as_ref()?))
        });
        let by_post = line.posts.iter().flat_map(|readings| {
            let read = |posts: &Vec<PostRef>| -> Vec<IncidentId> {
                posts.iter().filter_map(|post| self.directory.incident(post)).collect()
            };
            readings.iter().map(read).find(|found| !found.is_empty()).unwrap_or_default()
        });
        by_number.chain(by_post).collect()
    }
}

/// Where posts are found that event lines name.
#[derive(Debug, Default)]
struct Directory {
    incidents: HashMap<PostKey, IncidentId>,
    by_id: HashMap<String, BTreeSet<PostKey>>,
    by_link: HashMap<String, PostKey>,
}

impl Directory {
    fn enter(&mut self, post: &Post, incident: IncidentId) {
        if self.incidents.insert(post.key.clone(), incident).is_some() {
            return;
        }
        self.by_id.entry(post.key.id.clone()).or_default().insert(post.key.clone());
        if let Some(link) = canonical_link(&post.url) {
            self.by_link.entry(link).or_insert_with(|| post.key.clone());
        }
    }

    /// The post that is meant: by site and id, `site/id`, its id alone (the first site's), or its link.
    fn key(&self, named: &PostRef) -> Option<&PostKey> {
        let exact = |site: &str, id: &str| {
            self.by_id.get(id).and_then(|keys| keys.iter().find(|key| key.site == site))
        };
        if let Some(site) = &named.site {
            return exact(site, &named.id);
        }
        let parted = || named.id.split_once('/').and_then(|(site, id)| exact(site, id));
        let alone = || self.by_id.get(&named.id).and_then(|keys| keys.first());
        let linked = || self.by_link.get(&canonical_link(&named.id)?);
        parted().or_else(alone).or_else(linked)
    }

    fn incident(&self, named: &PostRef) -> Option<IncidentId> {
        self.incidents.get(self.key(named)?).copied()
    }
}

/// The order in which lines are taken: by time; at one instant looks before events and originals before
/// reposts, so that the order of the file does not matter. Events of one instant keep their order.
fn order(line: &ReplayLine) -> (Timestamp, bool, bool, Option<PostKey>) {
    match line {
        ReplayLine::Observation(look) => (look.seen_at, false, look.is_repost(), Some(look.key())),
        ReplayLine::Event(event) => (event.at, true, false, None),
    }
}

/// When the first round of each site ended: when it showed a post again, or had gone on for an hour. Sites
/// that came in long after the file's beginning were watched before: what they show is new.
fn first_rounds(lines: &[ReplayLine], first: Timestamp) -> HashMap<String, Timestamp> {
    let mut begun: HashMap<&str, Timestamp> = HashMap::new();
    let mut ended: HashMap<String, Timestamp> = HashMap::new();
    let mut seen: HashMap<PostKey, Timestamp> = HashMap::new();
    for line in lines {
        let ReplayLine::Observation(look) = line else { continue };
        let from = *begun.entry(&look.site).or_insert(look.seen_at);
        if from.duration_since(first) > FIRST_ROUND {
            continue;
        }
        let end = from.saturating_add(FIRST_ROUND).unwrap_or(Timestamp::MAX);
        let end = ended.entry(look.site.clone()).or_insert(end);
        let before = *seen.entry(look.key()).or_insert(look.seen_at);
        if before < look.seen_at {
            *end = (*end).min(look.seen_at);
        }
    }
    ended
}

/// Every name that the plan tells, reachable by every kind of channel that the plan asks for.
fn contacts_of(plan: &Plan) -> BTreeMap<String, Contact> {
    plan.contacts().into_iter().map(|name| (name.to_owned(), contact(name, plan))).collect()
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
        ways: ChannelKind::ALL
            .map(|kind| (kind, Way { instance: Some(name.to_owned()), detail: None }))
            .into(),
    }
}

/// Whether a line means this kind by its id or its word.
fn is_called(kind: Kind, name: &str) -> bool {
    name == kind.id() || name == words::kind(kind, Locale::ZhCn)
}

/// Whether an incident's row is worth a tier line.
fn is_told(state: IncidentState) -> bool {
    matches!(state, IncidentState::Open | IncidentState::Closed)
}

/// The notice that an `ack` of an unknown or unnamed person answers: of those that went out last, that of
/// the plan's first line.
fn last_asked<'n>(notices: &'n [Notice], plan: &Plan) -> Option<&'n Notice> {
    let asked = || notices.iter().filter(|notice| notice.facts.confirm);
    let last = asked().map(|notice| notice.created_at).max()?;
    let place = |notice: &Notice| {
        let lines = plan.tiers.iter().flat_map(|tier| &tier.lines);
        lines.map(|line| Some(&line.name)).position(|name| name == notice.facts.line.as_ref())
    };
    asked().filter(|notice| notice.created_at == last).min_by_key(|notice| place(notice))
}
