//! A stage for the desk: a shipped plan, people with mail and phone, and a hand-moved clock. What the desk
//! decides is written down as short lines, so that a test reads as a time line.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use yuqing::{
    config::{Folder, plan_named},
    desk::{Change, Desk, Glance, Input, Restored, Setup},
    locale::{Locale, reason_line},
    model::*,
};

pub const TEXT: &str =
    "网友反映青川县人民医院急诊排队三小时无人理会，家属在走廊等候，护士站说系统坏了没有办法。";

/// Beijing time of the day on which every scene plays.
pub fn at(clock: &str) -> Timestamp {
    on(21, clock)
}

/// The same on another day of November 2026.
pub fn on(day: i64, clock: &str) -> Timestamp {
    format!("2026-11-{day:02}T{clock}:00+08:00").parse().unwrap()
}

/// A look at a post, with everything that a test does not care about filled in.
#[derive(Debug, Clone)]
pub struct Look(pub Mention);

pub fn look(clock: &str, site: &str, site_kind: SiteKind, id: &str, text: &str) -> Look {
    look_at(at(clock), site, site_kind, id, text)
}

pub fn look_at(seen_at: Timestamp, site: &str, site_kind: SiteKind, id: &str, text: &str) -> Look {
    Look(Mention {
        source: site.to_owned(),
        post: Post {
            key: PostKey { site: site.to_owned(), id: id.to_owned() },
            site_kind,
            url: format!("https://{site}/p/{id}"),
            title: String::new(),
            text: text.to_owned(),
            quoted: String::new(),
            published: None,
            repost_of: None,
            links: Vec::new(),
        },
        seen_at,
        counters: Counters::default(),
        own_fetch: false,
        first_round: false,
        hits: hits(text),
    })
}

fn hits(text: &str) -> Vec<Hit> {
    let word = "青川县人民医院";
    let Some(at) = text.find(word) else { return Vec::new() };
    let start = u32::try_from(text.split_at(at).0.chars().count()).unwrap();
    vec![Hit {
        unit: word.to_owned(),
        group: "医院".to_owned(),
        rule: word.to_owned(),
        line: 2,
        start,
        end: start + 7,
        surface: word.to_owned(),
        certainty: Certainty::Exact,
        part: HitPart::Own,
        at_least: None,
        notify: Vec::new(),
        kind: None,
        file: String::new(),
    }]
}

impl Look {
    pub fn published(mut self, at: Timestamp) -> Self {
        self.0.post.published = Some(Published { at, precision: Precision::Minute });
        self
    }
    pub fn views(mut self, views: u64) -> Self {
        self.0.counters.views = Some(Count::exact(views));
        self
    }
    pub fn views_at_least(mut self, views: u64) -> Self {
        self.0.counters.views = Some(Count::at_least(views));
        self
    }
    pub fn reposts(mut self, reposts: u64) -> Self {
        self.0.counters.reposts = Some(Count::exact(reposts));
        self
    }
    pub fn reposting(mut self, site: &str, id: &str) -> Self {
        let key = PostKey { site: site.to_owned(), id: id.to_owned() };
        self.0.post.repost_of = Some(RepostOf { key: Some(key), url: None, embedded: None });
        self
    }
    pub fn embedding(mut self, original: Look) -> Self {
        let embedded = Embedded { post: original.0.post, counters: original.0.counters };
        self.0.post.repost_of = Some(RepostOf {
            key: Some(embedded.post.key.clone()),
            url: None,
            embedded: Some(Box::new(embedded)),
        });
        self
    }
    pub fn linking(mut self, url: &str) -> Self {
        self.0.post.links.push(url.to_owned());
        self
    }
    pub fn first_round(mut self) -> Self {
        self.0.first_round = true;
        self
    }
    pub fn own_fetch(mut self) -> Self {
        self.0.own_fetch = true;
        self
    }
    pub fn at_least(mut self, tier: &str) -> Self {
        self.0.hits.iter_mut().for_each(|hit| hit.at_least = Some(tier.to_owned()));
        self
    }
    pub fn proposing(mut self, kind: ContentKind) -> Self {
        for hit in &mut self.0.hits {
            hit.kind = Some(kind);
        }
        self
    }

