//! The facts of a paper on a unit's day, week or month: what was counted, how limits were kept, what is open, how that
//! compares, and the proof that watching ran. What was nothing is said to be nothing (零报告).

pub mod rows;
pub(in crate::report) mod watch;

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use self::rows::{Counted, Merged, Period, SpanRows, merged};
use super::{
    Density, Paper, PaperKind, markup,
    number::{self, Issue},
    texts::Texts,
};
use crate::{
    locale::{Locale, When, grouped, weekday, words as catalogue},
    model::{Deadline, DeadlineKind, DigestLine, Incident, IncidentState},
    report::{
        timeliness::{CaseTimes, Limit, Spans, Summary, Verdict, verdicts},
        words,
    },
    store::Case,
    text::{beginning, clean},
};

/// Cases that a paper lists; the others stand in the register.
const LISTED: usize = 60;
/// Names of a count that are listed.
const NAMES: usize = 20;
/// Characters of what a case is about.
const GIST: usize = 60;

/// A count by name, now and then.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CountLine {
    /// Of what.
    pub name: String,
    /// In this stretch.
    pub count: usize,
    /// In the stretch before.
    pub before: usize,
    /// In the same stretch of the year before.
    pub year_before: usize,
}

/// How long a stage took.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StageFact {
    /// Which.
    pub name: String,
    /// Of how many cases that is known.
    pub count: usize,
    /// Half of them took no longer.
    pub half: String,
    /// Nine in ten took no longer.
    pub most: String,
    /// The longest.
    pub longest: String,
}

/// How limits of a kind were kept.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KeptFact {
    /// Which.
    pub name: String,
    /// That bound somebody.
    pub owed: usize,
    /// Met in time.
    pub in_time: usize,
    /// Met late.
    pub late: usize,
    /// Passed unmet.
    pub missed: usize,
    /// In time of a hundred that are over; empty when none is.
    pub share: String,
}

/// A case on one line.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CaseLine {
    /// Its number.
    pub id: u64,
    /// The unit.
    pub unit: String,
    /// What it is about.
    pub gist: String,
    /// Tier.
    pub tier: String,
    /// First sight.
    pub detected: String,
    /// Views in 24 h, in words.
    pub views: String,
    /// Reposts.
    pub reposts: String,
    /// Posts.
    pub posts: u64,
    /// Sites.
    pub sites: usize,
    /// Keyword groups.
    pub groups: String,
    /// State of the incident, and of the case.
    pub state: String,
    /// Who leads.
    pub lead: String,
    /// Limits that were not met in time; empty when all were.
    pub late: String,
    /// The nearest limit that is owed, with its due time; empty when none is.
    pub next: String,
}

/// What a paper on a span can say.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UnitFacts {
    /// What the paper is called.
    pub paper: String,
    /// Its running number: `〔2026〕第 3 期`; with a place for the pen while it has none.
    pub issue: String,
    /// Whose.
    pub unit: String,
    /// `2026年11月`, or the days.
    pub period: String,
    /// Day of the paper…
    pub day: String,
    /// …and the instant up to which it tells.
    pub date: String,
    /// `演练`, `演示`; empty for what is real.
    pub mark: String,
    /// Whether there was nothing (零报告).
    pub zero: bool,
    /// Whether the stretch is not over yet.
    pub running: bool,
    /// Whether there were more cases than a paper counts.
    pub cut: bool,
    /// Cases first seen in the stretch.
    pub opened: usize,
    /// Before.
    pub opened_before: usize,
    /// The year before.
    pub opened_year_before: usize,
    /// Of these closed by now.
    pub closed: usize,
    /// Public answers registered.
    pub replies: usize,
    /// Cases with a limit that was not met in time.
    pub late: usize,
    /// Cases taken back as entered by mistake after a limit had passed; they count nowhere else.
    pub slips: usize,
    /// By tier, the highest first.
    pub tiers: Vec<CountLine>,
    /// By site.
    pub sites: Vec<CountLine>,
    /// By keyword group.
    pub groups: Vec<CountLine>,
    /// By unit.
    pub units: Vec<CountLine>,
    /// How long stages took.
    pub stages: Vec<StageFact>,
    /// How limits were kept.
    pub limits: Vec<KeptFact>,
    /// Through what limits were missed.
    pub causes: Vec<CountLine>,
    /// The cases, the gravest first.
    pub cases: Vec<CaseLine>,
    /// Cases that are not listed.
    pub cases_left: usize,
    /// What is open now, the gravest first.
    pub open: Vec<CaseLine>,
    /// How many are open.
    pub open_count: usize,
    /// Cases that owe something that has passed (未回应、未说明), by unit.
    pub owing: Vec<CaseLine>,
    /// Of which so many are not listed.
    pub owing_left: usize,
    /// A mark of who owes what, by which a change is seen.
    pub figures: String,
    /// Whether it still waits for a leader's approval (a circular).
    pub draft: bool,
    /// Who approved it, and when; empty while nobody has.
    pub approved_by: String,
    /// When.
    pub approved_at: String,
    /// The proof that watching ran.
    pub watch: watch::WatchFact,
}

