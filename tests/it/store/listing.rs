//! The list of incidents on every engine: filters, words, order, paging while new ones come, saved searches; and what
//! erasing and retention take out of the index.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use jiff::Timestamp;
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;
use yuqing::{
    desk::Change,
    model::{Forgotten, Incident, IncidentId, IncidentState, Plan, Retention, TierRule},
    store::{
        IncidentPage, IncidentSearch, MemoryDisk, MemoryStore, Place, SavedSearch, Sort, SqliteStore, Store,
        Swept, Turn,
    },
};

use super::rows::{at, incident, key, plan, post};

/// All that every engine must do.
pub async fn all<S: Store>(empty: &mut impl FnMut() -> S) {
    each_field_narrows(&empty()).await;
    words_are_found_wherever_they_stand(&empty()).await;
    pages_follow_each_other_while_new_ones_come(&empty()).await;
    the_gravest_of_any_plan_come_first(&empty()).await;
    what_changes_is_found_as_it_is_now(&empty()).await;
    what_was_forgotten_is_found_no_more(&empty()).await;
    what_retention_took_is_found_no_more(&empty()).await;
    saved_searches_are_kept_by_name(&empty()).await;
}

fn of(change: impl FnOnce(&mut Incident), id: u64) -> Change {
    let mut row = incident(id, 0);
    row.detected_at = at(i64::try_from(id).unwrap());
    change(&mut row);
    Change::Incident(Box::new(row))
}

/// A plan of three tiers.
fn three() -> Arc<Plan> {
    let tier = |rank: usize, id: &str, name: &str| TierRule {
        id: id.to_owned(),
        name: name.to_owned(),
        rank,
        ..TierRule::default()
    };
    let tiers = vec![tier(0, "general", "一般"), tier(1, "major", "重大"), tier(2, "critical", "特别重大")];
    Arc::new(Plan { tiers, ..(*plan("三级预案")).clone() })
}

async fn ids(store: &dyn Store, search: IncidentSearch) -> Vec<u64> {
    numbers(&store.search(search).await.unwrap())
}

fn numbers(page: &IncidentPage) -> Vec<u64> {
    page.incidents.iter().map(|row| row.id.0).collect()
}

fn any() -> IncidentSearch {
    IncidentSearch::default()
}

async fn each_field_narrows(store: &dyn Store) {
    let rows = vec![
        of(|_| (), 1),
        of(
            |row| {
                row.unit = "青川县教育局".to_owned();
                row.heat.sites = vec!["weibo".to_owned(), "douyin".to_owned()];
            },
            2,
        ),
        of(|row| row.state = IncidentState::Closed, 3),
        of(
            |row| {
                row.plan = three();
                row.rank = 2;
                row.groups = vec!["收费".to_owned()];
            },
            4,
        ),
        of(
            |row| {
                row.state = IncidentState::Merged;
                row.merged_into = Some(IncidentId(1));
            },
            5,
        ),
        of(|row| row.course.states = vec![staged("会商")], 6),
    ];
    store.commit(rows).await.unwrap();
    let text = str::to_owned;
    let cases: [(IncidentSearch, &[u64]); 14] = [
        (any(), &[6, 4, 3, 2, 1]),
        (IncidentSearch { unit: text("青川县教育局"), ..any() }, &[2]),
        (IncidentSearch { unit: text("青川县"), ..any() }, &[]),
        (IncidentSearch { state: Some(IncidentState::Open), ..any() }, &[6, 4, 2, 1]),
        (IncidentSearch { state: Some(IncidentState::Merged), ..any() }, &[5]),
        (IncidentSearch { tier: text("特别重大"), ..any() }, &[4]),
        (IncidentSearch { tier: text("critical"), ..any() }, &[4]),
        (IncidentSearch { tier: text("general"), ..any() }, &[6, 3, 2, 1]),
        (IncidentSearch { site: text("weibo"), ..any() }, &[2]),
        (IncidentSearch { group: text("收费"), ..any() }, &[4]),
        (IncidentSearch { stage: text("会商"), ..any() }, &[6]),
        (IncidentSearch { from: Some(at(2)), to: Some(at(4)), ..any() }, &[3, 2]),
        (IncidentSearch { ids: vec![IncidentId(4), IncidentId(1), IncidentId(9)], ..any() }, &[4, 1]),
        (
            IncidentSearch {
                unit: text("青川县教育局"), site: text("douyin"), text: text("急诊"), ..any()
            },
            &[2],
        ),
    ];
    for (search, want) in cases {
        assert_eq!(ids(store, search.clone()).await, want, "{search:?}");
    }
    let choices = store.choices(Vec::new()).await.unwrap();
    assert_eq!(choices.tiers, ["一般", "特别重大"]);
    assert_eq!(choices.sites, ["douyin", "luntan", "weibo"]);
    assert_eq!(choices.groups, ["收费"]);
    assert_eq!(choices.stages, ["会商", "发现"]);
    // Whoever sees one unit is offered what stands in that unit's incidents.
    let own = store.choices(vec!["青川县教育局".to_owned()]).await.unwrap();
    assert_eq!(
        (own.tiers, own.sites),
        (vec!["一般".to_owned()], vec!["douyin".to_owned(), "weibo".to_owned()])
    );
    assert!(own.groups.is_empty() && own.stages == ["发现"]);
    let none = store.choices(vec!["青川县".to_owned()]).await.unwrap();
    assert!(none.tiers.is_empty() && none.sites.is_empty());
    let counted = store.search(IncidentSearch { count: true, limit: 2, ..any() }).await.unwrap();
    assert_eq!((counted.total, counted.incidents.len(), counted.later), (Some(5), 2, true));
}

