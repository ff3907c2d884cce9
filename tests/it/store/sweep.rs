//! Retention, of every engine: each kind goes at its time, what is open never.

use std::sync::Arc;

use yuqing::{
    desk::Change,
    model::{
        ChannelKind, Count, Evidence, FileBody, FileNote, Incident, IncidentId, IncidentState, NoticeId,
        NoticeState, Retention, Shown, TierRule,
    },
    store::{FORGOTTEN, HeldKind, IncidentFilter, Store, Swept},
};

use super::rows::{at, entry, incident, key, notice, observation, plan, post};

pub const DAY: i64 = 86_400;

/// An incident with one of everything, whose last happening is at the test's first instant.
pub fn whole(id: u64, state: IncidentState, epoch: u32, told: Option<usize>) -> Vec<Change> {
    let mut row = incident(id, 0);
    (row.state, row.epoch, row.told_rank) = (state, epoch, told);
    let name = id.to_string();
    let mut letter = notice(&format!("{id}/1/alert/0.0/本单位/甲/email"), ChannelKind::Email, 0);
    letter.incident = Some(row.id);
    letter.state = NoticeState::Accepted { at: at(0), arrived_at: None };
    let mut acted = entry(Some(id), "已查看");
    acted.by = Some("王科长".to_owned());
    vec![
        Change::Incident(Box::new(row)),
        Change::Post(Box::new(post(id, &name))),
        Change::Observation(observation(&name, 0, None)),
        Change::Notice(Box::new(letter)),
        Change::Entry(entry(Some(id), "立案")),
        Change::Entry(acted),
        Change::Evidence(Box::new(Evidence {
            post: key(&name),
            shown: Shown { at: at(0), ..Shown::default() },
            text_sha256: name,
            fragment: None,
        })),
    ]
}

/// Sweeps to the end so many days and a minute after the test's first instant; where words stand is not told.
pub async fn swept(store: &dyn Store, days: i64) -> Swept {
    swept_by(store, &Retention::default(), days).await
}

/// The same with spans of an office's own.
pub async fn swept_by(store: &dyn Store, retention: &Retention, days: i64) -> Swept {
    let mut gone = Swept::default();
    loop {
        let step = store.sweep(retention.clone(), at(days * DAY + 60)).await.unwrap();
        if step.is_empty() {
            return gone;
        }
        gone = gone.and(Swept { words: 0, ..step });
    }
}

/// What every engine must do with what is old.
pub async fn all<S: Store>(empty: &mut impl FnMut() -> S) {
    each_kind_goes_at_its_time(&empty()).await;
    what_is_open_stays(&empty()).await;
    a_file_goes_with_the_last_that_names_it(&empty()).await;
    a_step_is_small(&empty()).await;
    each_tier_goes_at_its_own_time(&empty()).await;
    looks_are_thinned_and_no_figure_changes(&empty()).await;
    what_is_held_is_counted(&empty()).await;
}

async fn ids(store: &dyn Store) -> Vec<u64> {
    let listed = store.incidents(IncidentFilter::default()).await.unwrap();
    let mut ids: Vec<u64> = listed.iter().map(|row| row.id.0).collect();
    ids.sort_unstable();
    ids
}

async fn each_kind_goes_at_its_time(store: &dyn Store) {
    store.commit(whole(1, IncidentState::Archived, 0, None)).await.unwrap();
    store.commit(whole(2, IncidentState::Archived, 1, Some(0))).await.unwrap();
    let mut merged = incident(3, 0);
    (merged.state, merged.merged_into) = (IncidentState::Merged, Some(IncidentId(2)));
    store.commit(vec![Change::Incident(Box::new(merged))]).await.unwrap();
    let mut circular = notice("daily", ChannelKind::Email, 0);
    (circular.incident, circular.state) = (None, NoticeState::Accepted { at: at(0), arrived_at: None });
    store.commit(vec![Change::Notice(Box::new(circular)), Change::Entry(entry(None, "启动"))]).await.unwrap();

    assert_eq!(swept(store, 29).await, Swept::default());
    assert_eq!(swept(store, 31).await, Swept { incidents: 1, ..Swept::default() }, "nobody was told of it");
    assert_eq!(ids(store).await, [2, 3]);
    assert!(store.incident(IncidentId(1)).await.unwrap().is_none());
    assert!(store.incidents_of_post(&key("1")).await.unwrap().is_empty());
    assert!(store.evidence(&key("1")).await.unwrap().is_empty(), "with its evidence");
    let letter = |id: u64| NoticeId(format!("{id}/1/alert/0.0/本单位/甲/email"));
    assert!(store.notice(&letter(1)).await.unwrap().is_none());
    let texts: Vec<String> = store.entries(9).await.unwrap().into_iter().rev().map(|one| one.text).collect();
    assert_eq!(
        texts,
        [FORGOTTEN, "已查看", "立案", "已查看", "启动"],
        "what a person did is kept as long as the audit"
    );

    assert_eq!(
        swept(store, 201).await,
        Swept { loose: 3, ..Swept::default() },
        "the rows of 1, and the notice"
    );
    assert!(store.notice(&NoticeId("daily".to_owned())).await.unwrap().is_none());
    assert_eq!(store.entries(9).await.unwrap().len(), 3, "the rows of what is kept are kept");
    assert_eq!(swept(store, 367).await, Swept { evidence: 1, ..Swept::default() });
    assert_eq!(swept(store, 1_095).await, Swept::default());
    let gone = swept(store, 1_097).await;
    assert_eq!((gone.incidents, gone.loose), (1, 2), "its rows could go at once; the newest stays");
    assert!(ids(store).await.is_empty(), "with what was merged into it");
    assert!(store.notice(&letter(2)).await.unwrap().is_none());
    assert_eq!(store.entries(9).await.unwrap().len(), 1);
}