impl UnitFacts {
    /// The facts at `when.now`.
    #[must_use]
    pub fn of(rows: &SpanRows, kind: PaperKind, unit: &str, mark: &str, when: &When) -> Self {
        let locale = when.locale;
        let summary = Summary::of(&rows.cases, when.now);
        let span = |span: Option<jiff::SignedDuration>| span.map(|span| when.span(span)).unwrap_or_default();
        let stage = |(stage, took): &(_, Spans)| StageFact {
            name: words::stage(*stage, locale).to_owned(),
            count: took.count(),
            half: span(took.quantile(50)),
            most: span(took.quantile(90)),
            longest: span(took.longest()),
        };
        let limit =
            |((kind, name), kept): (&(DeadlineKind, Option<String>), &crate::report::timeliness::Kept)| {
                KeptFact {
                    name: clean(name.as_deref().unwrap_or_else(|| catalogue::deadline_kind(*kind, locale))),
                    owed: kept.owed,
                    in_time: kept.in_time,
                    late: kept.late,
                    missed: kept.missed,
                    share: kept.share().map(|share| format!("{share}%")).unwrap_or_default(),
                }
            };
        let cause = |(cause, count): (&_, &usize)| CountLine {
            name: words::cause(*cause, locale).to_owned(),
            count: *count,
            ..CountLine::default()
        };
        let mut cases: Vec<&Case> = rows.cases.iter().collect();
        cases.sort_by_key(|case| order(&case.incident));
        let owes: Vec<&Case> = cases.iter().filter(|case| !missed(case, when).is_empty()).copied().collect();
        let owing: Vec<CaseLine> = owes.iter().take(LISTED).map(|case| CaseLine::owing(case, when)).collect();
        let listed: Vec<CaseLine> = cases.iter().take(LISTED).map(|case| CaseLine::of(case, when)).collect();
        let open = rows.open.incidents.iter().take(LISTED);
        let open = open.map(|incident| CaseLine::open(incident, &rows.deadlines, when)).collect();
        Self {
            paper: kind.word(locale).to_owned(),
            issue: number::words(None, when),
            unit: clean(unit),
            period: rows.period.words(when),
            day: when.date(when.now),
            date: when.in_full(when.now),
            mark: clean(mark),
            zero: rows.cases.is_empty(),
            running: when.now < rows.to,
            cut: rows.cut,
            opened: rows.cases.len(),
            opened_before: rows.before.len(),
            opened_year_before: rows.year_before.len(),
            closed: rows.cases.iter().filter(|case| case.incident.closed_at.is_some()).count(),
            replies: rows.cases.iter().map(|case| case.incident.course.replies.len()).sum(),
            late: summary.late,
            slips: rows.slips,
            tiers: tiers(rows),
            sites: top(sites(rows, locale)),
            groups: top(groups(rows)),
            units: top(units(rows)),
            stages: summary.stages.iter().map(stage).collect(),
            limits: summary.limits.iter().map(limit).collect(),
            causes: summary.causes.iter().map(cause).collect(),
            cases_left: rows.cases.len() - listed.len(),
            cases: listed,
            open,
            open_count: rows.open.total.unwrap_or(0),
            owing_left: owes.len() - owing.len(),
            figures: figures(&owes, when),
            draft: kind == PaperKind::Circular,
            approved_by: String::new(),
            approved_at: String::new(),
            owing,
            watch: watch::WatchFact::of(rows, when),
        }
    }