fn staged(state: &str) -> yuqing::model::StateChange {
    yuqing::model::StateChange { state: state.to_owned(), at: at(0), by: None }
}

async fn words_are_found_wherever_they_stand(store: &dyn Store) {
    let mut titled = post(2, "b");
    titled.post.title = "【曝光】某市第一人民医院乱收费".to_owned();
    titled.post.text = "自助机全部停用，ＡＴＭ也不行。\n第二行写着門診排隊。".to_owned();
    titled.post.quoted = "原话是：三天没人管".to_owned();
    let rows = vec![
        of(|row| row.groups = vec!["就医".to_owned()], 1),
        of(|row| row.gist = "县城道路积水".to_owned(), 2),
        Change::Post(Box::new(post(1, "a"))),
        Change::Post(Box::new(titled)),
    ];
    store.commit(rows).await.unwrap();
    let cases: [(&str, &[u64]); 21] = [
        ("急诊", &[1]),
        ("急诊排队四小时", &[1]),
        ("诊排", &[2, 1]),
        ("就医", &[1]),
        ("青川县人民医院", &[2, 1]),
        ("高烧", &[1]),
        ("积水", &[2]),
        ("乱收费", &[2]),
        ("停用 积水", &[2]),
        ("停用 高烧", &[]),
        ("atm", &[2]),
        ("AT", &[2]),
        ("门诊排队", &[2]),
        ("曝光某市", &[]),
        ("三天没人管", &[2]),
        ("医", &[2, 1]),
        ("管", &[2]),
        ("院乱", &[2]),
        ("没有这样的话", &[]),
        ("\"急诊\" OR *", &[]),
        ("？！", &[]),
    ];
    for (text, want) in cases {
        assert_eq!(ids(store, IncidentSearch { text: text.to_owned(), ..any() }).await, want, "{text}");
    }
}

/// From page to page no row comes twice or is left out, though new ones come in between, and back again.
async fn pages_follow_each_other_while_new_ones_come(store: &dyn Store) {
    store.commit((1..=25).map(|id| of(|_| (), id)).collect()).await.unwrap();
    for sort in [Sort::Newest, Sort::Gravest] {
        let ask = |turn| IncidentSearch { sort, turn, limit: 10, ..any() };
        let first = store.search(ask(Turn::First)).await.unwrap();
        assert_eq!((numbers(&first)[0], first.earlier, first.later), (numbers(&first)[0], false, true));
        let new = 100 + u64::from(sort == Sort::Gravest);
        store.commit(vec![of(|_| (), new)]).await.unwrap();
        let second = store.search(ask(after(&first))).await.unwrap();
        let third = store.search(ask(after(&second))).await.unwrap();
        let mut seen = [numbers(&first), numbers(&second), numbers(&third)].concat();
        assert!(second.earlier && second.later && third.earlier && !third.later);
        assert!(!seen.contains(&new), "what came meanwhile stands before the first page");
        seen.retain(|id| *id <= 25);
        assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
        let back = store.search(ask(Turn::Before(Place::of(&third.incidents[0])))).await.unwrap();
        assert_eq!(numbers(&back), numbers(&second));
        assert!(back.earlier && back.later);
    }
}

