//! Looks as the embedded engine packs them: what comes back is what was kept, whatever the order; rows of the
//! older table are packed without loss.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use yuqing::{
    desk::Change,
    model::{Count, Exactness, IncidentId, ObservationRow, PostRow},
    store::{MemoryDisk, MemoryStore, SqliteStore, Store, StoreError, Unsound, verify},
};

use super::rows::{UNIT, at, incident, key, observation, post};

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A counter of any size and exactness, or one that stays as it was; one in five is not shown.
    fn count(&mut self, before: Option<Count>) -> Option<Count> {
        let bits = u32::try_from(self.below(64)).unwrap();
        let exactness =
            [Exactness::Exact, Exactness::Exact, Exactness::About, Exactness::AtLeast][bits as usize % 4];
        match self.below(5) {
            0 => None,
            1 => before,
            2 => Some(Count { value: self.below(20) + before.map_or(0, |count| count.value / 2), exactness }),
            _ => Some(Count { value: self.next() >> bits >> 1, exactness }),
        }
    }
}

/// Looks at a post that come mostly in order: now and then again, from before, or from long ago.
fn looks(numbers: &mut Numbers, name: &str, many: u64) -> Vec<ObservationRow> {
    let mut rows: Vec<ObservationRow> = Vec::new();
    let mut micros: i64 = 1_000_000_000;
    for _ in 0..many {
        let bits = numbers.below(36);
        let step = numbers.below(1 << bits).cast_signed();
        let instant = match numbers.below(8) {
            0 => rows
                .last()
                .map_or(micros, |last| last.at.duration_since(at(0)).as_micros().try_into().unwrap()),
            1 => numbers.below(micros.unsigned_abs()).cast_signed(),
            _ => {
                micros += step;
                micros
            }
        };
        let before = rows.last().cloned();
        let before = |counter: fn(&ObservationRow) -> Option<Count>| before.as_ref().and_then(counter);
        rows.push(ObservationRow {
            at: at(0) + SignedDuration::from_micros(instant),
            views: numbers.count(before(|row| row.views)),
            reposts: numbers.count(before(|row| row.reposts)),
            comments: numbers.count(before(|row| row.comments)),
            likes: numbers.count(before(|row| row.likes)),
            ..observation(name, 0, None)
        });
    }
    rows
}

/// Members whose rows remember the greatest counters, as a desk has them.
fn member(name: &str, looks: &[ObservationRow]) -> Change {
    let greatest = |counter: fn(&ObservationRow) -> Option<Count>| {
        looks.iter().filter_map(counter).max_by_key(|count| count.value)
    };
    Change::Post(Box::new(PostRow {
        views: greatest(|row| row.views),
        reposts: greatest(|row| row.reposts),
        last_seen_at: looks.iter().map(|row| row.at).max().unwrap(),
        ..post(1, name)
    }))
}

fn sorted(mut looks: Vec<ObservationRow>) -> Vec<ObservationRow> {
    looks.sort_by_key(|row| (row.at, row.post.id.clone()));
    looks
}

/// The store in memory keeps looks one by one, and is what both must equal.
#[tokio::test]
async fn looks_in_any_order_come_back_as_they_were_kept() {
    let folder = TempDir::new().unwrap();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for round in 0..12_u64 {
        let path = folder.path().join(format!("{round}.db"));
        let (packed, plain) =
            (SqliteStore::open(&path).unwrap(), MemoryStore::open(&MemoryDisk::default()).unwrap());
        let all = ["a", "b", "c"].map(|name| looks(&mut numbers, name, 1 + round * 30));
        let mut changes = vec![Change::Incident(Box::new(incident(1, 2)))];
        changes.extend(["a", "b", "c"].iter().zip(&all).map(|(name, looks)| member(name, looks)));
        changes.extend(all.concat().into_iter().map(Change::Observation));
        for part in changes.chunks(70) {
            packed.commit(part.to_vec()).await.unwrap();
            plain.commit(part.to_vec()).await.unwrap();
        }
        let seen = |view: yuqing::store::IncidentView| sorted(view.observations);
        let one = seen(packed.incident(IncidentId(1)).await.unwrap().unwrap());
        assert_eq!(one, seen(plain.incident(IncidentId(1)).await.unwrap().unwrap()), "round {round}");
        let (mut restored, mut wanted) =
            (packed.restore().await.unwrap().looks, plain.restore().await.unwrap().looks);
        restored.iter_mut().chain(&mut wanted).for_each(|looks| looks.sort_by_key(|look| look.at));
        assert_eq!(restored, wanted, "round {round}");
        drop(packed);
        let verified = verify(&path).unwrap();
        assert_eq!((verified.rows["observation"], verified.faults), (one.len() as u64, Vec::new()));
    }
}