    /// The facts of a digest that goes out now: what it lists of what it tells, in its order and nothing else.
    #[must_use]
    pub fn of_digest(unit: &str, mark: &str, lines: &[DigestLine], total: usize, when: &When) -> Self {
        let locale = when.locale;
        let mut tiers: Vec<CountLine> = Vec::new();
        for line in lines {
            match tiers.iter_mut().find(|tier| tier.name == line.tier_name) {
                Some(tier) => tier.count += 1,
                None => {
                    tiers.push(CountLine { name: line.tier_name.clone(), count: 1, ..CountLine::default() });
                }
            }
        }
        tiers.iter_mut().for_each(|tier| tier.name = clean(&tier.name));
        Self {
            paper: PaperKind::Digest.word(locale).to_owned(),
            issue: number::words(None, when),
            unit: clean(unit),
            period: when.in_full(when.now),
            day: when.date(when.now),
            date: when.in_full(when.now),
            mark: clean(mark),
            zero: lines.is_empty(),
            opened: total,
            // Of those that are not listed nothing is known here.
            tiers: if total > lines.len() { Vec::new() } else { tiers },
            cases: lines.iter().map(|line| CaseLine::of_digest(line, unit, when)).collect(),
            cases_left: total.saturating_sub(lines.len()),
            ..Self::default()
        }
    }

    /// The same on a paper that has this number.
    #[must_use]
    pub fn numbered(self, issue: Option<Issue>, when: &When) -> Self {
        Self { issue: number::words(issue, when), ..self }
    }

    /// Facts in which every list has something, to try a text on.
    pub(super) fn sample() -> Self {
        let count = || vec![CountLine::default()];
        Self {
            paper: "舆情月报".to_owned(),
            tiers: count(),
            sites: count(),
            groups: count(),
            units: count(),
            stages: vec![StageFact::default()],
            limits: vec![KeptFact::default()],
            causes: count(),
            cases: vec![CaseLine::default()],
            open: vec![CaseLine::default()],
            owing: vec![CaseLine::default()],
            watch: watch::WatchFact::sample(),
            ..Self::default()
        }
    }
}

/// What is owed of a case and was neither done nor explained in time: an answer, a report, what else the plan wants. A
/// step that nobody confirmed is no debt of the case.
fn missed<'a>(case: &'a Case, when: &When) -> Vec<Limit<'a>> {
    let debts = |kind| !matches!(kind, DeadlineKind::Report | DeadlineKind::Acknowledge);
    let limits = verdicts(case, when.now).into_iter();
    limits.filter(|one| debts(one.deadline.kind) && matches!(one.verdict, Verdict::Missed(_))).collect()
}

/// A mark of who owes what: the same as long as the same cases, led by the same, owe the same. By how much they are late by
/// now is no part of it, for that grows while somebody reads.
fn figures(owes: &[&Case], when: &When) -> String {
    let mut hash = Sha256::new();
    for case in owes {
        let incident = &case.incident;
        let lead = incident.course.assignment.as_ref().map_or("", |one| one.lead.as_str());
        hash.update(format!("{}\n{}\n{lead}\n", incident.id, incident.plan.tier(incident.rank).id));
        for limit in missed(case, when).into_iter().map(|one| one.deadline) {
            hash.update(format!("{:?} {:?} {}\n", limit.kind, limit.name, limit.due_at));
        }
    }
    hex::encode(hash.finalize()).chars().take(8).collect()
}