fn after(page: &IncidentPage) -> Turn {
    Turn::After(Place::of(page.incidents.last().unwrap()))
}

async fn the_gravest_of_any_plan_come_first(store: &dyn Store) {
    let with = |plan: Arc<Plan>, rank| {
        move |row: &mut Incident| {
            row.plan = plan;
            row.rank = rank;
        }
    };
    let rows = vec![
        of(with(three(), 2), 1),
        of(with(three(), 0), 2),
        of(with(plan("一级"), 0), 3),
        of(with(three(), 1), 4),
    ];
    store.commit(rows).await.unwrap();
    let gravest = IncidentSearch { sort: Sort::Gravest, ..any() };
    assert_eq!(ids(store, gravest).await, [3, 1, 4, 2], "the only tier of a plan is its highest");
    let place: Place = Place::of(&incident(7, 0));
    assert_eq!(place.to_string().parse(), Ok(place));
    assert_eq!("1.x.2".parse::<Place>(), Err(()));
}

async fn what_changes_is_found_as_it_is_now(store: &dyn Store) {
    store.commit(vec![of(|_| (), 1), of(|_| (), 2), Change::Post(Box::new(post(1, "a")))]).await.unwrap();
    let find = |text: &str| IncidentSearch { text: text.to_owned(), ..any() };
    assert_eq!(ids(store, find("高烧")).await, [1]);
    // The post moves, another text is seen, the gist is written anew.
    store.commit(vec![Change::Post(Box::new(post(2, "a")))]).await.unwrap();
    assert_eq!(ids(store, find("高烧")).await, [2]);
    let mut edited = post(2, "a");
    edited.post.text = "已经退烧了。".to_owned();
    let renamed = of(|row| row.gist = "停车难".to_owned(), 1);
    store.commit(vec![Change::Post(Box::new(edited)), renamed]).await.unwrap();
    assert_eq!(ids(store, find("高烧")).await, [0_u64; 0]);
    assert_eq!(ids(store, find("退烧")).await, [2]);
    assert_eq!(ids(store, find("停车难")).await, [1]);
    assert_eq!(ids(store, find("急诊")).await, [2]);
    store.commit(vec![of(|row| row.state = IncidentState::Closed, 1)]).await.unwrap();
    let closed = IncidentSearch { state: Some(IncidentState::Closed), ..any() };
    assert_eq!(ids(store, closed).await, [1]);
}

async fn what_was_forgotten_is_found_no_more(store: &dyn Store) {
    let mut own = post(1, "a");
    own.post.title = "王某在急诊排队四小时的经过".to_owned();
    let named = of(|row| row.gist = "王某在急诊排队四小时的经过".to_owned(), 1);
    store.commit(vec![named, Change::Post(Box::new(own))]).await.unwrap();
    let find = |text: &str| IncidentSearch { text: text.to_owned(), ..any() };
    assert_eq!(ids(store, find("王某")).await, [1]);
    let forgotten = Forgotten { post: key("a"), instead: "（已遗忘）".to_owned() };
    store.commit(vec![Change::Forget(forgotten)]).await.unwrap();
    for word in ["王某", "高烧", "四小时"] {
        assert_eq!(ids(store, find(word)).await, [0_u64; 0], "{word}");
    }
    assert_eq!(ids(store, find("已遗忘")).await, [1]);
}

async fn what_retention_took_is_found_no_more(store: &dyn Store) {
    let archived = of(
        |row| {
            row.state = IncidentState::Archived;
            row.opened_at = at(0);
        },
        1,
    );
    store.commit(vec![archived, of(|_| (), 2), Change::Post(Box::new(post(1, "a")))]).await.unwrap();
    let find = |text: &str| IncidentSearch { text: text.to_owned(), ..any() };
    assert_eq!(ids(store, find("高烧")).await, [1]);
    let mut swept = Swept::default();
    for _ in 0..9 {
        swept = swept.and(store.sweep(Retention::default(), at(400 * 86_400)).await.unwrap());
    }
    assert_eq!(swept.incidents, 1);
    assert_eq!(ids(store, find("高烧")).await, [0_u64; 0]);
    assert_eq!(ids(store, any()).await, [2]);
}

