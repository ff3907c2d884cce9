//! When things happened to cases, which limits were kept, and through what they were not.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use yuqing::{
    model::{Ack, AckHow, Base, ChannelKind, Deadline, DeadlineKind, DeadlineState, NoticeKind, NoticeState},
    report::person::{Who, people},
    report::timeliness::{CaseTimes, Cause, Kept, Stage, Summary, Verdict},
    store::{Case, Told},
};

use crate::store::rows::{at, deadline, incident};

fn limit(kind: DeadlineKind, due: i64, state: DeadlineState) -> Deadline {
    deadline(1, kind, due, state)
}

fn told(contact: &str, created: i64, accepted: Option<i64>) -> Told {
    Told {
        contact: contact.to_owned(),
        person: None,
        kind: NoticeKind::Alert,
        rank: 0,
        channel: ChannelKind::Email,
        created_at: at(created),
        state: match accepted {
            Some(accepted) => NoticeState::Accepted { at: at(accepted), arrived_at: None },
            None => NoticeState::Refused { at: at(created), why: "550".to_owned() },
        },
    }
}

fn ack(contact: &str, seconds: i64) -> Ack {
    Ack {
        contact: contact.to_owned(),
        rank: 0,
        line: None,
        at: at(seconds),
        how: AckHow::Link,
        recorded_by: None,
    }
}