/// The gravest first, then the newest.
fn order(incident: &Incident) -> (usize, std::cmp::Reverse<Timestamp>) {
    (incident.plan.from_the_top(incident.rank), std::cmp::Reverse(incident.detected_at))
}

impl CaseLine {
    fn of(case: &Case, when: &When) -> Self {
        let times = CaseTimes::of(case, when.now);
        let late = words::late(&times.limits, when).join(when.locale.pick("；", "; "));
        Self { late, ..Self::open(&case.incident, &case.deadlines, when) }
    }

    /// The same with only what is still owed.
    fn owing(case: &Case, when: &When) -> Self {
        let late = words::late(&missed(case, when), when).join(when.locale.pick("；", "; "));
        Self { late, ..Self::open(&case.incident, &case.deadlines, when) }
    }

    fn of_digest(line: &DigestLine, unit: &str, when: &When) -> Self {
        let number = |value: Option<u64>| {
            value.map_or_else(|| when.locale.pick("未知", "unknown").to_owned(), grouped)
        };
        Self {
            id: line.incident.0,
            unit: clean(unit),
            gist: beginning(&line.gist, GIST),
            tier: clean(&line.tier_name),
            detected: when.day_time(line.first_seen_at),
            views: number(line.heat.daily_views),
            reposts: number(line.heat.reposts),
            posts: line.heat.posts,
            sites: line.heat.sites.len(),
            groups: clean(&line.groups.join(when.locale.pick("、", ", "))),
            ..Self::default()
        }
    }

    fn open(incident: &Incident, deadlines: &[Deadline], when: &When) -> Self {
        let unknown = || when.locale.pick("未知", "unknown").to_owned();
        let number = |value: Option<u64>| value.map_or_else(unknown, grouped);
        let own = deadlines
            .iter()
            .filter(|one| one.incident == incident.id && one.is_open() && one.kind != DeadlineKind::Step);
        let next = own.min_by_key(|one| one.due_at).map(|one| {
            let late =
                if one.due_at < when.now { when.locale.pick("（已超时）", " (overdue)") } else { "" };
            format!("{} {}{late}", catalogue::deadline(one, when.locale), when.day_time(one.due_at))
        });
        let state = catalogue::incident_state(incident.state, when.locale);
        let stage = incident.stage();
        let both = incident.state == IncidentState::Open && !stage.is_empty();
        Self {
            id: incident.id.0,
            unit: clean(&incident.unit),
            gist: beginning(&incident.gist, GIST),
            tier: clean(&incident.plan.tier(incident.rank).name),
            detected: when.day_time(incident.detected_at),
            views: number(incident.heat.daily_views),
            reposts: number(incident.heat.reposts),
            posts: incident.heat.posts,
            sites: incident.heat.sites.len(),
            groups: clean(&incident.groups.join(when.locale.pick("、", ", "))),
            state: if both { format!("{state} · {}", clean(stage)) } else { state.to_owned() },
            lead: incident.course.assignment.as_ref().map(|one| clean(&one.lead)).unwrap_or_default(),
            late: String::new(),
            next: clean(&next.unwrap_or_default()),
        }
    }
}

impl Period {
    /// How the stretch is called.
    #[must_use]
    pub fn words(self, when: &When) -> String {
        let (from, _) = self.span(&when.zone).unwrap_or_default();
        let first = from.to_zoned(when.zone.clone()).date();
        match (self, when.locale) {
            (Self::Month(_), Locale::ZhCn) => first.strftime("%Y年%-m月").to_string(),
            (Self::Month(_), Locale::En) => first.strftime("%B %Y").to_string(),
            (Self::Days(1, _), Locale::ZhCn) => first.strftime("%Y年%-m月%-d日").to_string(),
            (Self::Days(1, _), Locale::En) => format!("{first} {}", weekday(first.weekday(), when.locale)),
            (Self::Days(_, last), Locale::ZhCn) => {
                format!("{}至{}", first.strftime("%Y年%-m月%-d日"), last.strftime("%Y年%-m月%-d日"))
            }
            (Self::Days(_, last), Locale::En) => format!("{first} – {last}"),
        }
    }
}

