//! An incident as home and its own page show it.

use serde::Serialize;

use super::{Clock, Excerpt, Piece, When, beginning, clean, count, from_the_top, link, tier_class, words};
use crate::{
    locale::{forecast_line, grouped, reason_line, short_number},
    model::{
        Deadline, DeadlineState, HitPart, Incident, IncidentState, Notice, NoticeKind, NoticeState, PostRow,
    },
    report::chart::Chart,
    store::IncidentView,
};

/// An incident on one card.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Card {
    /// Number.
    pub id: u64,
    /// Distance from the highest tier; 0 is the highest.
    pub gravity: usize,
    /// What it is about.
    pub gist: String,
    /// The unit.
    pub unit: String,
    /// The tier's name.
    pub tier: String,
    /// Its colour.
    pub tier_class: &'static str,
    /// Open, closed…
    pub state: &'static str,
    /// Whether acts can be done.
    pub is_open: bool,
    /// Why it has this tier.
    pub reason: String,
    /// Which tiers come next and when; empty when that cannot be said.
    pub forecast: String,
    /// Keyword groups that its posts met.
    pub groups: Vec<String>,
    /// What kind it is, and whose word that is; empty when nobody said.
    pub kind: String,
    /// Why a person decided on that kind.
    pub kind_reason: Option<String>,
    /// Sites.
    pub sites: Vec<String>,
    /// Views in a day, reposts, sites, posts, as a glance takes them: label, number.
    pub figures: Vec<(&'static str, String)>,
    /// Number of posts.
    pub posts: u64,
    /// When it was seen first.
    pub detected: String,
    /// Limits that run or are overdue, the nearest first.
    pub clocks: Vec<Clock>,
    /// The nearest of them; far away when none runs.
    pub next_due_ms: i64,
    /// Who confirmed the present tier.
    pub acks: Vec<Acked>,
    /// Whether nobody did, though somebody was asked to.
    pub waits_for_ack: bool,
    /// What the channels answered, by contact.
    pub told: Vec<Told>,
    /// Contacts who can confirm.
    pub contacts: Vec<String>,
    /// Views and reposts over time.
    pub charts: Vec<Chart>,
    /// When the public answer was registered.
    pub responded: Option<String>,
}

/// A confirmation.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Acked {
    /// Who.
    pub contact: String,
    /// When.
    pub at: String,
    /// By what way.
    pub how: &'static str,
    /// Who recorded it.
    pub by: Option<String>,
}

/// What became of the notices to one contact.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Told {
    /// Who.
    pub contact: String,
    /// By channel: word, state, class.
    pub channels: Vec<(&'static str, &'static str, &'static str)>,
}

impl When {
    /// The card of an incident.
    pub(in super::super) fn card(&self, view: &IncidentView) -> Card {
        let (incident, locale) = (&view.incident, self.locale);
        let tier = incident.plan.tier(incident.rank);
        let clocks = self.running(&view.deadlines);
        let acks: Vec<_> = incident.acks.iter().filter(|ack| ack.rank >= incident.rank).collect();
        let asked = view.notices.iter().any(|notice| notice.facts.confirm && notice.rank == incident.rank);
        Card {
            id: incident.id.0,
            gravity: from_the_top(&incident.plan, incident.rank),
            gist: beginning(&incident.gist, 80),
            unit: incident.unit.clone(),
            tier: tier.name.clone(),
            tier_class: tier_class(&incident.plan, incident.rank),
            state: words::incident_state(incident.state, locale),
            is_open: matches!(incident.state, IncidentState::Open | IncidentState::Dormant),
            reason: reason_line(&incident.reason, locale, &self.zone),
            forecast: forecast_line(&incident.outlook.forecasts, self.now, locale),
            groups: incident.groups.iter().map(|group| clean(group)).collect(),
            kind: clean(&words::kind_line(&incident.kinds, locale)),
            kind_reason: incident.kinds.decided.as_ref().map(|decided| clean(&decided.reason)),
            sites: incident.heat.sites.iter().map(|site| clean(words::site(site, locale))).collect(),
            figures: self.figures(incident),
            posts: incident.heat.posts,
            detected: self.time(incident.detected_at),
            next_due_ms: clocks.first().map_or(i64::MAX, |clock| clock.due_ms),
            clocks,
            waits_for_ack: asked && acks.is_empty(),
            acks: acks
                .into_iter()
                .map(|ack| Acked {
                    contact: ack.contact.clone(),
                    at: self.time(ack.at),
                    how: words::how(ack.how, locale),
                    by: ack.recorded_by.clone(),
                })
                .collect(),
            told: self.told(&view.notices, incident.rank),
            contacts: contacts(incident),
            charts: Chart::of(view, self),
            responded: incident.responded_at.map(|at| self.time(at)),
        }
    }

