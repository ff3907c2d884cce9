//! A late report is never hidden by a later correction: what passed unmet is found late whatever is written down,
//! lowered, taken back or closed afterwards.

use jiff::Timestamp;
use yuqing::{
    desk::Change,
    model::*,
    report::{
        paper::unit::rows::is_slip,
        timeliness::{CaseTimes, Summary, Verdict},
    },
    store::{Case, Told},
};

use crate::desk::{
    course::entry,
    scene::{Scene, TEXT, at, look, on},
};

const ID: IncidentId = IncidentId(1);

/// An alert at 09:00 that nobody confirms within its ten minutes.
fn missed() -> Scene {
    let mut scene = Scene::new();
    let seen = look("09:00", "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("08:30"));
    scene.see(seen.reposts(312));
    scene.until(at("09:15"));
    scene
}

fn case(scene: &Scene) -> Case {
    let stored = scene.stored();
    let told = |notice: &Notice| Told {
        contact: notice.contact.clone(),
        person: notice.facts.person.clone(),
        kind: notice.kind,
        rank: notice.rank,
        channel: notice.channel,
        created_at: notice.created_at,
        state: notice.state.clone(),
    };
    Case {
        incident: scene.incident(1),
        deadlines: stored.deadlines.into_iter().filter(|limit| limit.incident == ID).collect(),
        told: stored.notices.iter().filter(|one| one.incident == Some(ID)).map(told).collect(),
    }
}

/// How the limit of the first step to confirm is judged.
fn first_step(scene: &Scene, now: Timestamp) -> Verdict {
    let case = case(scene);
    let times = CaseTimes::of(&case, now);
    let limit = times
        .limits
        .iter()
        .find(|limit| limit.deadline.kind == DeadlineKind::Acknowledge && limit.deadline.step == 0);
    limit.expect("the limit of the first step").verdict
}

fn ack(at: Option<Timestamp>) -> Act {
    Act::Acknowledge {
        incident: ID,
        contact: "值班员".into(),
        rank: None,
        how: AckHow::Phone,
        recorded_by: Some("王主任".into()),
        at,
    }
}

#[test]
fn no_correction_hides_that_a_limit_had_passed() {
    let by = || "王主任".to_owned();
    let lower =
        Act::Override {
            incident: ID, tier: "一般".to_owned(), by: by(), reason: "数字有误".to_owned()
        };
    let close = Act::Close { incident: ID, by: by(), reason: "已处理".to_owned() };
    let corrections: [(&str, Vec<Act>); 6] = [
        ("a confirmation by telephone, written down with an earlier instant", vec![ack(Some(at("09:05")))]),
        ("a confirmation that comes late", vec![ack(None)]),
        ("that taken back", vec![ack(Some(at("09:05"))), Act::Undo { incident: ID, by: by() }]),
        ("a lower tier", vec![lower.clone()]),
        ("a lower tier, then closed", vec![lower, close.clone()]),
        ("closed", vec![close]),
    ];
    let now = on(22, "09:00");
    for (what, acts) in corrections {
        let mut scene = missed();
        assert!(first_step(&scene, at("09:15")).is_bad(), "it was late before");
        for act in acts {
            let said = scene.act(at("09:20"), act);
            assert!(!said.iter().any(|line| line.starts_with("refused")), "{what}: {said:?}");
        }
        for scene in [&scene, &scene.restarted(at("09:30"))] {
            let verdict = first_step(scene, now);
            assert!(verdict.is_bad(), "{what}: {verdict:?}");
            let summary = Summary::of(&[case(scene)], now);
            assert_eq!((summary.cases, summary.late), (1, 1), "{what}");
            let kept =
                summary.limits.iter().find(|((kind, _), _)| *kind == DeadlineKind::Acknowledge).unwrap().1;
            assert!(kept.late + kept.missed >= 1, "{what}: {kept:?}");
            assert!(!summary.causes.is_empty(), "{what}");
        }
    }
}

#[test]
fn one_confirmed_in_time_is_not_late() {
    let mut scene = missed();
    let mut good = Scene::new();
    let seen = look("09:00", "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("08:30"));
    good.see(seen.reposts(312));
    for scene in [&mut scene, &mut good] {
        scene.act(at("09:16"), ack(None));
    }
    assert!(first_step(&scene, at("10:00")).is_bad());
    let mut good = Scene::new();
    let seen = look("09:00", "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("08:30"));
    good.see(seen.reposts(312));
    good.act(at("09:04"), ack(None));
    good.act(at("12:00"), Act::Close { incident: ID, by: "王主任".into(), reason: "已处理".into() });
    assert_eq!(first_step(&good, at("13:00")), Verdict::InTime);
}

/// What was entered by mistake counts in no figure; that a limit of it had passed is still counted apart.
#[test]
fn an_entry_taken_back_late_is_counted_apart() {
    let mut scene = Scene::new();
    scene.act(at("09:00"), Act::Enter { entry: Box::new(entry(Some("重大"))) });
    let mut case = case(&scene);
    assert!(!is_slip(&case, false));
    case.deadlines[0].passed = true;
    assert!(!is_slip(&case, false), "it stands");
    case.incident.course.entered.as_mut().expect("entered by hand").withdrawn_at = Some(at("09:01"));
    (case.incident.state, case.incident.closed_at) = (IncidentState::Closed, Some(at("09:01")));
    assert!(is_slip(&case, false));
    case.deadlines[0].passed = false;
    assert!(!is_slip(&case, false), "it was taken back in time");
}

/// Rows of limits that were written before it was noted read as before; the mark outlives their being written anew.
#[test]
fn the_mark_stays_in_the_row() {
    let mut scene = missed();
    scene.act(at("09:20"), ack(Some(at("09:05"))));
    let marked = |change: &&Change| matches!(change, Change::Deadline(limit) if limit.passed);
    let Some(Change::Deadline(limit)) = scene.changes.iter().rev().find(marked) else {
        panic!("no limit passed")
    };
    let json = serde_json::to_string(limit).unwrap();
    assert!(json.contains("\"passed\":true"), "{json}");
    let before = json.replace(",\"passed\":true", "");
    let read: Deadline = serde_json::from_str(&before).unwrap();
    assert!(!read.passed && !serde_json::to_string(&read).unwrap().contains("passed"));
}