async fn what_is_open_stays(store: &dyn Store) {
    for (id, state) in [(1, IncidentState::Open), (2, IncidentState::Dormant), (3, IncidentState::Closed)] {
        store.commit(whole(id, state, 1, Some(0))).await.unwrap();
    }
    let mut waits = whole(4, IncidentState::Archived, 1, Some(0));
    for change in &mut waits {
        if let Change::Notice(row) = change {
            row.state = NoticeState::Pending;
        }
    }
    store.commit(waits).await.unwrap();
    let gone = swept(store, 36_500).await;
    assert_eq!((gone.incidents, gone.evidence, gone.loose), (0, 1, 0), "that of the archived one");
    assert_eq!(ids(store).await, [1, 2, 3, 4], "a notice of the archived one still waits");
    for id in ["1", "2", "3"] {
        assert_eq!(store.evidence(&key(id)).await.unwrap().len(), 1, "what the desk works on keeps it: {id}");
    }
    assert_eq!(store.entries(99).await.unwrap().len(), 8);
}

async fn a_file_goes_with_the_last_that_names_it(store: &dyn Store) {
    let with_files = |id, state, names: &[&str]| -> Box<Incident> {
        let mut row = incident(id, 0);
        row.state = state;
        row.course.files = names
            .iter()
            .map(|name| {
                let FileBody { sha256, bytes } = FileBody::of(name.as_bytes().to_vec());
                FileNote {
                    name: (*name).to_owned(),
                    size: bytes.len() as u64,
                    sha256,
                    by: "甲".into(),
                    at: at(0),
                }
            })
            .collect();
        Box::new(row)
    };
    let bodies = ["甲", "乙", "丙"].map(|name| FileBody::of(name.as_bytes().to_vec()));
    let mut rows: Vec<Change> = bodies.iter().cloned().map(Change::File).collect();
    rows.push(Change::Incident(with_files(1, IncidentState::Archived, &["甲", "乙"])));
    rows.push(Change::Incident(with_files(2, IncidentState::Open, &["乙", "丙"])));
    store.commit(rows).await.unwrap();
    let kept = async || {
        let mut kept = Vec::new();
        for file in &bodies {
            kept.push(store.file(&file.sha256).await.unwrap().is_some());
        }
        kept
    };
    assert_eq!(swept(store, 1).await, Swept::default());
    let taken_back = Change::Incident(with_files(2, IncidentState::Open, &["乙"]));
    store.commit(vec![taken_back]).await.unwrap();
    assert_eq!(swept(store, 1).await.loose, 1);
    assert_eq!(kept().await, [true, true, false], "the act that named it was taken back");
    assert_eq!(swept(store, 31).await.incidents, 1);
    assert_eq!(kept().await, [false, true, false], "the open one still names it");
}

async fn a_step_is_small(store: &dyn Store) {
    for id in 1..=25 {
        store.commit(whole(id, IncidentState::Archived, 0, None)).await.unwrap();
    }
    let step = store.sweep(Retention::default(), at(31 * DAY)).await.unwrap();
    assert!((1..=10).contains(&step.incidents), "{step:?}");
    assert_eq!(swept(store, 31).await.incidents, 25 - step.incidents);
}

/// An archived incident under a plan of two tiers that was told at one of them.
fn told_at(id: u64, rank: usize) -> Vec<Change> {
    let mut plan = (*plan("预案")).clone();
    let high =
        TierRule {
            id: "critical".to_owned(), name: "特别重大".to_owned(), rank: 1, ..plan.tiers[0].clone()
        };
    plan.tiers.push(high);
    let plan = Arc::new(plan);
    let mut rows = whole(id, IncidentState::Archived, 1, Some(rank));
    for row in &mut rows {
        if let Change::Incident(row) = row {
            row.plan = Arc::clone(&plan);
        }
    }
    rows
}

