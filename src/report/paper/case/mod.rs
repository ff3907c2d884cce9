//! The facts of a paper on one incident, in words: what is said, where, how far it went, what is not known, what was
//! done, what the plan asks for. It states what the store has; nothing is added. Names of fields are the names that an
//! office's own text may use.

mod changed;
mod course;
mod limits;
mod one_page;
mod said;
mod supposed;
mod unknown;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Density, Paper, PaperKind, markup,
    number::{self, Issue, Numbered},
    texts::{Broken, Texts},
};
use crate::{
    locale::{When, forecast_line, grouped, reason_line, words},
    model::{Deadline, DeadlineKind, Entry, Incident, IncidentState},
    report::{
        chart::{Chart, Figure},
        marked::Piece,
        sites::{SiteLine, sites},
    },
    store::{IncidentView, Store, StoreError},
    text::clean,
};

/// Sites in the table.
const SITES: usize = 20;

/// Which paper on an incident is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Which.
    pub kind: PaperKind,
    /// From when on changes are told; without one, from the last follow-up report that was registered, else from when
    /// it was first reported. UTC.
    pub since: Option<Timestamp>,
    /// Its running number; `None` leaves the place for the pen.
    pub issue: Option<Issue>,
}

impl Order {
    /// This paper, as it is usually wanted.
    #[must_use]
    pub const fn of(kind: PaperKind) -> Self {
        Self { kind, since: None, issue: None }
    }

    /// The same with the number that this paper has, if it has one.
    ///
    /// # Errors
    /// The store's.
    pub async fn numbered(
        self,
        store: &dyn Store,
        incident: &Incident,
        when: &When,
    ) -> Result<Self, StoreError> {
        let numbered = Numbered::of_case(incident, self.kind, &when.zone);
        let issue = match numbered {
            Some(paper) => paper.known(store, number::year(when.now, &when.zone)).await?,
            None => None,
        };
        Ok(Self { issue, ..self })
    }
}

/// What a paper on an incident can say.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CaseFacts {
    /// What the paper is called: 舆情专报.
    pub paper: String,
    /// Running number of the paper: `〔2026〕第 3 期`; with a place for the pen while it has none.
    pub issue: String,
    /// Year and number of the case: `2026-0012`.
    pub serial: String,
    /// The unit.
    pub unit: String,
    /// Day of the paper…
    pub day: String,
    /// …and the instant up to which it tells.
    pub date: String,
    /// `演练`, `演示`; empty for what is real.
    pub mark: String,
    /// What it is about.
    pub gist: String,
    /// The tier's name…
    pub tier: String,
    /// …and why it holds.
    pub reason: String,
    /// Which tiers come next and when; empty when that cannot be said.
    pub forecast: String,
    /// What kind of content it is, and whose word that is.
    pub kind: String,
    /// Keyword groups that its posts met.
    pub groups: String,
    /// Title of the plan.
    pub plan: String,
    /// Who leads by the plan.
    pub led_by: String,
    /// Open, closed….
    pub state: String,
    /// The case's own state (办理环节).
    pub stage: String,
    /// Earliest publication; empty when it is not known.
    pub published: String,
    /// First sight.
    pub detected: String,
    /// When it was closed; empty while it is open.
    pub closed: String,
    /// Views in 24 h, reposts, comments in words.
    pub views: String,
    /// Reposts.
    pub reposts: String,
    /// Comments.
    pub comments: String,
    /// How many posts.
    pub posts: String,
    /// How many sites.
    pub site_count: usize,
    /// The words of the posts that count most.
    pub quotations: Vec<said::Quotation>,
    /// Sites, the one with most views first.
    pub sites: Vec<SiteLine>,
    /// Sites that the table leaves out.
    pub sites_left: usize,
    /// The drawing that says most: `views`, or the first figure of which something is known; empty: none.
    pub curve: String,
    /// What is not known.
    pub unknowns: Vec<String>,
    /// What was done.
    pub done: Vec<String>,
    /// What the plan asks for at this tier, and what is owed.
    pub handling: Vec<String>,
    /// How it came in by hand; empty when a source showed it.
    pub entered: String,
    /// Who leads by 批办, who helps, what was instructed; empty while nobody is named.
    pub lead: String,
    /// Who helps.
    pub helping: String,
    /// What was instructed.
    pub instruction: String,
    /// The public answers, with when and where.
    pub replies: Vec<String>,
    /// Who confirmed, when, by what way.
    pub acks: Vec<String>,
    /// Each limit with how it ended.
    pub limits: Vec<limits::LimitFact>,
    /// Limits that were not met in time.
    pub missed: usize,
    /// How many of these were steps that did not confirm.
    pub missed_steps: usize,
    /// Whom what was told by which channel, and when it was taken.
    pub deliveries: Vec<course::Told>,
    /// The timeline, oldest first, without what channels took, which [`Self::deliveries`] has.
    pub timeline: Vec<course::Step>,
    /// What people decided, with their reasons.
    pub decisions: Vec<course::Step>,
    /// From when on `changes` are told.
    pub since: String,
    /// Figures then and now.
    pub changes: Vec<changed::Change>,
    /// What happened since then.
    pub news: Vec<course::Step>,
    /// When other thresholds would have raised the tier.
    pub supposed: Vec<supposed::Supposed>,
}