    fn figures(&self, incident: &Incident) -> Vec<(&'static str, String)> {
        let (heat, locale) = (&incident.heat, self.locale);
        let short = |number: Option<u64>| {
            number.map_or_else(|| count(None, locale), |number| short_number(number, locale))
        };
        let sites = u64::try_from(heat.sites.len()).ok();
        let counts = [
            (locale.pick("24 小时浏览", "views in 24 h"), heat.daily_views),
            (locale.pick("转发", "reposts"), heat.reposts),
            (locale.pick("站点", "sites"), sites),
            (locale.pick("帖文", "posts"), Some(heat.posts)),
        ];
        counts.map(|(label, number)| (label, short(number))).to_vec()
    }

    fn running(&self, deadlines: &[Deadline]) -> Vec<Clock> {
        let runs = |d: &&Deadline| matches!(d.state, DeadlineState::Running | DeadlineState::Overdue);
        let mut running: Vec<_> = deadlines.iter().filter(runs).collect();
        running.sort_by_key(|deadline| deadline.due_at);
        running.iter().map(|deadline| self.clock(deadline, words::deadline(deadline, self.locale))).collect()
    }

    fn told(&self, notices: &[Notice], rank: usize) -> Vec<Told> {
        let mut told: Vec<Told> = Vec::new();
        let of_this_tier = notices.iter().filter(|notice| {
            notice.rank == rank && !matches!(notice.kind, NoticeKind::Digest | NoticeKind::Operations)
        });
        for notice in of_this_tier {
            let (word, class) = words::state(&notice.state, self.locale);
            let chip = (words::channel(notice.channel, self.locale), word, class);
            match told.iter_mut().find(|known| known.contact == notice.contact) {
                Some(known) => {
                    // The latest word of each channel.
                    known.channels.retain(|(channel, ..)| *channel != chip.0);
                    known.channels.push(chip);
                }
                None => told.push(Told { contact: notice.contact.clone(), channels: vec![chip] }),
            }
        }
        told
    }
}

/// Everybody whom the present tier's lines name.
fn contacts(incident: &Incident) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let lines = &incident.plan.tier(incident.rank).lines;
    for name in lines.iter().flat_map(|line| line.steps.iter().flatten()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// A member post as a row.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct PostLine {
    /// Identity, for splitting it off.
    pub key: String,
    /// The same as a part of an address.
    pub page: String,
    /// Site.
    pub site: String,
    /// Its title or first words, with what met a rule marked.
    pub title: Vec<Piece>,
    /// The text's beginning, or what stands round the first word that met a rule.
    pub text: Vec<Piece>,
    /// What it quotes, when words in that met a rule.
    pub quoted: Vec<Piece>,
    /// Where it leads, when that may be a link.
    pub link: Option<String>,
    /// Original, repost, reaction.
    pub role: &'static str,
    /// Why it belongs here.
    pub why: String,
    /// First sight.
    pub first_seen: String,
    /// Publication.
    pub published: String,
    /// Whether it is backlog.
    pub backlog: bool,
    /// Counters.
    pub views: String,
    /// Counters.
    pub reposts: String,
    /// Counters.
    pub comments: String,
    /// Counters.
    pub likes: String,
}

