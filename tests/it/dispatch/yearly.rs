//! Holidays that are missing are told to the administrators once, and again from the day on which it matters.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use yuqing::{
    app::daily::Daily,
    config::{Folder, InForce, Office, load},
    desk::{Change, Desk, Input, Restored, Setup},
    dispatch::ConfirmKey,
    store::{Envelope, Inbox, SharedStore, SqliteStore},
    time::Manual,
};

fn shanghai(text: &str) -> Timestamp {
    format!("{text}:00+08:00").parse().unwrap()
}

fn in_force(office: Office) -> InForce {
    InForce {
        office: Arc::new(office),
        faults: Arc::default(),
        warnings: Arc::default(),
        read_at: shanghai("2026-11-30T08:00"),
    }
}

fn shipped() -> Office {
    load(&Folder::Shipped).unwrap().0
}

struct Stage {
    daily: Daily,
    clock: Manual,
    office: watch::Sender<InForce>,
    inputs: mpsc::UnboundedReceiver<Input>,
    _desk: AbortOnDropHandle<()>,
    _folder: TempDir,
}

impl Stage {
    fn new(start: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let store: SharedStore = Arc::new(SqliteStore::open(&folder.path().join("yuqing.db")).unwrap());
        let (inbox, mut door) = Inbox::new(8);
        let (tell, inputs) = mpsc::unbounded_channel();
        let desk = tokio::spawn(async move {
            while let Some(Envelope { input, done, .. }) = door.recv().await {
                let _ = tell.send(input);
                let _ = done.send(Ok(()));
            }
        });
        let clock = Manual::at(shanghai(start));
        let daily = Daily {
            store,
            inbox,
            clock: Arc::new(clock.clone()),
            confirm: ConfirmKey::from_bytes([7; 32]),
            public_url: None,
        };
        let office = watch::Sender::new(in_force(shipped()));
        Self { daily, clock, office, inputs, _desk: AbortOnDropHandle::new(desk), _folder: folder }
    }

    fn start(&self) -> AbortOnDropHandle<()> {
        AbortOnDropHandle::new(tokio::spawn(
            self.daily.clone().run(self.office.subscribe(), CancellationToken::new()),
        ))
    }

    async fn next(&mut self) -> Input {
        tokio::time::timeout(Duration::from_secs(20), self.inputs.recv())
            .await
            .expect("nothing told")
            .unwrap()
    }

    /// Until the room has kept what it told.
    async fn kept(&self, value: &str) {
        let wait = async {
            while self.daily.store.value("holidays/told").await.unwrap().as_deref() != Some(value) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it was never kept");
    }
}

/// Everything of holidays that the desk tells until `end`: Beijing day, contact, and how the note begins.
fn told(desk: &mut Desk, inputs: &[Input], from: &str, end: &str) -> Vec<String> {
    let mut now = shanghai(from);
    let mut changes: Vec<Change> = Vec::new();
    for input in inputs {
        changes.extend(desk.take(input, now).unwrap());
    }
    while let Some(due) = desk.next_due().filter(|due| *due <= shanghai(end)) {
        now = now.max(due);
        changes.extend(desk.take(&Input::Tick, now).unwrap());
    }
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let told = changes.into_iter().filter_map(|change| match change {
        Change::Notice(notice) if notice.facts.note.contains("2027 年的放假") => {
            let day = notice.created_at.to_zoned(zone.clone()).strftime("%m-%d");
            Some(format!("{day} {}", notice.contact))
        }
        _ => None,
    });
    let mut told: Vec<String> = told.collect();
    told.dedup();
    told
}

#[tokio::test]
async fn the_next_year_is_asked_for_once_in_december_and_daily_when_it_begins() {
    let mut stage = Stage::new("2026-11-30T23:00");
    let running = stage.start();
    stage.clock.advance(SignedDuration::from_hours(1));
    let inputs = [stage.next().await, stage.next().await];
    stage.kept("2027").await;
    let Input::Operations(operations) = &inputs[0] else { panic!("{inputs:?}") };
    assert!(operations.broken && operations.subject == "holidays.toml", "{operations:?}");
    assert!(operations.text.contains("国务院办公厅关于2027年部分节假日安排的通知"), "{operations:?}");

    let office = shipped();
    let units = office.units.iter().map(|unit| {
        let plan = office.plans[&unit.plan].clone();
        (yuqing::model::Unit::clone(unit), plan)
    });
    let contacts = office.contacts.shared.iter().map(|one| (one.name.clone(), one.clone())).collect();
    let setup = Setup { units: units.collect(), contacts, ..Setup::default() };
    let mut desk = Desk::new(setup, Restored::default(), shanghai("2026-12-01T00:00"));
    assert_eq!(told(&mut desk, &inputs, "2026-12-01T00:00", "2026-12-31T23:59"), ["12-01 系统管理员"]);
    assert_eq!(
        told(&mut desk, &[], "2027-01-01T00:00", "2027-01-02T12:00"),
        ["01-01 系统管理员", "01-02 系统管理员"]
    );

    // A restart tells nothing more; the year that is added mends it.
    drop(running);
    let _again = stage.start();
    stage.clock.advance(SignedDuration::from_hours(24));
    let mut office = shipped();
    Arc::make_mut(&mut office.workdays).years.insert(2027);
    stage.office.send_replace(in_force(office));
    let Input::Operations(operations) = stage.next().await else { panic!("only the mending is told") };
    assert!(!operations.broken, "{operations:?}");
    stage.kept("").await;
}

#[tokio::test]
async fn a_present_year_without_holidays_is_told_at_once() {
    let mut stage = Stage::new("2027-03-01T08:00");
    let _running = stage.start();
    let Input::Operations(operations) = stage.next().await else { panic!("it is a fault") };
    assert!(operations.broken && operations.text.contains("2027 年"), "{operations:?}");
    stage.kept("2027").await;
    assert!(stage.inputs.try_recv().is_err(), "nothing puts it off");
}

#[tokio::test]
async fn a_wrong_text_of_a_paper_is_told_once_and_its_mending_too() {
    let mut stage = Stage::new("2026-11-23T08:00");
    let with = |text: Option<&str>| {
        let papers = text.map(|text| ("special".to_owned(), text.to_owned()));
        let mut office = shipped();
        office.papers = Arc::new(papers.into_iter().collect());
        in_force(office)
    };
    stage.office.send_replace(with(Some("# 好\n{{ gits }}")));
    let _running = stage.start();
    let Input::Operations(told) = stage.next().await else { panic!("operations") };
    assert!(told.broken && told.subject == "papers/special.txt", "{told:?}");
    assert!(told.text.contains("第 2 行") && told.text.contains("现用随包的文字"), "{told:?}");
    stage.office.send_replace(with(None));
    let Input::Operations(told) = stage.next().await else { panic!("operations") };
    assert!(!told.broken && told.subject == "papers/special.txt", "{told:?}");
}