impl CaseFacts {
    /// The facts at `when.now`.
    #[must_use]
    pub fn of(view: &IncidentView, order: &Order, when: &When) -> Self {
        let Order { kind, since, issue } = *order;
        let (incident, locale) = (&view.incident, when.locale);
        let (heat, plan) = (&incident.heat, &incident.plan);
        let tier = plan.tier(incident.rank);
        let mut sites = sites(&view.posts, when);
        let site_count = sites.len();
        sites.truncate(SITES);
        let number =
            |value: Option<u64>| value.map_or_else(|| locale.pick("未知", "unknown").to_owned(), grouped);
        let full = |at: Option<Timestamp>| at.map(|at| when.in_full(at)).unwrap_or_default();
        let assignment = incident.course.assignment.as_ref();
        let limits = limits::limits(view, when);
        let since = since.unwrap_or_else(|| last_report(view));
        Self {
            paper: kind.word(locale).to_owned(),
            issue: number::words(issue, when),
            serial: serial(incident, when),
            unit: clean(&incident.unit),
            day: when.date(when.now),
            date: when.in_full(when.now),
            mark: plan.exercise_mark.as_deref().map(clean).unwrap_or_default(),
            gist: clean(&incident.gist),
            tier: clean(&tier.name),
            reason: clean(&reason_line(&incident.reason, locale, &when.zone)),
            forecast: clean(&forecast_line(&incident.outlook.forecasts, when.now, locale)),
            kind: clean(&words::kind_line(&incident.kinds, locale)),
            groups: clean(&incident.groups.join(locale.pick("、", ", "))),
            plan: clean(&plan.title),
            led_by: tier.led_by.as_deref().map(clean).unwrap_or_default(),
            state: words::incident_state(incident.state, locale).to_owned(),
            stage: clean(incident.stage()),
            published: full(incident.published_at),
            detected: when.in_full(incident.detected_at),
            closed: full(incident.closed_at.filter(|_| incident.state != IncidentState::Open)),
            views: number(heat.daily_views),
            reposts: number(heat.reposts),
            comments: number(heat.comments),
            posts: grouped(heat.posts),
            site_count,
            quotations: said::quotations(&view.posts, said::QUOTED, said::QUOTATION, when),
            curve: curve(view, when).to_owned(),
            sites_left: site_count - sites.len(),
            sites,
            unknowns: unknown::unknowns(view, when),
            done: course::done(view, when),
            handling: course::handling(view, when),
            entered: course::entered(view, when),
            lead: assignment.map(|one| clean(&one.lead)).unwrap_or_default(),
            helping: assignment.map(|one| clean(&one.helping.join("、"))).unwrap_or_default(),
            instruction: assignment.map(|one| clean(&one.instruction)).unwrap_or_default(),
            replies: course::replies(view, when),
            acks: course::acks(view, when),
            missed: limits.iter().filter(|limit| limit.bad).count(),
            missed_steps: limits.iter().filter(|limit| limit.bad && limit.step).count(),
            limits,
            deliveries: course::told(view, when),
            timeline: course::steps(view.entries.iter().filter(|entry| is_news(entry)), when),
            decisions: course::decisions(view, when),
            since: when.in_full(since),
            changes: changed::changes(view, since, when),
            news: course::brief_steps(
                view.entries.iter().filter(|entry| entry.at > since && is_news(entry)),
                when,
            ),
            supposed: supposed::supposed(view, when),
        }
    }
}

