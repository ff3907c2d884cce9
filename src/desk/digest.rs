//! Digests (舆情动态): general statements since the last one, and backlog found by a new source or keyword,
//! at the plan's hours. Each statement is carried once until it changes tier. An hour that passed while nothing ran
//! is made up for by the next digest, the weekly one of a Monday too (SEMANTICS 25). A long digest lists what weighs
//! most and says how many there are.

use jiff::{SignedDuration, Timestamp, ToSpan, civil};

use super::{
    case::{Case, Work, zone_of},
    telling::{Loose, add_loose},
};
use crate::model::{
    DigestLine, DigestTimes, Facts, IncidentState, Notice, NoticeKind, Plan, Telling, TierRule, Unit,
};

/// Lines of one digest; of more, those that weigh most.
const LINES: usize = 100;
/// A digest must be accepted within this of its hour.
const LIMIT: SignedDuration = SignedDuration::from_mins(15);

/// The first digest instant after `last`.
pub(super) fn next_digest(plan: &Plan, last: Timestamp) -> Timestamp {
    match &plan.digest {
        DigestTimes::Every(span) => last.saturating_add(*span).unwrap_or(Timestamp::MAX),
        DigestTimes::Daily(times) => {
            let zone = zone_of(&plan.zone);
            let day = last.to_zoned(zone.clone()).date();
            (0..=2_i64)
                .filter_map(|ahead| day.checked_add(ahead.days()).ok())
                .flat_map(|day| times.iter().map(move |time| day.to_datetime(*time)))
                .filter_map(|local| local.to_zoned(zone.clone()).ok())
                .map(|zoned| zoned.timestamp())
                .filter(|at| *at > last)
                .min()
                .unwrap_or_else(|| {
                    last.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX)
                })
        }
    }
}

/// Makes the digests of a unit that are due since `last`; marks what they carried.
pub(super) fn make<'a>(
    unit: &Unit,
    plan: &Plan,
    last: Timestamp,
    cases: impl Iterator<Item = &'a mut Case>,
    work: &mut Work<'_>,
) -> Vec<Notice> {
    let weekly = weekly_is_due(plan, last, work.now);
    let (mut general, mut backlog, mut drills, mut mark) = (Vec::new(), Vec::new(), Vec::new(), None);
    for case in cases.filter(|case| !case.row.in_digest) {
        let telling = case.row.plan.tier(case.row.rank).telling;
        let rank = case.row.rank;
        match case.row.state {
            IncidentState::Dormant => backlog.push((rank, line(case))),
            IncidentState::Open if telling == Telling::Digest || (telling == Telling::Weekly && weekly) => {
                if case.row.plan.exercise_mark == plan.exercise_mark {
                    general.push((rank, line(case)));
                } else {
                    mark.clone_from(&case.row.plan.exercise_mark);
                    drills.push((rank, line(case)));
                }
            }
            _ => continue,
        }
        case.row.in_digest = true;
        work.changes.push(super::Change::Incident(Box::new(case.row.clone())));
    }
    // Backlog: a root over a repost threshold is listed first (SEMANTICS 5).
    backlog.sort_by_key(|(_, line)| std::cmp::Reverse((line.heat.reposts_backlog, line.heat.daily_views)));
    let weight = |(rank, line): &(usize, DigestLine)| (*rank, line.heat.daily_views, line.heat.reposts);
    for lines in [&mut general, &mut drills] {
        lines.sort_by_key(|line| std::cmp::Reverse(weight(line)));
    }
    let own = plan.exercise_mark.clone();
    let mut notices = notices_of(unit, plan, work, (NoticeKind::Digest, own.clone()), &general);
    notices.extend(notices_of(unit, plan, work, (NoticeKind::BacklogDigest, own), &backlog));
    // What is made up stands in a digest of its own, which says so.
    notices.extend(notices_of(unit, plan, work, (NoticeKind::Digest, mark), &drills));
    notices
}

