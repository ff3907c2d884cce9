//! A disk budget in the room that sweeps: shown once, carried out a week later, over when there is room again.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use yuqing::{
    app::keeping::Keeping,
    config::{Folder, InForce, load},
    desk::{Input, Operations},
    model::IncidentState,
    report::retention,
    store::{Envelope, Inbox, IncidentFilter, MemoryDisk, MemoryStore, SharedStore},
    time::{Clock as _, Manual},
};

use crate::store::{
    rows::at,
    sweep::{DAY, whole},
};

struct Stage {
    store: SharedStore,
    clock: Manual,
    told: mpsc::UnboundedReceiver<Operations>,
    _rooms: [AbortOnDropHandle<()>; 2],
}

impl Stage {
    /// A store of 120 incidents that were told 250 days ago, and a budget in bytes.
    async fn new(budget: u64) -> Self {
        let store: SharedStore = Arc::new(MemoryStore::open(&MemoryDisk::default()).unwrap());
        for id in 1..=120 {
            store.commit(whole(id, IncidentState::Archived, 1, Some(0))).await.unwrap();
        }
        let (inbox, mut door) = Inbox::new(8);
        let (tell, told) = mpsc::unbounded_channel();
        let desk = tokio::spawn(async move {
            while let Some(Envelope { input, done, .. }) = door.recv().await {
                if let Input::Operations(operations) = input {
                    let _ = tell.send(operations);
                }
                let _ = done.send(Ok(()));
            }
        });
        let clock = Manual::at(at(250 * DAY));
        let (mut office, _) = load(&Folder::Shipped).unwrap();
        office.settings.retention.disk_budget = Some(budget);
        let in_force = InForce {
            office: Arc::new(office),
            faults: Arc::default(),
            warnings: Arc::default(),
            read_at: clock.now(),
        };
        let keeping = Keeping { store: store.clone(), inbox, clock: Arc::new(clock.clone()) };
        let office = watch::Sender::new(in_force);
        let running = tokio::spawn(async move {
            keeping.run(office.subscribe(), CancellationToken::new()).await;
            drop(office);
        });
        let rooms = [desk, running].map(AbortOnDropHandle::new);
        Self { store, clock, told, _rooms: rooms }
    }

    async fn incidents(&self) -> usize {
        self.store.incidents(IncidentFilter::default()).await.unwrap().len()
    }

    /// Lets the clock go on until the next turn has counted.
    async fn turn(&self) {
        let before = self.counted().await;
        let counted = async {
            while self.counted().await == before {
                self.clock.advance(SignedDuration::from_mins(1));
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), counted).await.expect("no turn");
    }

    async fn counted(&self) -> Option<jiff::Timestamp> {
        retention::last_figures(self.store.as_ref()).await.unwrap().map(|kept| kept.at)
    }

    async fn next(&mut self) -> Operations {
        let next = self.told.recv();
        tokio::time::timeout(Duration::from_secs(20), next).await.expect("nothing told").unwrap()
    }
}

#[tokio::test]
async fn what_goes_before_its_time_is_shown_for_a_week_first() {
    let mut stage = Stage::new(250_000).await;
    stage.turn().await;
    let told = stage.next().await;
    assert!(told.broken && told.subject.starts_with("retention/2027-"), "{told:?}");
    assert!(told.text.contains("提前清理") && told.text.contains("证据由保存 366 天改为"), "{}", told.text);
    for _ in 0..6 {
        stage.turn().await;
        assert_eq!(stage.incidents().await, 120, "not before the week is over");
    }
    assert!(stage.told.try_recv().is_err(), "told once");
    stage.turn().await;
    // From here on a step is followed by a pause.
    let gone = async {
        while stage.incidents().await > 0 {
            stage.clock.advance(SignedDuration::from_millis(20));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("nothing went");
    let mended = async {
        loop {
            stage.clock.advance(SignedDuration::from_mins(1));
            if let Ok(told) = stage.told.try_recv() {
                return told;
            }
            tokio::task::yield_now().await;
        }
    };
    let mended = tokio::time::timeout(Duration::from_secs(20), mended).await.expect("not told");
    assert_eq!((mended.broken, mended.subject), (false, told.subject));
    assert_eq!(retention::shown(stage.store.as_ref()).await.unwrap(), None);
}

#[tokio::test]
async fn what_the_floors_keep_is_said() {
    let mut stage = Stage::new(10_000).await;
    stage.turn().await;
    let told = stage.next().await;
    assert!(told.text.contains("仍会超出约"), "{}", told.text);
}