impl CaseFacts {
    /// Facts in which every list has something, to try a text on.
    pub(super) fn sample() -> Self {
        let quotation = said::Quotation {
            title: vec![Piece::default()],
            text: vec![Piece::default()],
            ..Default::default()
        };
        Self {
            paper: "舆情专报".to_owned(),
            quotations: vec![quotation],
            sites: vec![SiteLine::default()],
            unknowns: vec![String::new()],
            done: vec![String::new()],
            handling: vec![String::new()],
            replies: vec![String::new()],
            acks: vec![String::new()],
            limits: vec![limits::LimitFact::default()],
            deliveries: vec![course::Told::default()],
            timeline: vec![course::Step::default()],
            decisions: vec![course::Step::default()],
            changes: vec![changed::Change::default()],
            news: vec![course::Step::default()],
            supposed: vec![supposed::Supposed::default()],
            ..Self::default()
        }
    }
}

/// Whether a reader of a paper wants it in the timeline: what a channel took stands in the table of deliveries.
fn is_news(entry: &Entry) -> bool {
    entry.kind != "accepted"
}

/// The first figure of which something is known.
fn curve(view: &IncidentView, when: &When) -> &'static str {
    let mut known = Figure::ALL.into_iter().filter(|(_, figure)| figure.at(view, when.now).is_some());
    known.next().map_or("", |(id, _)| id)
}

/// Year and number of an incident, by which all of its papers are found.
pub(in crate::report) fn serial(incident: &Incident, when: &When) -> String {
    let year = incident.opened_at.to_zoned(when.zone.clone()).year();
    format!("{year}-{:04}", incident.id.0)
}

/// When the office was last told in writing: the last follow-up report, else the first report, else when it began.
fn last_report(view: &IncidentView) -> Timestamp {
    let met = |kind| {
        let of_it = view.deadlines.iter().filter(move |deadline| deadline.kind == kind);
        of_it.filter_map(Deadline::met_at)
    };
    let follow_up = met(DeadlineKind::FollowUp).max();
    follow_up.or_else(|| met(DeadlineKind::Report).min()).unwrap_or(view.incident.opened_at)
}

/// A paper on an incident. What of the office's own text fails is told beside it, and the shipped text stands instead. A
/// special report stands on one page.
#[must_use]
pub fn paper(view: &IncidentView, order: &Order, texts: &Texts, when: &When) -> (Paper, Option<Broken>) {
    let (facts, kind) = (CaseFacts::of(view, order, when), order.kind);
    if kind == PaperKind::Special {
        return one_page::paper(view, &facts, texts, when);
    }
    let drawn = |(id, figure): (&str, Figure)| Some((id.to_owned(), Chart::large(view, when, figure)?));
    let drawings = Figure::ALL.into_iter().filter_map(drawn).collect();
    written(&facts, kind, texts, when, drawings)
}

fn written(
    facts: &CaseFacts,
    kind: PaperKind,
    texts: &Texts,
    when: &When,
    drawings: Vec<(String, Chart)>,
) -> (Paper, Option<Broken>) {
    let name = format!("{} {}", facts.paper, facts.serial);
    let (text, broken) = texts.write(kind.id(), facts, when.locale);
    let (blocks, _) = markup::parse(&text);
    (Paper { name, locale: when.locale, density: Density::Standard, blocks, drawings }, broken)
}