    pub fn notify(mut self, contact: &str) -> Self {
        self.0.hits.iter_mut().for_each(|hit| hit.notify.push(contact.to_owned()));
        self
    }
}

/// The desk on its stage.
pub struct Scene {
    pub desk: Desk,
    pub setup: Setup,
    /// Whether channels accept at once, as good ones do.
    pub channels_work: bool,
    /// Every change so far, for a restart.
    pub changes: Vec<Change>,
    tiers: BTreeMap<IncidentId, (usize, IncidentState, u32)>,
    deadlines: BTreeMap<String, Deadline>,
}

pub fn plan(name: &str) -> Plan {
    plan_named(&Folder::Shipped, name).unwrap()
}

impl Scene {
    pub fn new() -> Self {
        Self::with(plan("work-safety"))
    }

    pub fn with(plan: Plan) -> Self {
        let mut names: Vec<String> = plan.contacts().into_iter().map(ToOwned::to_owned).collect();
        names.extend(["总值班室".to_owned()]);
        let contacts = names
            .into_iter()
            .map(|name| {
                let contact = Contact {
                    email: Some(format!("{name}@office.example")),
                    phone: Some(format!("tel-{name}")),
                    person: String::new(),
                    channels: vec![ChannelKind::Email, ChannelKind::Sms, ChannelKind::Phone],
                    detail: Detail::Full,
                    ways: std::collections::BTreeMap::new(),
                    name: name.clone(),
                };
                (name, contact)
            })
            .collect();
        let unit = Unit {
            name: "青川县人民医院".to_owned(),
            aliases: vec!["县医院".to_owned()],
            plan: plan.id.clone(),
            emergency: false,
        };
        let setup =
            Setup { units: vec![(unit, Arc::new(plan))], contacts, locale: Locale::ZhCn, ..Setup::default() };
        Self::on_stage(setup, true)
    }

    pub fn on_stage(setup: Setup, channels_work: bool) -> Self {
        Self {
            desk: Desk::new(setup.clone(), Restored::default(), at("00:00")),
            setup,
            channels_work,
            changes: Vec::new(),
            tiers: BTreeMap::new(),
            deadlines: BTreeMap::new(),
        }
    }

    /// Shows the desk a post; answers with what it decided.
    pub fn see(&mut self, look: Look) -> Vec<String> {
        let now = look.0.seen_at;
        self.take(&Input::Mention(Box::new(look.0)), now)
    }

    pub fn act(&mut self, now: Timestamp, act: Act) -> Vec<String> {
        self.take(&Input::Act(act), now)
    }