async fn saved_searches_are_kept_by_name(store: &dyn Store) {
    let saved = |name: &str, query: &str| SavedSearch {
        name: name.to_owned(),
        query: query.to_owned(),
        by: "王主任".to_owned(),
        at: at(5),
    };
    store.save_search(saved("本周重大", "tier=x")).await.unwrap();
    store.save_search(saved("医院", "q=医院")).await.unwrap();
    store.save_search(saved("本周重大", "tier=major")).await.unwrap();
    let kept = store.saved_searches().await.unwrap();
    assert_eq!(kept, [saved("医院", "q=医院"), saved("本周重大", "tier=major")]);
    store.forget_search("医院").await.unwrap();
    store.forget_search("没有").await.unwrap();
    assert_eq!(store.saved_searches().await.unwrap().len(), 1);
}

/// One of a few words, so that searches meet something.
fn words() -> impl Strategy<Value = String> {
    let some = prop::sample::select(vec![
        "急诊",
        "排队",
        "急诊排队",
        "医院",
        "医",
        "ＡＢ",
        "ab",
        "收费。窗口",
        "窗",
        "口收",
        " ",
        "，",
        "門診",
        "门诊",
        "1024",
        "02",
        "é",
        "é",
        "👍好",
    ]);
    prop::collection::vec(some, 0..4).prop_map(|parts| parts.concat())
}

fn rows() -> impl Strategy<Value = Vec<Change>> {
    let one = (words(), 0_usize..3, 0_usize..5, 0_i64..6, 0_usize..2, words(), words(), 0_usize..3);
    prop::collection::vec(one, 1..14).prop_map(|all| {
        let states = [
            IncidentState::Open,
            IncidentState::Open,
            IncidentState::Closed,
            IncidentState::Archived,
            IncidentState::Merged,
        ];
        let mut changes = Vec::new();
        for (number, (gist, rank, state, seen, unit, title, text, site)) in (1_u64..).zip(all) {
            changes.push(of(
                |row| {
                    (row.gist, row.rank, row.plan) = (gist, rank, three());
                    row.state = states[state];
                    row.detected_at = at(seen);
                    row.unit = ["甲单位", "乙单位"][unit].to_owned();
                    row.heat.sites = vec![["weibo", "douyin", "luntan"][site].to_owned()];
                },
                number,
            ));
            let mut member = post(number, &number.to_string());
            (member.post.title, member.post.text) = (title, text);
            changes.push(Change::Post(Box::new(member)));
        }
        changes
    })
}

fn searches() -> impl Strategy<Value = IncidentSearch> {
    let pick = |values: &[&str]| {
        prop::sample::select(values.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())
    };
    let states =
        vec![None, None, Some(IncidentState::Open), Some(IncidentState::Closed), Some(IncidentState::Merged)];
    (
        prop_oneof![Just(String::new()), words()],
        pick(&["", "", "甲单位", "丙"]),
        pick(&["", "", "一般", "critical"]),
        prop::sample::select(states),
        pick(&["", "", "weibo"]),
        (prop::option::of(0_i64..6), prop::option::of(0_i64..7)),
        (any_bool(), 0_usize..3, 0_u64..15, 0_i64..6, 0_i64..3),
        1_usize..6,
    )
        .prop_map(
            |(text, unit, tier, state, site, (from, to), (newest, turn, id, seen, down), limit)| {
                let place = Place { gravity: -down, detected_at: at(seen), id: IncidentId(id) };
                IncidentSearch {
                    text,
                    unit,
                    tier,
                    state,
                    site,
                    from: from.map(at),
                    to: to.map(at),
                    sort: if newest { Sort::Newest } else { Sort::Gravest },
                    turn: [Turn::First, Turn::After(place), Turn::Before(place)][turn],
                    limit,
                    count: true,
                    ..IncidentSearch::default()
                }
            },
        )
}

fn any_bool() -> impl Strategy<Value = bool> {
    prop::bool::ANY
}

/// What comes later: posts of the same numbers with other words, in other incidents, or forgotten.
fn later() -> impl Strategy<Value = Vec<Change>> {
    let one = (1_u64..14, 1_u64..14, words(), 0_usize..4);
    prop::collection::vec(one, 0..8).prop_map(|all| {
        let of_one = |(number, incident, text, kind): (u64, u64, String, usize)| {
            let mut member = post(incident, &number.to_string());
            match kind {
                0 => Change::Forget(Forgotten { post: key(&number.to_string()), instead: String::new() }),
                // Only its place is another one, if the words were these.
                1 => Change::Post(Box::new(member)),
                _ => {
                    member.post.text = text;
                    Change::Post(Box::new(member))
                }
            }
        };
        all.into_iter().map(of_one).collect()
    })
}