/// Weekly tiers ride in the digest of a Monday's first hour, or in the next one when that hour passed unused.
fn weekly_is_due(plan: &Plan, last: Timestamp, now: Timestamp) -> bool {
    let DigestTimes::Daily(times) = &plan.digest else { return true };
    let zone = zone_of(&plan.zone);
    let first = times.iter().min().copied().unwrap_or(civil::Time::midnight());
    let today = now.to_zoned(zone.clone()).date();
    let since_monday = i64::from(today.weekday().to_monday_zero_offset());
    // On a Monday before its hour it is the week before that counts.
    let hours = [since_monday, since_monday + 7].into_iter().filter_map(|days| {
        let monday = today.checked_sub(days.days()).ok()?;
        Some(monday.to_datetime(first).to_zoned(zone.clone()).ok()?.timestamp())
    });
    hours.filter(|at| *at <= now).max().is_some_and(|at| at > last)
}

fn line(case: &Case) -> DigestLine {
    let first = case.members.values().min_by_key(|member| member.row.first_seen_at);
    DigestLine {
        incident: case.row.id,
        gist: case.row.gist.clone(),
        tier_name: case.row.plan.tier(case.row.rank).name.clone(),
        heat: case.row.heat.clone(),
        url: first.map(|member| member.row.post.url.clone()).unwrap_or_default(),
        first_seen_at: case.row.detected_at,
        groups: case.row.groups.clone(),
        kinds: case.row.kinds.clone(),
        led_by: case.row.plan.tier(case.row.rank).led_by.clone(),
    }
}

/// Who reads digests: each contact with the tiers that it is told of. Every tier has its own readers; what stands
/// at a tier that tells by no digest (backlog, a plan that was edited) goes to those of the lowest that does.
fn readers(plan: &Plan) -> Vec<(&str, Vec<&TierRule>)> {
    let mut readers: Vec<(&str, Vec<&TierRule>)> = Vec::new();
    let mut tiers: Vec<&TierRule> = plan.tiers.iter().rev().filter(|tier| !tier.telling.alerts()).collect();
    tiers.sort_by_key(|tier| tier.telling == Telling::Weekly);
    if tiers.is_empty() {
        tiers.extend(plan.tiers.first());
    }
    for tier in tiers {
        for name in tier.lines.iter().filter_map(|line| line.steps.first()).flatten() {
            match readers.iter_mut().find(|(known, _)| known == name) {
                Some((_, of)) => of.push(tier),
                None => readers.push((name, vec![tier])),
            }
        }
    }
    readers
}

fn notices_of(
    unit: &Unit,
    plan: &Plan,
    work: &Work<'_>,
    (kind, mark): (NoticeKind, Option<String>),
    lines: &[(usize, DigestLine)],
) -> Vec<Notice> {
    let readers = readers(plan);
    let told: Vec<usize> = readers.iter().flat_map(|(_, tiers)| tiers.iter().map(|tier| tier.rank)).collect();
    // Those of the first tier also read what is nobody's.
    let first = readers.first().and_then(|(_, tiers)| tiers.first()).map(|tier| tier.rank);
    let of = if mark == plan.exercise_mark { "" } else { "/drill" };
    let stem = format!("digest/{}/{}{of}/{}", unit.name, kind.id(), work.now.as_millisecond());
    let mut notices: Vec<Notice> = Vec::new();
    for (name, tiers) in &readers {
        let reads = |rank: usize| tiers.iter().any(|tier| tier.rank == rank);
        let all_backlog = kind == NoticeKind::BacklogDigest && first.is_some_and(reads);
        let own = |rank: usize| reads(rank) || (!told.contains(&rank) && first.is_some_and(reads));
        let mut digest: Vec<DigestLine> = lines
            .iter()
            .filter(|(rank, _)| if kind == NoticeKind::BacklogDigest { all_backlog } else { own(*rank) })
            .map(|(_, line)| line.clone())
            .collect();
        let Some(tier) = tiers.first().filter(|_| !digest.is_empty()) else { continue };
        let all = digest.len();
        digest.truncate(LINES);
        let facts = Facts {
            unit: unit.name.clone(),
            plan_title: plan.title.clone(),
            mark: mark.clone(),
            tier_name: tier.name.clone(),
            digest,
            digest_total: all,
            ..Facts::default()
        };
        add_loose(
            &mut notices,
            name,
            &Loose { stem: &stem, kind, tier, limit: LIMIT, facts: facts.into() },
            work,
        );
    }
    notices
}
