//! What is older than it is kept goes; what is open never. That each engine does so is told in `store`; here are the
//! rows of the real one, and its chain.

use jiff::SignedDuration;
use rusqlite::Connection;
use yuqing::{
    desk::Change,
    model::IncidentState,
    store::{SqliteStore, Store as _, Swept, verify},
};

use crate::store::{
    rows::{at, entry, incident, observation, post},
    sweep::{swept, whole},
};

#[tokio::test]
async fn each_kind_goes_at_its_time_and_what_is_open_never() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yuqing.db");
    let store = SqliteStore::open(&path).unwrap();
    for (id, state, epoch, told) in [
        (1, IncidentState::Archived, 0, None),
        (2, IncidentState::Archived, 1, Some(0)),
        (3, IncidentState::Open, 1, Some(0)),
        (4, IncidentState::Dormant, 0, None),
        (5, IncidentState::Closed, 1, Some(0)),
    ] {
        store.commit(whole(id, state, epoch, told)).await.unwrap();
    }
    let mut merged = incident(6, 0);
    (merged.state, merged.merged_into) = (IncidentState::Merged, Some(yuqing::model::IncidentId(2)));
    store
        .commit(vec![Change::Incident(Box::new(merged)), Change::Entry(entry(Some(6), "并入"))])
        .await
        .unwrap();
    store.commit(vec![Change::Entry(entry(None, "启动"))]).await.unwrap();
    let rows = |table: &str| verify(&path).unwrap().rows[table];

    assert_eq!(swept(&store, 29).await, Swept::default());
    let gone = swept(&store, 31).await;
    assert_eq!((gone.incidents, rows("incident"), rows("post"), rows("evidence")), (1, 5, 4, 4));
    let audit = store.verify_audit().await.unwrap();
    assert_eq!(
        (audit.rows, audit.forgotten, audit.broken),
        (12, 1, None),
        "a person's act outlives the post"
    );
    let gone = swept(&store, 201).await;
    assert_eq!(
        (gone.incidents, gone.loose),
        (0, 2),
        "the rows of the post, up to the first that is still kept"
    );
    let gone = swept(&store, 367).await;
    assert_eq!((gone.evidence, rows("evidence")), (1, 3), "evidence of what the desk works on stays");
    assert_eq!(swept(&store, 1_095).await, Swept::default());
    assert_eq!(swept(&store, 1_097).await.incidents, 1);
    assert_eq!(
        (rows("incident"), rows("post"), rows("observation")),
        (3, 3, 3),
        "with what was merged into it"
    );
    assert_eq!(swept(&store, 36_500).await.incidents, 0, "open, dormant and closed ones stay");
    let audit = store.verify_audit().await.unwrap();
    assert_eq!((audit.cut, audit.broken), (4, None), "an open case's rows stay, and all that came after");
    assert_eq!(verify(&path).unwrap().faults, []);
}

/// What is by far the greatest number is small: the goal is 15 bytes a look, as the pages were filled.
#[tokio::test]
async fn a_look_takes_few_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yuqing.db");
    let store = SqliteStore::open(&path).unwrap();
    const LOOKS: i64 = 20_000;
    let mut changes = vec![Change::Incident(Box::new(incident(1, 0)))];
    for number in 0..20 {
        let name = number.to_string();
        changes.push(Change::Post(Box::new(post(1, &name))));
        for look in 0..LOOKS / 20 {
            let mut row =
                observation(&name, 0, Some(yuqing::model::Count::exact(1_000 + look.unsigned_abs())));
            row.at = at(0) + SignedDuration::from_millis(look * 600_007);
            changes.push(Change::Observation(row));
        }
    }
    store.commit(changes).await.unwrap();
    drop(store);
    let connection = Connection::open(&path).unwrap();
    let bytes: i64 = connection
        .query_row("SELECT sum(pgsize) FROM dbstat WHERE name = 'observation'", [], |row| row.get(0))
        .unwrap();
    assert!(bytes <= 12 * LOOKS, "{bytes} bytes for {LOOKS} looks");
}