    /// Lets time run to `until`; each line begins with the Beijing time at which it came.
    pub fn until(&mut self, until: Timestamp) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(due) = self.desk.next_due().filter(|due| *due <= until) {
            let clock =
                due.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).strftime("%H:%M").to_string();
            lines.extend(self.take(&Input::Tick, due).into_iter().map(|line| format!("{clock} {line}")));
        }
        lines
    }

    pub fn take(&mut self, input: &Input, now: Timestamp) -> Vec<String> {
        let changes = match self.desk.take(input, now) {
            Ok(changes) => changes,
            Err(refused) => return vec![format!("refused: {refused}")],
        };
        self.changes.extend(changes.iter().cloned());
        let mut lines = Vec::new();
        for change in &changes {
            if let Change::Incident(row) = change {
                self.tier_line(row, &mut lines);
            }
        }
        let mut accepted = Vec::new();
        for change in changes {
            match change {
                Change::Deadline(deadline) => self.deadline_line(deadline, now, &mut lines),
                Change::Notice(notice) if notice.state == NoticeState::Pending => {
                    lines.push(format!("{} → {} {}", notice.kind.id(), notice.contact, notice.channel.id()));
                    accepted.push(notice.id);
                }
                Change::Notice(notice) => match &notice.state {
                    NoticeState::Cancelled { why } => {
                        lines.push(format!("cancelled {} {why}", notice.contact));
                    }
                    NoticeState::Shown => {
                        lines.push(format!("shown {} → {}", notice.kind.id(), notice.contact));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        if self.channels_work {
            for notice in accepted.into_iter().filter(|id| !id.0.ends_with("/phone")) {
                lines.extend(self.answer(notice, now, Outcome::Accepted));
            }
        }
        lines
    }

    pub fn answer(&mut self, notice: NoticeId, now: Timestamp, outcome: Outcome) -> Vec<String> {
        self.take(&Input::Delivery(Delivery { notice, at: now, attempt: 1, outcome, parts: 0 }), now)
    }

    fn tier_line(&mut self, row: &Incident, lines: &mut Vec<String>) {
        let state = (row.rank, row.state, row.epoch);
        if self.tiers.insert(row.id, state) == Some(state) || row.state == IncidentState::Dormant {
            return;
        }
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let said = reason_line(&row.reason, Locale::ZhCn, &zone);
        lines.push(match row.state {
            IncidentState::Merged => format!("#{} merged into #{}", row.id, row.merged_into.unwrap()),
            IncidentState::Closed => format!("#{} closed", row.id),
            _ => format!("#{} {said}", row.id),
        });
    }

    fn deadline_line(&mut self, row: Deadline, now: Timestamp, lines: &mut Vec<String>) {
        let before = self.deadlines.insert(row.key.clone(), row.clone());
        if before.is_some_and(|b| b.state == row.state && b.due_at == row.due_at) {
            return;
        }
        let state = match &row.state {
            DeadlineState::Running => {
                let minutes = row.due_at.duration_since(now).as_mins();
                format!("in {minutes} min")
            }
            DeadlineState::Met { .. } => "met".to_owned(),
            DeadlineState::Overdue => "overdue".to_owned(),
            DeadlineState::Ended { why } => why.clone(),
        };
        let line = row.line.map_or_else(String::new, |line| format!(" {line}"));
        lines.push(format!("{}{line} {state}", row.kind.id()));
    }

    /// The rows as a store would keep them, by their keys.
    pub fn stored(&self) -> Restored {
        let mut restored = Restored::default();
        let (mut incidents, mut posts, mut deadlines, mut notices) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut looks: BTreeMap<(String, PostKey), Vec<Glance>> = BTreeMap::new();
        for change in self.changes.clone() {
            match change {
                Change::Post(row) => {
                    posts.insert((row.unit.clone(), row.post.key.clone()), *row);
                }
                Change::Observation(row) => {
                    let look = Glance { at: row.at, views: row.views, reposts: row.reposts };
                    looks.entry((row.unit, row.post)).or_default().push(look);
                }
                Change::Incident(row) => {
                    incidents.insert(row.id, *row);
                }
                Change::Deadline(row) => {
                    deadlines.insert(row.key.clone(), row);
                }
                Change::Notice(row) => {
                    notices.insert(row.id.clone(), *row);
                }
                Change::State(state) => restored.state = Some(state),
                Change::Entry(_)
                | Change::Evidence(_)
                | Change::Forget(_)
                | Change::File(_)
                | Change::FileVersion(_) => {}
            }
        }
        restored.incidents = incidents.into_values().collect();
        restored.looks = posts.keys().map(|key| looks.remove(key).unwrap_or_default()).collect();
        restored.posts = posts.into_values().collect();
        restored.deadlines = deadlines.into_values().collect();
        restored.notices = notices.into_values().collect();
        restored
    }

    /// The same scene after a kill and a start at `now`.
    pub fn restarted(&self, now: Timestamp) -> Self {
        Self {
            desk: Desk::new(self.setup.clone(), self.stored(), now),
            setup: self.setup.clone(),
            channels_work: self.channels_work,
            changes: self.changes.clone(),
            tiers: self.tiers.clone(),
            deadlines: self.deadlines.clone(),
        }
    }

    pub fn incident(&self, id: u64) -> Incident {
        self.stored().incidents.into_iter().find(|row| row.id == IncidentId(id)).unwrap()
    }
}