/// Of these changes those that can be: each post once, in an incident that is there, and what was forgotten comes no more.
fn possible(changes: Vec<Change>, incidents: u64, forgotten: &mut BTreeSet<String>) -> Vec<Change> {
    let mut once = BTreeSet::new();
    let mut can_be = |change: &Change| match change {
        Change::Post(row) => {
            let id = &row.post.key.id;
            row.incident.0 <= incidents && !forgotten.contains(id) && once.insert(id.clone())
        }
        Change::Forget(one) => once.insert(one.post.id.clone()) && forgotten.insert(one.post.id.clone()),
        _ => true,
    };
    changes.into_iter().filter(|change| can_be(change)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// What the index answers is what a plain look at every row answers, however far the words were gathered when
    /// something changed, and after.
    #[test]
    fn both_engines_answer_alike(
        rows in rows(),
        (later, latest) in (later(), later()),
        steps in prop::collection::vec(0_usize..40, 3),
        searches in prop::collection::vec(searches(), 24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("a.db");
            let sqlite = SqliteStore::open(&path).unwrap();
            let memory = MemoryStore::open(&MemoryDisk::default()).unwrap();
            let incidents = rows.iter().filter(|one| matches!(one, Change::Incident(_))).count() as u64;
            let mut gone = BTreeSet::new();
            let batches = [rows, possible(later, incidents, &mut gone), possible(latest, incidents, &mut gone)];
            for (batch, steps) in batches.into_iter().zip(steps) {
                sqlite.commit(batch.clone()).await.unwrap();
                memory.commit(batch).await.unwrap();
                for _ in 0..steps {
                    sqlite.sweep(Retention::default(), at(3 * 86_400)).await.unwrap();
                }
                for search in &searches {
                    let (a, b) = (sqlite.search(search.clone()).await.unwrap(), memory.search(search.clone()).await.unwrap());
                    assert_eq!(numbers(&a), numbers(&b), "{search:?}");
                    assert_eq!((a.earlier, a.later, a.total), (b.earlier, b.later, b.total), "{search:?}");
                }
            }
            drop(sqlite);
            let file = Connection::open(&path).unwrap();
            for index in ["word", "gathered_word"] {
                file.execute(&format!("INSERT INTO {index} ({index}) VALUES ('integrity-check')"), []).unwrap();
            }
        });
    }
}

/// What more than a thousand incidents hold is found by walking the list: the same pages and the same counts.
#[tokio::test]
async fn a_word_that_many_hold_is_paged_alike() {
    let folder = TempDir::new().unwrap();
    let sqlite = SqliteStore::open(&folder.path().join("a.db")).unwrap();
    let memory = MemoryStore::open(&MemoryDisk::default()).unwrap();
    let mut rows = Vec::new();
    for id in 1..=1_500_u64 {
        rows.push(of(
            |row| {
                row.detected_at = at(i64::try_from(id * 7 % 1_500).unwrap());
                (row.rank, row.plan) = (usize::try_from(id % 3).unwrap(), three());
                row.unit = if id % 5 == 0 { "甲单位".to_owned() } else { "乙单位".to_owned() };
                row.gist = if id % 10 == 0 { "停车难".to_owned() } else { "急诊排队".to_owned() };
                row.state = if id % 11 == 0 { IncidentState::Merged } else { IncidentState::Open };
            },
            id,
        ));
    }
    sqlite.commit(rows.clone()).await.unwrap();
    memory.commit(rows).await.unwrap();
    for (text, total) in [("急诊", 1_227), ("急诊 排队", 1_227), ("急诊 停车", 0), ("停车", 137)]
    {
        for sort in [Sort::Newest, Sort::Gravest] {
            for (unit, from) in [("", None), ("甲单位", None), ("", Some(at(900)))] {
                let ask = |turn| IncidentSearch {
                    text: text.to_owned(),
                    unit: unit.to_owned(),
                    from,
                    sort,
                    turn,
                    count: true,
                    ..any()
                };
                let first = sqlite.search(ask(Turn::First)).await.unwrap();
                if unit.is_empty() && from.is_none() {
                    assert_eq!(first.total, Some(total), "{text}");
                }
                let mut turns = vec![Turn::First];
                turns.extend(first.incidents.last().map(|row| Turn::After(Place::of(row))));
                turns.extend(first.incidents.get(20).map(|row| Turn::Before(Place::of(row))));
                for turn in turns {
                    let (a, b) =
                        (sqlite.search(ask(turn)).await.unwrap(), memory.search(ask(turn)).await.unwrap());
                    assert_eq!(numbers(&a), numbers(&b), "{text} {turn:?}");
                    assert_eq!((a.earlier, a.later, a.total), (b.earlier, b.later, b.total), "{turn:?}");
                }
            }
        }
    }
}

