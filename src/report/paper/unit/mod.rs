//! The facts of a paper on a unit's day, week or month: what was counted, how limits were kept, what is open, how that
//! compares, and the proof that watching ran. What was nothing is said to be nothing (零报告).

mod counts;
mod line;
pub mod rows;
pub(in crate::report) mod watch;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use self::{
    counts::CountLine,
    line::CaseLine,
    rows::{Counted, Merged, Period, SpanRows, merged},
};
use super::{
    Density, Paper, PaperKind, markup,
    number::{self, Issue},
    texts::Texts,
};
use crate::{
    locale::{Locale, When, words as catalogue},
    model::{DeadlineKind, DigestLine, Incident},
    report::{
        timeliness::{Spans, Summary},
        words,
    },
    store::Case,
    text::clean,
};
pub(in crate::report) use counts::{groups, sites, tiers};
use counts::{top, units};
use line::missed;

/// Cases that a paper lists; the others stand in the register.
const LISTED: usize = 60;

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