fn case(deadlines: Vec<Deadline>, told: Vec<Told>) -> Case {
    Case { incident: incident(1, 0), deadlines, told }
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

#[test]
fn a_limit_is_kept_to_its_last_second() {
    let now = at(1_000);
    let of = |due, state| Verdict::of(&limit(DeadlineKind::Report, due, state), now);
    assert_eq!(of(300, DeadlineState::Met { at: at(300) }), Verdict::InTime);
    assert_eq!(of(300, DeadlineState::Met { at: at(301) }), Verdict::Late(seconds(1)));
    assert_eq!(of(1_000, DeadlineState::Running), Verdict::Running);
    assert_eq!(of(999, DeadlineState::Running), Verdict::Missed(Some(seconds(1))));
    assert_eq!(of(400, DeadlineState::Overdue), Verdict::Missed(Some(seconds(600))));
    assert_eq!(of(400, DeadlineState::Ended { why: "closed".to_owned() }), Verdict::Ended);
}

#[test]
fn what_ended_after_it_was_told_to_be_overdue_stays_missed() {
    let mut late = limit(DeadlineKind::Response, 300, DeadlineState::Ended { why: "closed".to_owned() });
    late.reminders = 1;
    assert_eq!(Verdict::of(&late, at(9_000)), Verdict::Missed(None));
    let summary = Summary::of(&[case(vec![late], Vec::new())], at(9_000));
    assert_eq!((summary.cases, summary.late), (1, 1));
}

#[test]
fn each_miss_has_the_cause_that_explains_it() {
    let late = |kind| limit(kind, 300, DeadlineState::Met { at: at(400) });
    let cause = |case: Case| CaseTimes::of(&case, at(500)).limits[0].cause;
    let moved = Deadline { moved: true, ..late(DeadlineKind::Report) };
    assert_eq!(cause(case(vec![moved], Vec::new())), Some(Cause::Origin));
    let in_time = case(vec![late(DeadlineKind::Report)], vec![told("甲", 10, Some(400))]);
    assert_eq!(cause(in_time), Some(Cause::Channel), "decided in time, taken late");
    let refused =
        case(vec![late(DeadlineKind::Report)], vec![told("甲", 10, None), told("乙", 350, Some(400))]);
    assert_eq!(cause(refused), Some(Cause::Channel));
    let away = case(vec![late(DeadlineKind::Report)], vec![told("甲", 390, Some(400))]);
    assert_eq!(cause(away), Some(Cause::Machine), "decided after the limit");
    assert_eq!(cause(case(vec![late(DeadlineKind::Acknowledge)], Vec::new())), Some(Cause::Person));
    let mut slow = case(vec![Deadline { base: Base::Published, ..late(DeadlineKind::Response) }], Vec::new());
    slow.incident.detected_at = at(301);
    assert_eq!(cause(slow), Some(Cause::Source));
    let kept = case(vec![limit(DeadlineKind::Report, 300, DeadlineState::Met { at: at(20) })], Vec::new());
    assert_eq!(cause(kept), None);
}

#[test]
fn stages_run_from_publication_to_closing() {
    let report = limit(DeadlineKind::Report, 300, DeadlineState::Met { at: at(90) });
    let mut one = case(vec![report], vec![told("甲", 10, Some(60)), told("乙", 10, Some(90))]);
    one.incident.published_at = Some(at(-600));
    one.incident.detected_at = at(0);
    one.incident.acks = vec![ack("乙", 400), ack("甲", 290)];
    one.incident.responded_at = Some(at(3_600));
    let times = CaseTimes::of(&one, at(9_000));
    let took = Stage::ALL.map(|stage| times.stage(stage));
    let want = [Some(seconds(600)), Some(seconds(90)), Some(seconds(200)), Some(seconds(3_600)), None];
    assert_eq!(took, want);
    assert_eq!(times.confirmed.map(|ack| ack.contact.as_str()), Some("甲"));
    assert!(!times.is_late());
}

#[test]
fn unknown_publication_is_no_time_at_all() {
    let one = case(Vec::new(), Vec::new());
    assert_eq!(CaseTimes::of(&one, at(10)).stage(Stage::Seen), None);
    let summary = Summary::of(&[one], at(10));
    assert!(summary.stages.iter().all(|(_, spans)| spans.count() == 0));
    assert!(summary.limits.is_empty() && summary.people.is_empty());
}

#[test]
fn what_was_old_when_it_was_first_seen_is_no_slow_sight() {
    let published = |seconds: i64| {
        let mut one = case(Vec::new(), Vec::new());
        one.incident.detected_at = at(0);
        one.incident.published_at = Some(at(-seconds));
        one.incident.responded_at = Some(at(60));
        one
    };
    let day = 24 * 3_600;
    let summary = Summary::of(&[published(600), published(day), published(day + 1)], at(100));
    assert_eq!((summary.cases, summary.backlog), (3, 1));
    let longest = |stage| summary.stages.iter().find(|one| one.0 == stage).and_then(|one| one.1.longest());
    assert_eq!(longest(Stage::Seen), Some(seconds(day)), "backlog is counted apart (SEMANTICS 4)");
    assert_eq!(summary.stages[3].1.count(), 3, "it was answered like any other");
}

#[test]
fn people_are_measured_by_what_reached_them() {
    let owed = limit(DeadlineKind::Acknowledge, 600, DeadlineState::Running);
    let mut one =
        case(vec![owed], vec![told("甲", 0, Some(100)), told("甲", 0, Some(50)), told("乙", 0, None)]);
    one.incident.acks = vec![ack("甲", 350)];
    let mut other = one.clone();
    other.incident.acks.clear();
    other.told.push(told("乙", 0, Some(30)));
    let digest = Case { deadlines: Vec::new(), ..one.clone() };
    let summary = Summary::of(&[one, other, digest], at(400));
    let first = &summary.people["甲"];
    assert_eq!((first.asked, first.confirmed), (2, 1), "a digest asks nobody to confirm");
    assert_eq!(first.took.longest(), Some(seconds(300)), "from the first acceptance");
    let second = &summary.people["乙"];
    assert_eq!((second.asked, second.confirmed), (1, 0), "what was refused reached nobody");
}

#[test]
fn an_empty_month_divides_by_nothing() {
    assert_eq!(
        Summary::of(&[], Timestamp::UNIX_EPOCH),
        Summary {
            stages: Stage::ALL.map(|stage| (stage, Default::default())).to_vec(),
            ..Summary::default()
        }
    );
    assert_eq!(Kept::default().share(), None);
}

/// Limits bind those of their step, and whoever leads; what did not reach somebody is not theirs.
#[test]
fn each_responsible_person_has_a_line_with_what_bound_them() {
    let mut row = crate::console::rows::incident(1, 3, &crate::console::rows::Outside::default());
    row.acks = vec![ack("带班领导", 900)];
    row.course.assignment = Some(yuqing::model::Assignment {
        lead: "门诊部".to_owned(),
        helping: vec!["宣传科".to_owned()],
        instruction: String::new(),
        by: "王主任".to_owned(),
        at: at(100),
    });
    let confirm = |step: usize, due: i64, state| Deadline {
        rank: 3,
        step,
        line: Some("本单位".to_owned()),
        ..limit(DeadlineKind::Acknowledge, due, state)
    };
    let response = Deadline { rank: 3, ..limit(DeadlineKind::Response, 500, DeadlineState::Overdue) };
    let deadlines = vec![
        confirm(0, 300, DeadlineState::Met { at: at(900) }),
        confirm(1, 1_000, DeadlineState::Met { at: at(900) }),
        response,
    ];
    let on_duty = |who: &str, told: Told| Told { person: Some(who.to_owned()), rank: 3, ..told };
    // The gateway took the first message only after the limit.
    let told = vec![
        on_duty("张三", told("值班员", 10, Some(350))),
        on_duty("李四", told("带班领导", 310, Some(320))),
        on_duty("李四", told("带班领导", 310, Some(330))),
    ];
    let people = people(&[Case { incident: row, deadlines, told }], at(2_000));
    let of = |contact: &str, person: &str| {
        people
            .get(&Who { contact: contact.to_owned(), person: person.to_owned() })
            .unwrap_or_else(|| panic!("{people:?}"))
    };
    let first = of("值班员", "张三");
    assert_eq!((first.notices, first.asked, first.confirmed, first.kept.late), (1, 1, 0, 1));
    assert_eq!(first.causes.get(&Cause::Channel), Some(&1), "{first:?}");
    let second = of("带班领导", "李四");
    assert_eq!((second.notices, second.asked, second.confirmed, second.kept.in_time), (2, 1, 1, 1));
    assert_eq!(second.took.longest(), Some(seconds(580)));
    let lead = of("门诊部", "");
    assert_eq!((lead.asked, lead.kept.missed), (0, 1));
    assert_eq!(lead.causes.get(&Cause::Person), Some(&1));
    assert_eq!(people.len(), 3, "who only helps owes nothing by this plan: {people:?}");
}

proptest! {
    /// The figures of a summary add up, whatever happened.
    #[test]
    fn every_limit_is_counted_once(rows in prop::collection::vec((0_i64..900, 0_u8..4, 0_i64..900, 0_u32..2), 0..40)) {
        let state = |kind, other| match kind {
            0 => DeadlineState::Running,
            1 => DeadlineState::Overdue,
            2 => DeadlineState::Met { at: at(other) },
            _ => DeadlineState::Ended { why: "closed".to_owned() },
        };
        let limits: Vec<Deadline> = rows.iter().map(|(due, kind, other, reminders)| Deadline {
            reminders: *reminders,
            ..limit(DeadlineKind::Response, *due, state(*kind, *other))
        }).collect();
        let ended = rows.iter().filter(|(_, kind, _, reminders)| *kind == 3 && *reminders == 0).count();
        let one = case(limits, Vec::new());
        let times = CaseTimes::of(&one, at(500));
        let bad = times.limits.iter().filter(|limit| limit.verdict.is_bad()).count();
        let summary = Summary::of(std::slice::from_ref(&one), at(500));
        let kept = summary.limits.values().next().copied().unwrap_or_default();
        prop_assert_eq!(kept.owed, rows.len() - ended);
        prop_assert_eq!(kept.owed, kept.in_time + kept.late + kept.missed + kept.running);
        prop_assert_eq!(kept.late + kept.missed, bad);
        prop_assert_eq!(summary.causes.values().sum::<usize>(), bad);
        prop_assert!(kept.share().is_none_or(|share| share <= 100));
    }
}