/// Rows of posts that stand in the index by themselves, of posts that were gathered, and rows of many.
fn places(path: &Path) -> (i64, i64, i64) {
    let file = Connection::open(path).unwrap();
    let sql = "SELECT coalesce(sum(own), 0), count(gathered), count(DISTINCT gathered) FROM post";
    file.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
}

async fn sweep_all(store: &SqliteStore, now: Timestamp) -> Swept {
    let mut all = Swept::default();
    loop {
        let step = store.sweep(Retention::default(), now).await.unwrap();
        if step.is_empty() {
            return all;
        }
        all = all.and(step);
    }
}

/// Words of posts that have settled are gathered by incident, and what changes later takes its place again.
#[tokio::test]
async fn settled_words_stand_together() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    let mut rows = vec![of(|_| (), 1), of(|_| (), 2)];
    rows.extend((0..600).map(|n| Change::Post(Box::new(post(1 + n % 2, &n.to_string())))));
    let mut own = post(1, "own");
    own.post.text = "别处没有的话：鼋鼍".to_owned();
    rows.push(Change::Post(Box::new(own.clone())));
    store.commit(rows).await.unwrap();
    let find = |text: &str| IncidentSearch { text: text.to_owned(), ..any() };
    assert_eq!(sweep_all(&store, at(3_600)).await, Swept::default(), "nothing has settled yet");
    assert_eq!(places(&path), (601, 0, 0));
    let swept = sweep_all(&store, at(2 * 86_400)).await;
    assert!(!swept.forgot() && swept.words == 2 * 601, "gathered, then taken from its own row: {swept:?}");
    // 301 posts of one incident, 300 of the other, at most 256 in a row.
    assert_eq!(places(&path), (0, 601, 4));
    assert_eq!((ids(&store, find("高烧")).await, ids(&store, find("鼋鼍")).await), (vec![2, 1], vec![1]));
    // The same look again changes nothing; an edited post scatters the posts of its row, and no more.
    store.commit(vec![Change::Post(Box::new(own.clone()))]).await.unwrap();
    assert_eq!(places(&path), (0, 601, 4));
    own.post.text = "改过了".to_owned();
    store.commit(vec![Change::Post(Box::new(own))]).await.unwrap();
    let (loose, gathered, many) = places(&path);
    assert!(loose > 0 && loose <= 256 && loose + gathered == 601 && many == 3, "{loose} {gathered} {many}");
    for _ in 0..2 {
        assert_eq!(ids(&store, find("鼋鼍")).await, [0_u64; 0]);
        assert_eq!(
            (ids(&store, find("改过了")).await, ids(&store, find("高烧")).await),
            (vec![1], vec![2, 1])
        );
        sweep_all(&store, at(3 * 86_400)).await;
    }
    assert_eq!(places(&path), (0, 601, 4));
    drop(store);
    assert!(!holds(&path, "鼋鼍"), "what was edited stands nowhere in the index");
    assert_eq!(yuqing::store::verify(&path).unwrap().faults, []);
}

