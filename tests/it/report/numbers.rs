//! Running numbers of papers: each once, without a gap, the same when it is printed again.

use std::sync::Arc;

use jiff::civil::date;
use yuqing::{
    config::{self, Folder},
    desk::Change,
    dispatch::Enclosures,
    model::{ChannelKind, Detail, IncidentId, NoticeKind, ReportKind},
    report::paper::{
        PaperKind,
        number::{Issue, Numbered},
        unit::Period,
    },
    store::{MemoryDisk, MemoryStore, SharedStore, SqliteStore},
};

use crate::{
    console::rows::{Outside, UNIT, day, incident, now},
    dispatch::notices::notice,
};

fn of_month(month: i8) -> Numbered {
    Numbered::of_unit(PaperKind::Monthly, UNIT, "", Period::Month(date(2026, month, 3))).unwrap()
}

#[tokio::test]
async fn a_paper_keeps_the_number_that_it_was_given() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("yuqing.db");
    let first = Issue { year: 2026, number: 1 };
    {
        let store = SqliteStore::open(&file).unwrap();
        assert_eq!(of_month(10).known(&store, 2026).await.unwrap(), None, "looking gives none");
        assert_eq!(of_month(10).give(&store, 2026).await.unwrap(), first);
        assert_eq!(of_month(11).give(&store, 2026).await.unwrap().number, 2);
        assert_eq!(of_month(10).give(&store, 2026).await.unwrap(), first, "by any day of it");
    }
    // After a restart and in another year it is what it was; the new year begins with 1.
    let store = SqliteStore::open(&file).unwrap();
    assert_eq!(of_month(10).known(&store, 2027).await.unwrap(), Some(first));
    assert_eq!(of_month(10).give(&store, 2027).await.unwrap(), first);
    assert_eq!(of_month(12).give(&store, 2027).await.unwrap(), Issue { year: 2027, number: 1 });
    assert_eq!(of_month(9).give(&store, 2026).await.unwrap().number, 3);
}

#[tokio::test]
async fn each_unit_and_kind_counts_for_itself_and_drills_apart() {
    let store = MemoryStore::open(&MemoryDisk::default()).unwrap();
    let day = Period::Days(1, date(2026, 11, 21));
    let papers = [
        Numbered::of_unit(PaperKind::Brief, UNIT, "", day),
        Numbered::of_unit(PaperKind::Brief, UNIT, "演练", day),
        Numbered::of_unit(PaperKind::Brief, "青禾县第一中学", "", day),
        Numbered::of_unit(PaperKind::Digest, UNIT, "", day),
    ];
    for paper in papers.iter().flatten() {
        assert_eq!(paper.give(&store, 2026).await.unwrap().number, 1, "{paper:?}");
    }
    let week = Numbered::of_unit(PaperKind::Brief, UNIT, "", Period::Days(7, date(2026, 11, 21))).unwrap();
    assert_eq!(
        week.give(&store, 2026).await.unwrap().number,
        2,
        "the week is another paper than its last day"
    );
    // A case at a higher tier, or opened again, is another report; forms bear no number.
    let mut row = incident(1, 2, &Outside::default());
    let zone = jiff::tz::TimeZone::UTC;
    let number = async |row: &_| {
        let paper = Numbered::of_case(row, PaperKind::Special, &zone).unwrap();
        paper.give(&store, 2026).await.unwrap().number
    };
    assert_eq!((number(&row).await, number(&row).await), (1, 1));
    row.rank = 3;
    assert_eq!(number(&row).await, 2);
    row.epoch += 1;
    assert_eq!(number(&row).await, 3);
    assert_eq!(Numbered::of_case(&row, PaperKind::Registration, &zone), None);
}

/// Mails and pages ask at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_papers_get_one_number() {
    let store: SharedStore = Arc::new(MemoryStore::open(&MemoryDisk::default()).unwrap());
    let asking = (0..96_i8).map(|at| {
        let store = Arc::clone(&store);
        tokio::spawn(
            async move { (at % 12, of_month(at % 12 + 1).give(store.as_ref(), 2026).await.unwrap()) },
        )
    });
    let mut given = std::collections::BTreeMap::new();
    for one in asking.collect::<Vec<_>>() {
        let (paper, issue) = one.await.unwrap();
        assert_eq!(*given.entry(paper).or_insert(issue.number), issue.number);
    }
    let mut numbers: Vec<u32> = given.into_values().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_cannot_be_read_is_not_counted_anew() {
    let store = MemoryStore::open(&MemoryDisk::default()).unwrap();
    of_month(10).give(&store, 2026).await.unwrap();
    yuqing::store::Store::set_value(&store, &format!("papers/monthly/{UNIT}/2026"), "{".into())
        .await
        .unwrap();
    let error = of_month(11).give(&store, 2026).await.unwrap_err().to_string();
    assert!(error.contains("papers/monthly/"), "{error}");
}

#[tokio::test]
async fn the_first_mail_that_brings_a_paper_gives_its_number() {
    let store: SharedStore = Arc::new(MemoryStore::open(&MemoryDisk::default()).unwrap());
    store.commit(day(&Outside::default())).await.unwrap();
    let (office, _) = config::load(&Folder::Shipped).unwrap();
    let enclosures = Enclosures::of(&office, Arc::clone(&store)).patient(std::time::Duration::from_secs(60));
    let mut alert = notice(NoticeKind::Rise, ChannelKind::Email);
    alert.incident = Some(IncidentId(1));
    alert.created_at = now();
    Arc::make_mut(&mut alert.facts).paper = Some(ReportKind::Special);
    let body = async |rank: usize| {
        let mut alert = alert.clone();
        alert.rank = rank;
        let paper = enclosures.enclosure(&alert, Detail::Full, now()).await.expect("the paper");
        super::docx::body(&paper.bytes)
    };
    assert!(body(3).await.contains("〔2026〕第 1 期"));
    let paper = async || {
        let view = store.incident(IncidentId(1)).await.unwrap().unwrap();
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        Numbered::of_case(&view.incident, PaperKind::Special, &zone).unwrap()
    };
    let known = paper().await.known(store.as_ref(), 2026).await.unwrap();
    assert_eq!(known, Some(Issue { year: 2026, number: 1 }));
    // Another mail at another tier of a case that stands where it stood brings the same paper.
    assert!(body(2).await.contains("〔2026〕第 1 期"));
    let mut lower = incident(1, 2, &Outside::default());
    lower.rank = 2;
    store.commit(vec![Change::Incident(Box::new(lower))]).await.unwrap();
    assert!(body(1).await.contains("〔2026〕第 2 期"), "another tier is another paper");
}