/// Counts by tier, the highest first.
pub(in crate::report) fn tiers(rows: &SpanRows) -> Vec<CountLine> {
    let mut counts: BTreeMap<(usize, String), [usize; 3]> = BTreeMap::new();
    for (nth, one) in all(rows) {
        if let Some(count) = counts.entry(one.tier.clone()).or_default().get_mut(nth) {
            *count += 1;
        }
    }
    counts.into_iter().map(|((_, name), counts)| line(clean(&name), counts)).collect()
}

/// Counts by site, the most frequent first; a case on two of them counts at both.
pub(in crate::report) fn sites(rows: &SpanRows, locale: Locale) -> Vec<CountLine> {
    counted(rows, |one| one.sites.iter().map(|site| clean(catalogue::site(site, locale))).collect())
}

/// Counts by keyword group, likewise.
pub(in crate::report) fn groups(rows: &SpanRows) -> Vec<CountLine> {
    counted(rows, |one| one.groups.iter().map(|group| clean(group)).collect())
}

fn units(rows: &SpanRows) -> Vec<CountLine> {
    counted(rows, |one| vec![clean(&one.unit)])
}

/// What is counted of this stretch, of the one before and of the year before, which are 0, 1 and 2.
fn all(rows: &SpanRows) -> impl Iterator<Item = (usize, Cow<'_, Counted>)> {
    let now = rows.cases.iter().map(|case| (0, Cow::Owned(Counted::of(&case.incident))));
    let before = rows.before.iter().map(|one| (1, Cow::Borrowed(one)));
    now.chain(before).chain(rows.year_before.iter().map(|one| (2, Cow::Borrowed(one))))
}

/// Counts by names that a case may have several of; the most frequent first.
fn counted(rows: &SpanRows, names: impl Fn(&Counted) -> Vec<String>) -> Vec<CountLine> {
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for (nth, one) in all(rows) {
        for name in names(&one) {
            if let Some(count) = counts.entry(name).or_default().get_mut(nth) {
                *count += 1;
            }
        }
    }
    let mut lines: Vec<CountLine> =
        counts.into_iter().map(|(name, counts)| line(name, counts)).filter(|line| line.count > 0).collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.count), line.name.clone()));
    lines
}

/// As many as a paper lists.
fn top(mut lines: Vec<CountLine>) -> Vec<CountLine> {
    lines.truncate(NAMES);
    lines
}

fn line(name: String, [count, before, year_before]: [usize; 3]) -> CountLine {
    CountLine { name, count, before, year_before }
}

/// What a file of these facts is called, without an ending and free of what a file name must not hold.
#[must_use]
pub fn name(facts: &UnitFacts) -> String {
    let name = format!("{} {} {}", facts.unit, facts.paper, facts.period);
    name.chars().map(|c| if "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect()
}

/// A paper on a span. What of the office's own text fails is told beside it, and the shipped text stands instead.
#[must_use]
pub fn paper(
    facts: &UnitFacts,
    kind: PaperKind,
    texts: &Texts,
    locale: Locale,
) -> (Paper, Option<super::texts::Broken>) {
    let mut name = name(facts);
    if facts.draft {
        name.push_str(locale.pick("（征求意见稿）", " (draft)"));
    }
    let (text, broken) = texts.write(kind.id(), facts, locale);
    let (blocks, _) = markup::parse(&text);
    (Paper { name, locale, density: Density::Standard, blocks, drawings: Vec::new() }, broken)
}