/// The usual questions are answered in the order of an index; none looks through the incidents' own wide rows.
#[tokio::test]
async fn usual_searches_are_served_by_an_index() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(&folder.path().join("a.db")).unwrap();
    store.commit((1..=50).map(|id| of(|_| (), id)).collect()).await.unwrap();
    let place = Place::of(&incident(3, 0));
    for sort in [Sort::Newest, Sort::Gravest] {
        for turn in [Turn::First, Turn::After(place), Turn::Before(place)] {
            let unit = "青川县教育局".to_owned();
            for search in [
                any(),
                IncidentSearch { state: Some(IncidentState::Open), ..any() },
                IncidentSearch { unit: unit.clone(), ..any() },
                IncidentSearch { from: Some(at(3)), ..any() },
            ] {
                let search = IncidentSearch { sort, turn, ..search };
                let plan = store.explain_search(search.clone()).await.unwrap();
                assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{search:?}: {plan:?}");
                assert!(
                    plan.iter().any(|step| step.contains("USING") && step.contains("listed_")),
                    "{plan:?}"
                );
            }
        }
    }
    let all = IncidentSearch {
        text: "急诊".to_owned(),
        tier: "一般".to_owned(),
        site: "weibo".to_owned(),
        group: "医院".to_owned(),
        stage: "发现".to_owned(),
        ..any()
    };
    let plan = store.explain_search(all).await.unwrap();
    for step in &plan {
        assert!(!step.contains("SCAN incident") && !step.contains("SCAN post"), "{plan:?}");
        assert!(!step.contains("SCAN listed_by"), "{plan:?}");
    }
}

/// Every page of the file, as bytes.
fn holds(path: &Path, word: &str) -> bool {
    let token = yuqing::text::pairs([word]);
    let token = token.split(' ').next().unwrap().as_bytes().to_vec();
    let file = std::fs::read(path).unwrap();
    // The index keeps a token without the letters that it shares with the one before.
    let tail = &token[4..];
    file.windows(tail.len()).any(|part| part == tail)
}

/// In the index alone, gathered, and while it is gathered: after so many steps of the sweep.
#[tokio::test]
async fn forgotten_words_stand_nowhere_in_the_file() {
    for steps in 0..4 {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.db");
        let store = SqliteStore::open(&path).unwrap();
        let mut own = post(1, "a");
        own.post.text = "龘齉在急诊室等了四个小时还没有人来看一眼".to_owned();
        let other = Change::Post(Box::new(post(1, "b")));
        store.commit(vec![of(|_| (), 1), Change::Post(Box::new(own)), other]).await.unwrap();
        for _ in 0..steps {
            store.sweep(Retention::default(), at(2 * 86_400)).await.unwrap();
        }
        drop(store);
        assert!(holds(&path, "龘齉"), "what the test looks for is there before");
        let store = SqliteStore::open(&path).unwrap();
        let forgotten = Forgotten { post: key("a"), instead: "（已遗忘）".to_owned() };
        store.commit(vec![Change::Forget(forgotten)]).await.unwrap();
        let find = IncidentSearch { text: "高烧".to_owned(), ..any() };
        assert_eq!(ids(&store, find).await, [1], "the other post is still found");
        drop(store);
        assert!(!holds(&path, "龘齉"), "the index still has the words after {steps} steps");
        let file = std::fs::read(&path).unwrap();
        let word = "龘齉".as_bytes();
        assert!(!file.windows(word.len()).any(|part| part == word));
        assert!(yuqing::store::verify(&path).unwrap().faults.is_empty());
    }
}

/// What retention takes goes from the file, also where it was gathered, in steps that hold nobody up.
#[tokio::test]
async fn gathered_words_leave_with_their_incident() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    let archived = |row: &mut Incident| (row.state, row.opened_at) = (IncidentState::Archived, at(0));
    let mut rows = vec![of(archived, 1), of(|_| (), 2), Change::Post(Box::new(post(2, "other")))];
    rows.extend((0..60).map(|n| {
        let mut own = post(1, &n.to_string());
        // Words of its own for each.
        own.post.text = (0..40).filter_map(|i| char::from_u32(0x4e00 + n * 40 + i)).collect();
        Change::Post(Box::new(own))
    }));
    store.commit(rows).await.unwrap();
    sweep_all(&store, at(2 * 86_400)).await;
    assert_eq!(places(&path), (0, 61, 2));
    let find = |text: &str| IncidentSearch { text: text.to_owned(), ..any() };
    assert_eq!(ids(&store, find("一丁")).await, [1]);
    let swept = sweep_all(&store, at(400 * 86_400)).await;
    assert_eq!(swept.incidents, 1);
    assert!(swept.words > 10, "2,400 pairs do not go at once: {swept:?}");
    assert_eq!((ids(&store, find("一丁")).await, ids(&store, find("高烧")).await), (vec![], vec![2]));
    drop(store);
    assert!(!holds(&path, "一丁") && holds(&path, "高烧"));
    let file = Connection::open(&path).unwrap();
    file.execute("INSERT INTO gathered_word (gathered_word) VALUES ('integrity-check')", []).unwrap();
    assert_eq!(yuqing::store::verify(&path).unwrap().faults, []);
}