impl When {
    /// A member post as a row.
    pub(in super::super) fn post(&self, row: &PostRow) -> PostLine {
        let (post, locale) = (&row.post, self.locale);
        let text_at = post.text_at();
        let (title, title_at) =
            if post.title.trim().is_empty() { (&post.text, text_at) } else { (&post.title, 0) };
        // A short post without a title stands in the title's place, once.
        let whole = post.title.trim().is_empty() && post.text.chars().count() <= 60;
        let body = if whole { "" } else { post.text.as_str() };
        let own = |text, at, most| Excerpt { text, part: HitPart::Own, at, most }.of(row);
        let quotes_words = row.marks.iter().any(|mark| mark.part == HitPart::Quoted);
        let quoted = if quotes_words { post.quoted.as_str() } else { "" };
        PostLine {
            key: clean(&post.key.to_string()),
            page: url::form_urlencoded::byte_serialize(post.key.to_string().as_bytes()).collect(),
            site: clean(words::site(&post.key.site, locale)),
            title: own(title, title_at, 60),
            text: own(body, text_at, 200),
            quoted: Excerpt { text: quoted, part: HitPart::Quoted, at: 0, most: 200 }.of(row),
            link: link(&post.url),
            role: words::role(row.role, locale),
            why: clean(&words::joined(&row.why, locale)),
            first_seen: self.time(row.first_seen_at),
            published: row.published_at.map_or_else(|| count(None, locale), |at| self.time(at)),
            backlog: row.backlog,
            views: count(row.views, locale),
            reposts: count(row.reposts, locale),
            comments: count(row.comments, locale),
            likes: count(row.likes, locale),
        }
    }
}

/// A notice as a row.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct NoticeLine {
    /// Key, for the tick of a phone task.
    pub id: String,
    /// Which incident.
    pub incident: Option<u64>,
    /// What it is about.
    pub gist: String,
    /// Why it went out.
    pub kind: &'static str,
    /// Tier that it told.
    pub tier: String,
    /// To whom.
    pub contact: String,
    /// By what.
    pub channel: &'static str,
    /// Where to; numbers of calls only are shown whole.
    pub address: String,
    /// State in a word.
    pub state: &'static str,
    /// Its class.
    pub class: &'static str,
    /// What the channel said, or when it accepted.
    pub detail: String,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was decided.
    pub created: String,
    /// By when it must be accepted.
    pub due: String,
}

impl When {
    /// What a notice is about, in a line.
    fn about(&self, notice: &Notice) -> String {
        match &notice.facts {
            facts if !facts.gist.is_empty() => facts.gist.clone(),
            facts if notice.kind.is_digest() => {
                format!("{} {}", facts.in_digest(), self.locale.pick("件", "incidents"))
            }
            facts => facts.note.clone(),
        }
    }

    /// A notice as a row.
    pub(in super::super) fn notice(&self, notice: &Notice, attempts: u32) -> NoticeLine {
        let (state, class) = words::state(&notice.state, self.locale);
        let detail = match &notice.state {
            NoticeState::Accepted { at, arrived_at: None } => self.time(*at),
            NoticeState::Accepted { at, arrived_at: Some(arrived_at) } => {
                format!("{}、{}", self.time(*at), self.time(*arrived_at))
            }
            NoticeState::Refused { at, why } => format!("{} {}", self.time(*at), clean(why)),
            NoticeState::Cancelled { why } => clean(why),
            NoticeState::Pending | NoticeState::Shown => String::new(),
        };
        NoticeLine {
            id: notice.id.0.clone(),
            incident: notice.incident.map(|id| id.0),
            gist: beginning(&self.about(notice), 60),
            kind: words::notice(notice.kind, self.locale),
            tier: notice.facts.tier_name.clone(),
            contact: notice.contact.clone(),
            channel: words::channel(notice.channel, self.locale),
            address: notice.address.clone(),
            state,
            class,
            detail,
            attempts,
            created: self.time(notice.created_at),
            due: self.time(notice.due_at),
        }
    }
}

/// A number or 未知.
pub(in super::super) fn number(value: Option<u64>, when: &When) -> String {
    value.map_or_else(|| count(None, when.locale), grouped)
}