/// A database of schema 4 with looks of every kind that it could hold.
fn of_schema_4(path: &std::path::Path, rows: &[ObservationRow]) {
    drop(SqliteStore::open(path).unwrap());
    let old = Connection::open(path).unwrap();
    old.execute_batch(
        "DROP TABLE observation; DROP INDEX outbox_grave; DROP TABLE file_version; DROP INDEX incident_of_unit;
         DROP TABLE word; DROP TABLE listed_by; DROP TABLE listed; DROP TABLE saved_search; DROP INDEX post_place;
         DROP TABLE archived; DROP INDEX notice_loose; DROP INDEX incident_plan;
         DROP TABLE gathered_word; DROP TABLE leaving; DROP INDEX post_loose; DROP INDEX post_twice;
         ALTER TABLE post DROP COLUMN own; ALTER TABLE post DROP COLUMN gathered;
         ALTER TABLE post DROP COLUMN words",
    )
    .unwrap();
    let sql = include_str!("schemas/4.sql");
    let table = sql.split_once("CREATE TABLE observation").unwrap().1.split_once(';').unwrap().0;
    old.execute_batch(&format!("CREATE TABLE observation{table}")).unwrap();
    old.execute("INSERT INTO plan VALUES ('h', '{}')", []).unwrap();
    let body = serde_json::to_string(&incident(1, 2)).unwrap();
    let sql = "INSERT INTO incident VALUES (1, ?1, 'open', 2, 0, NULL, 'h', ?2)";
    old.execute(sql, params![UNIT, body]).unwrap();
    let plan = serde_json::to_string(&*incident(1, 2).plan).unwrap();
    old.execute("UPDATE plan SET body = ?1", [plan]).unwrap();
    for (number, name) in (1..).zip(["a", "b", "c"]) {
        let row = post(1, name);
        let sql = "INSERT INTO post VALUES (?1, ?2, ?3, ?4, 1, ?1, ?5)";
        let body = serde_json::to_string(&row).unwrap();
        old.execute(sql, params![number, UNIT, row.post.key.site, name, body]).unwrap();
    }
    let value = |count: Option<Count>| count.map(|count| count.value.cast_signed());
    for row in rows {
        let bits = [row.likes, row.comments, row.reposts, row.views]
            .iter()
            .fold(0, |bits, count| (bits << 2) | count.map_or(0, |count| count.exactness as i64));
        let sql = "INSERT INTO observation
                   SELECT number, ?2, ?3, ?4, ?5, ?6, ?7 FROM post WHERE id = ?1";
        let given = params![
            row.post.id,
            row.at.as_microsecond(),
            value(row.views),
            value(row.reposts),
            value(row.comments),
            value(row.likes),
            bits
        ];
        assert_eq!(old.execute(sql, given).unwrap(), 1);
    }
    old.pragma_update(None, "user_version", 4).unwrap();
}

#[tokio::test]
async fn looks_of_schema_4_are_packed_without_loss() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("yuqing.db");
    let mut numbers = Numbers(7);
    let mut rows: Vec<ObservationRow> = Vec::new();
    for (name, many) in [("a", 500), ("b", 1), ("c", 64)] {
        let mut some = looks(&mut numbers, name, many);
        some.sort_by_key(|row| row.at);
        some.dedup_by_key(|row| row.at);
        rows.extend(some);
    }
    rows.push(observation("b", -1_000_000_000, Some(Count::exact(i64::MAX.unsigned_abs()))));
    rows.push(ObservationRow {
        at: Timestamp::from_microsecond(-1).unwrap(),
        ..observation("c", 0, Some(Count::at_least(0)))
    });
    of_schema_4(&path, &rows);
    let store = SqliteStore::open(&path).unwrap();
    let found = store.incident(IncidentId(1)).await.unwrap().unwrap().observations;
    assert_eq!(sorted(found), sorted(rows));
    drop(store);
    assert_eq!(verify(&path).unwrap().faults, []);
    let file = Connection::open(&path).unwrap();
    let left = "SELECT count(*) FROM sqlite_schema WHERE name = 'loose_observation'";
    assert_eq!(file.query_row(left, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[tokio::test]
async fn looks_that_are_damaged_are_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("yuqing.db");
    let store = SqliteStore::open(&path).unwrap();
    let mut rows = vec![Change::Incident(Box::new(incident(1, 2))), Change::Post(Box::new(post(1, "a")))];
    rows.extend((0..3).map(|n| Change::Observation(observation("a", n * 300, Some(Count::exact(7))))));
    store.commit(rows).await.unwrap();
    assert_eq!(store.incidents_of_post(&key("a")).await.unwrap(), [IncidentId(1)]);
    let other = Connection::open(&path).unwrap();
    let whole: Vec<u8> = other.query_row("SELECT body FROM observation", [], |row| row.get(0)).unwrap();
    for (damage, body) in [
        ("cut off", whole[..whole.len() - 1].to_vec()),
        ("an exactness", vec![0, 3, 9, 0]),
        ("a counter", vec![0, 2, 1]),
        ("a number", vec![0xff; 30]),
        ("not those", vec![0, 0]),
    ] {
        other.execute("UPDATE observation SET body = ?1", [body]).unwrap();
        let faults = verify(&path).unwrap().faults;
        let [Unsound::Unreadable { table: "observation", why, .. }] = &faults[..] else {
            panic!("{damage}: {faults:?}")
        };
        assert!(why.contains(damage), "{damage}: {why}");
        if damage != "not those" {
            let error = store.restore().await.unwrap_err();
            assert!(matches!(error, StoreError::Corrupt { table: "observation", .. }), "{error}");
        }
    }
    other.execute("UPDATE observation SET body = ?1", [whole]).unwrap();
    assert_eq!(store.restore().await.unwrap().looks[0].len(), 3);
}
