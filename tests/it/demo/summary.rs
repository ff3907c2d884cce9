//! The summary says what the store says, and the mailbox's count stands beside it.

use jiff::SignedDuration;
use yuqing::{
    app::demo::Summary,
    desk::Change,
    model::{Base, Deadline, DeadlineKind, DeadlineState, IncidentId},
    store::{SharedStore, SqliteStore},
};

use super::county;
use crate::console::rows::{self, Outside, ago};

fn limit(kind: DeadlineKind, rank: usize, base: i64, due_in: i64, state: DeadlineState) -> Change {
    Change::Deadline(Deadline {
        key: format!("1/{}/{rank}", kind.id()),
        incident: IncidentId(1),
        kind,
        rank,
        line: (kind == DeadlineKind::Acknowledge).then(|| "本单位".into()),
        step: usize::from(rank == 3),
        base: Base::Graded,
        base_at: ago(base),
        due_at: ago(-due_in),
        state,
        warned: false,
        duty: None,
        name: None,
        warnings: 0,
        reminders: 0,
        passed: false,
        moved: false,
    })
}

async fn told() -> (tempfile::TempDir, Summary) {
    let folder = tempfile::tempdir().expect("a folder");
    let store: SharedStore =
        std::sync::Arc::new(SqliteStore::open(&folder.path().join("db")).expect("a store"));
    let day =
        rows::day(&Outside::default()).into_iter().filter(|change| !matches!(change, Change::Deadline(_)));
    store.commit(day.collect()).await.expect("committed");
    let superseded = || DeadlineState::Ended { why: "superseded".into() };
    let limits = vec![
        limit(DeadlineKind::Report, 1, 2_000, -1_700, DeadlineState::Met { at: ago(1_900) }),
        limit(DeadlineKind::Report, 2, 900, -600, DeadlineState::Met { at: ago(500) }),
        limit(DeadlineKind::Report, 3, 240, 60, DeadlineState::Running),
        limit(DeadlineKind::Acknowledge, 1, 2_000, -1_700, DeadlineState::Met { at: ago(1_800) }),
        limit(DeadlineKind::Acknowledge, 2, 900, -600, superseded()),
        limit(DeadlineKind::Acknowledge, 3, 240, -10, DeadlineState::Overdue),
    ];
    store.commit(limits).await.expect("committed");
    (folder, Summary::of(&*store).await.expect("a summary"))
}

#[tokio::test]
async fn tiers_notices_and_limits_come_from_the_store() {
    let (_folder, summary) = told().await;
    let grave = summary.incidents.iter().find(|incident| incident.id == 1).expect("the grave one");
    let tiers: Vec<_> = grave.tiers.iter().map(|tier| (tier.tier.as_str(), tier.at)).collect();
    let want =
        [("general", ago(3_600)), ("elevated", ago(2_000)), ("major", ago(900)), ("critical", ago(240))];
    assert_eq!(tiers, want);
    assert_eq!(summary.tiers_reached().len(), 4);

    let refused = summary.notices.iter().find(|line| line.state == "refused").expect("the refused one");
    assert_eq!((refused.contact.as_str(), refused.channel, refused.count), ("带班领导", "email", 1));
    assert_eq!(summary.notices.iter().map(|line| line.count).sum::<usize>(), 5);
    assert_eq!(summary.mails_accepted, 1);

    let line = |who: &str| {
        let line = summary.deadlines.iter().find(|line| line.recipient == who).expect("a line");
        (line.met, line.overdue, line.running, line.ended)
    };
    assert_eq!(line("值班员"), (1, 0, 0, 1));
    assert_eq!(line("带班领导"), (0, 1, 0, 0), "the second step of the chain");
    assert_eq!(line(rows::UNIT), (1, 1, 1, 0), "what was met too late is overdue");
}

#[tokio::test]
async fn a_mail_that_never_arrived_shows() {
    let (_folder, summary) = told().await;
    assert!(summary.agrees(), "nothing to compare with yet");
    let (county, _clock) = county(1).await;
    let beside = summary.beside(&county.mailbox);
    assert_eq!((beside.mails_accepted, beside.mails_in_mailbox), (1, Some(0)));
    assert!(!beside.agrees());
    let text = beside.to_text(ago(3_600) - SignedDuration::from_secs(1));
    assert!(text.contains("第  1 秒 一般") && text.contains("两者不一致"), "{text}");
    let json = serde_json::to_value(&beside).expect("JSON");
    assert_eq!(json["incidents"][0]["tiers"][3]["tier"], "critical");
    county.stop().await;
}