/// A database from before the list has it filled at its first opening; one whose words were cut otherwise, anew.
#[tokio::test]
async fn an_older_database_is_indexed_when_it_is_opened() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    let rows = vec![
        of(|_| (), 1),
        of(|row| row.state = IncidentState::Closed, 2),
        Change::Post(Box::new(post(2, "a"))),
    ];
    store.commit(rows).await.unwrap();
    drop(store);
    let find = |text: &str| IncidentSearch { text: text.to_owned(), ..any() };
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP TABLE word; DROP TABLE listed_by; DROP TABLE listed; DROP TABLE saved_search; DROP INDEX post_place;
         DROP TABLE archived; DROP INDEX notice_loose; DROP INDEX incident_plan;
         DROP TABLE gathered_word; DROP TABLE leaving; DROP INDEX post_loose; DROP INDEX post_twice;
         ALTER TABLE post DROP COLUMN own; ALTER TABLE post DROP COLUMN gathered;
         ALTER TABLE post DROP COLUMN words; DELETE FROM value WHERE key = 'search/pairs'; PRAGMA user_version = 6;",
    )
    .unwrap();
    drop(old);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(ids(&store, find("高烧")).await, [2]);
    assert_eq!(ids(&store, any()).await, [2, 1]);
    // The same text again is no change of the index, another one is.
    store.commit(vec![Change::Post(Box::new(post(2, "a")))]).await.unwrap();
    drop(store);
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "UPDATE value SET value = '0' WHERE key = 'search/pairs';
             INSERT INTO word (word) VALUES ('delete-all');
             INSERT INTO gathered_word (gathered_word) VALUES ('delete-all');",
        )
        .unwrap();
    drop(other);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(ids(&store, find("高烧")).await, [2]);
    drop(store);
    assert_eq!(yuqing::store::verify(&path).unwrap().faults, []);
}

/// The number of the cut must be raised when folding comes out otherwise: an index of other pairs finds nothing.
#[test]
fn the_cut_has_the_number_that_it_shipped_with() {
    let all: String = ('\u{20}'..='\u{ffff}').collect();
    let cut = all
        .chars()
        .map(|c| yuqing::text::pairs(yuqing::text::runs(&c.to_string()).iter().map(String::as_str)));
    let mut sum = 0_u64;
    for byte in cut.collect::<Vec<_>>().join(" ").bytes() {
        sum = sum.wrapping_mul(1_099_511_628_211).wrapping_add(u64::from(byte));
    }
    assert_eq!((yuqing::text::PAIRS, sum), (1, CUT), "raise PAIRS in text/search.rs, then freeze this sum");
}

/// What `PAIRS` 1 makes of every character of the basic plane.
const CUT: u64 = 18_163_350_006_858_938_930;

#[test]
fn instants_are_what_they_are() {
    let place = Place::of(&Incident { detected_at: Timestamp::UNIX_EPOCH, ..incident(1, 0) });
    assert_eq!(place.to_string(), "0.0.1");
}

/// A big incident goes a post a step, so that no step holds the writer up.
#[tokio::test]
async fn a_big_incident_is_forgotten_in_steps() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    let mut rows = vec![of(
        |row| {
            row.state = IncidentState::Archived;
            row.opened_at = at(0);
        },
        1,
    )];
    rows.extend((0..3).map(|n| Change::Post(Box::new(post(1, &n.to_string())))));
    store.commit(rows).await.unwrap();
    let mut steps = Vec::new();
    loop {
        let swept = store.sweep(Retention::default(), at(400 * 86_400)).await.unwrap();
        if swept.is_empty() {
            break;
        }
        steps.push((swept.incidents, swept.loose));
    }
    assert_eq!(steps, [(0, 1), (0, 1), (1, 0)]);
    let find = IncidentSearch { text: "高烧".to_owned(), ..any() };
    assert_eq!(ids(&store, find).await, [0_u64; 0]);
    drop(store);
    assert_eq!(yuqing::store::verify(&path).unwrap().faults, []);
}