async fn each_tier_goes_at_its_own_time(store: &dyn Store) {
    store.commit(told_at(1, 0)).await.unwrap();
    store.commit(told_at(2, 1)).await.unwrap();
    store.commit(whole(3, IncidentState::Archived, 0, None)).await.unwrap();
    let mut corrected = told_at(4, 1);
    if let Some(Change::Incident(row)) = corrected.first_mut() {
        (row.rank, row.told_rank) = (0, Some(0));
    }
    store.commit(corrected).await.unwrap();
    let tiers = [("特别重大".to_owned(), 3_660), ("一般".to_owned(), 366)].into();
    let retention = Retention { tiers, ..Retention::default() };
    let left = async |days| {
        swept_by(store, &retention, days).await;
        ids(store).await
    };
    assert_eq!(left(31).await, [1, 2, 4], "what nobody was told of goes as ever");
    assert_eq!(left(365).await, [1, 2, 4]);
    assert_eq!(left(367).await, [2], "a correction took the higher tier back");
    assert_eq!(left(3_659).await, [2]);
    assert_eq!(left(3_661).await, [0_u64; 0]);
}

/// Looks an hour apart; `None` shows no counter.
async fn looked_at(store: &dyn Store, id: &str, views: &[Option<u64>]) {
    let looks = (0..).zip(views).map(|(hour, views)| {
        let mut look = observation(id, hour * 3_600, views.map(Count::exact));
        (look.comments, look.likes) = (None, None);
        Change::Observation(look)
    });
    store.commit(looks.collect()).await.unwrap();
}

async fn looks_are_thinned_and_no_figure_changes(store: &dyn Store) {
    for (id, state) in [(1, IncidentState::Archived), (2, IncidentState::Closed)] {
        store.commit(whole(id, state, 1, Some(0))).await.unwrap();
        let views: Vec<Option<u64>> =
            [Some(5), Some(5), Some(3), None, Some(5), Some(9)].into_iter().chain([Some(9); 100]).collect();
        looked_at(store, &id.to_string(), &views).await;
    }
    let looks = async |id| -> Vec<i64> {
        let view = store.incident(IncidentId(id)).await.unwrap().unwrap();
        view.observations.iter().map(|look| look.at.duration_since(at(0)).as_hours()).collect()
    };
    assert_eq!(swept(store, 91).await, Swept::default());
    assert_eq!(looks(1).await.len(), 106);
    assert_eq!(swept(store, 93).await, Swept { looks: 102, ..Swept::default() });
    assert_eq!(looks(1).await, [0, 4, 5, 105], "where it bends, and the ends");
    assert_eq!(looks(2).await.len(), 106, "what the desk works on keeps all");
    assert_eq!(swept(store, 93).await, Swept::default(), "once");
}

async fn what_is_held_is_counted(store: &dyn Store) {
    store.commit(told_at(1, 1)).await.unwrap();
    store.commit(told_at(2, 0)).await.unwrap();
    store.commit(told_at(3, 0)).await.unwrap();
    store.commit(whole(4, IncidentState::Archived, 0, None)).await.unwrap();
    store.commit(whole(5, IncidentState::Open, 1, Some(0))).await.unwrap();
    looked_at(store, "2", &[Some(5); 20]).await;
    let mut circular = notice("daily", ChannelKind::Email, 0);
    (circular.incident, circular.state) = (None, NoticeState::Accepted { at: at(0), arrived_at: None });
    store.commit(vec![Change::Notice(Box::new(circular))]).await.unwrap();
    // What the row says of when it began is asked once more before it counts.
    assert_eq!(swept(store, 20).await, Swept::default());
    let kept = store.kept(at(20 * DAY + 60)).await.unwrap();
    let tier = |tier: &str| HeldKind::Told { tier: tier.to_owned() };
    let counted: Vec<_> = kept
        .holdings
        .iter()
        .map(|one| (one.kind.clone(), one.rows, one.ages.iter().map(|(age, rows)| (*age, *rows)).collect()))
        .collect();
    let at_20 = |rows: u64| vec![(20_u32, rows)];
    assert_eq!(
        counted,
        [
            (HeldKind::Live, 1, Vec::new()),
            (HeldKind::Looks, 18, at_20(18)),
            (HeldKind::Evidence, 4, at_20(4)),
            (HeldKind::Matched, 1, at_20(1)),
            (tier("一般"), 2, at_20(2)),
            (tier("特别重大"), 1, at_20(1)),
            (HeldKind::Audit, 10, Vec::new()),
            (HeldKind::Notices, 1, at_20(1)),
        ]
    );
    assert!(kept.holdings.iter().all(|one| one.bytes > 0), "{kept:?}");
    assert!(kept.used_bytes() > 0 && kept.used_bytes() <= kept.bytes + kept.log_bytes);
}
