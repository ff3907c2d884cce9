//! Saved is in force within five seconds; broken keeps the last good state.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    config::{Folder, InForce, Watch, last_good, load, watch, watch_keeping},
    time::Manual,
};

use super::office::Stage;
use crate::keyword::workbook::{Sheet, book};

const LIST: &str = "keywords/青川县人民医院.txt";

struct Watched {
    stage: Stage,
    clock: Manual,
    watch: Watch,
}

impl Watched {
    fn new() -> Self {
        let stage = Stage::new();
        let clock = Manual::at(Timestamp::from_second(1_795_220_000).unwrap());
        let (office, warnings) = load(&Folder::Disk(stage.path().to_owned())).unwrap();
        let watch = watch(&Arc::new(office), warnings, Arc::new(clock.clone()));
        Self { stage, clock, watch }
    }

    /// Lets one second pass, and waits until the folder was looked at in it.
    async fn second(&self) {
        let mut looked = self.watch.looked();
        let before = *looked.borrow_and_update();
        self.clock.advance(SignedDuration::from_secs(1));
        looked.wait_for(|at| *at > before).await.unwrap();
    }

    async fn seconds(&self, count: usize) -> InForce {
        for _ in 0..count {
            self.second().await;
        }
        self.watch.state().borrow().clone()
    }
}

fn groups(state: &InForce) -> Vec<String> {
    state.office.lists.iter().flat_map(|list| &list.groups).map(|group| group.name.clone()).collect()
}

#[tokio::test]
async fn a_saved_keyword_is_in_force_within_five_seconds_of_the_clock() {
    let watched = Watched::new();
    watched.seconds(1).await;
    watched.stage.write(LIST, "[新词]\n青川县人民医院\n");
    let state = watched.seconds(5).await;
    assert_eq!(groups(&state), ["新词"]);
    assert!(state.faults.is_empty());
}

#[tokio::test]
async fn a_file_that_is_still_being_saved_is_not_read() {
    let watched = Watched::new();
    watched.seconds(1).await;
    let before = groups(&watched.watch.state().borrow());
    for letters in 1..6 {
        watched
            .stage
            .write(LIST, format!("[新词]\n{}\n", "青川县人民医院".chars().take(letters).collect::<String>()));
        assert_eq!(groups(&watched.seconds(1).await), before, "after {letters} letters");
    }
    assert_eq!(groups(&watched.seconds(4).await), ["新词"]);
}

#[tokio::test]
async fn a_broken_list_keeps_the_last_good_one_and_says_which_line() {
    let watched = Watched::new();
    let before = groups(&watched.seconds(1).await);
    watched.stage.write(LIST, "[本单位]\n青川县人民医院\n\n[坏]\n/(没有关上/\n");
    let state = watched.seconds(5).await;
    assert_eq!(groups(&state), before);
    assert_eq!(state.faults.len(), 1, "{:?}", state.faults);
    assert_eq!(state.faults[0].line, 5);
    assert!(state.faults[0].file.ends_with(LIST));
    watched.stage.write(LIST, "[修好]\n青川县人民医院\n");
    let state = watched.seconds(5).await;
    assert_eq!(groups(&state), ["修好"]);
    assert!(state.faults.is_empty());
}

#[tokio::test]
async fn a_broken_plan_does_not_hold_up_a_new_keyword() {
    let watched = Watched::new();
    watched.seconds(1).await;
    watched.stage.edit("plans/work-safety.toml", "views_over = 10000", "views_over = 10");
    watched.stage.write(LIST, "[新词]\n青川县人民医院\n");
    let state = watched.seconds(5).await;
    assert_eq!(groups(&state), ["新词"]);
    assert_eq!(
        state.office.plans["work-safety"].tier_named("major").unwrap().clauses.views_over,
        Some(10_000)
    );
    assert!(!state.faults.is_empty());
}

#[tokio::test]
async fn nothing_saved_nothing_published() {
    let watched = Watched::new();
    let mut state = watched.watch.state();
    state.borrow_and_update();
    watched.seconds(8).await;
    assert!(!state.has_changed().unwrap());
}

#[tokio::test]
async fn reload_checks_first_and_then_swaps() {
    let watched = Watched::new();
    watched.stage.write(LIST, "[新词]\n青川县人民医院\n");
    watched.watch.reload().await.unwrap();
    assert_eq!(groups(&watched.watch.state().borrow()), ["新词"]);
    watched.stage.write(LIST, "[更新]\n青川县人民医院\n");
    watched.stage.edit("yuqing.toml", "locale = \"zh-CN\"", "locale = \"tlh\"");
    let faults = watched.watch.reload().await.unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!(groups(&watched.watch.state().borrow()), ["新词"]);
}

#[tokio::test]
async fn every_good_state_is_kept_for_the_next_start() {
    let (stage, state) = (Stage::new(), tempfile::tempdir().unwrap());
    let copy = state.path().join("last-good");
    let folder = Folder::Disk(stage.path().to_owned());
    let clock = Manual::at(Timestamp::from_second(1_795_220_000).unwrap());
    let started = last_good::start(&folder, &copy).unwrap();
    let watch = watch_keeping(started, copy.clone(), Arc::new(clock.clone()));
    let watched = Watched { stage, clock, watch };
    watched.stage.write(LIST, "[新词]\n青川县人民医院\n");
    watched.seconds(5).await;
    watched.stage.write(LIST, "/(没有关上/\n");
    let state = watched.seconds(5).await;
    assert_eq!((groups(&state), state.faults.len()), (vec!["新词".to_owned()], 1));
    let again = last_good::start(&folder, &copy).unwrap();
    assert_eq!(again.office.lists[0].groups[0].name, "新词");
    let watch = watch_keeping(again, copy, Arc::new(watched.clock.clone()));
    assert!(watch.state().has_changed().unwrap(), "whoever waits for a change hears of it");
    assert_eq!(watch.state().borrow().faults.len(), 1, "the fault is told after a restart too");
}

/// An office whose list is a workbook.
fn with_a_workbook() -> Watched {
    let stage = Stage::new();
    stage.edit("yuqing.toml", LIST, TABLE);
    stage.write(TABLE, rows(&[&["组别", "关键词"], &["旧词", "青川县人民医院"]]));
    let clock = Manual::at(Timestamp::from_second(1_795_220_000).unwrap());
    let (office, warnings) = load(&Folder::Disk(stage.path().to_owned())).unwrap();
    let watch = watch(&Arc::new(office), warnings, Arc::new(clock.clone()));
    Watched { stage, clock, watch }
}

const TABLE: &str = "keywords/名单.xlsx";

fn rows(rows: &[&[&str]]) -> Vec<u8> {
    book(&[Sheet::texts("名单", rows)])
}

#[tokio::test]
async fn a_workbook_is_in_force_when_saved_and_keeps_its_last_good_state_when_broken() {
    let watched = with_a_workbook();
    assert_eq!(groups(&watched.seconds(1).await), ["旧词"]);
    watched.stage.write(TABLE, rows(&[&["组别", "关键词"], &["新词", "青川县人民医院"]]));
    // What Excel and WPS leave beside the file while it is open.
    watched.stage.write("keywords/~$名单.xlsx", b"\x06Clerk");
    let state = watched.seconds(5).await;
    assert_eq!((groups(&state), state.faults.len()), (vec!["新词".to_owned()], 0));

    watched.stage.write(
        TABLE,
        rows(&[&["组别", "关键词", "至少"], &["坏", "/(没有关上/", ""], &["坏", "停电", "天大"]]),
    );
    let state = watched.seconds(5).await;
    assert_eq!(groups(&state), ["新词"], "the last good list stays in force");
    insta::assert_snapshot!(watched.stage.shown(&state.faults), @r"
    keywords/名单.xlsx: 工作表“名单”第 2 行 B 列: 正则第 1 个字“(”没有配上右括号
       |
    B2 | /(没有关上/
       | ^^^^^^^^^^^
      改法: 补上 )；要找括号本身写成 \(
    ");

    watched.stage.write(TABLE, rows(&[&["组别", "关键词", "至少"], &["坏", "停电", "天大"]]));
    let state = watched.seconds(5).await;
    assert_eq!(groups(&state), ["新词"]);
    insta::assert_snapshot!(watched.stage.shown(&state.faults), @r"
    keywords/名单.xlsx: 工作表“名单”第 2 行 C 列: 词组“坏”: 预案里没有等级 天大
       |
    C2 | 天大
       | ^^^^
      改法: “至少”写 特别重大、重大、较大、一般
    ");

    watched.stage.write(TABLE, rows(&[&["关键词"], &["青川县人民医院"]]));
    let state = watched.seconds(5).await;
    assert_eq!((groups(&state), state.faults.len()), (vec!["青川县人民医院".to_owned()], 0));
}

#[tokio::test]
async fn a_workbook_that_is_only_half_copied_is_read_when_it_is_whole() {
    let watched = with_a_workbook();
    watched.seconds(1).await;
    let whole = rows(&[&["组别", "关键词"], &["新词", "青川县人民医院"]]);
    watched.stage.write(TABLE, &whole[..whole.len() / 2]);
    let state = watched.seconds(5).await;
    assert_eq!(groups(&state), ["旧词"]);
    assert!(state.faults[0].message.contains("工作簿不完整"), "{:?}", state.faults);
    watched.stage.write(TABLE, &whole);
    let state = watched.seconds(5).await;
    assert_eq!((groups(&state), state.faults.len()), (vec!["新词".to_owned()], 0));
}

#[tokio::test]
async fn a_list_that_could_not_be_read_is_tried_again_although_nothing_was_saved() {
    let watched = Watched::new();
    let before = groups(&watched.seconds(1).await);
    // A folder in the file's place stands for a file that another program holds.
    let (list, aside) = (watched.stage.file(LIST), watched.stage.file("aside"));
    std::fs::rename(&list, &aside).unwrap();
    std::fs::create_dir(&list).unwrap();
    let state = watched.seconds(5).await;
    assert_eq!(groups(&state), before);
    assert!(state.faults[0].unread, "{:?}", state.faults);
    let first = state.read_at;
    assert_eq!(watched.seconds(6).await.read_at, first, "not every second");
    assert!(watched.seconds(6).await.read_at > first, "tried again");
    std::fs::remove_dir(&list).unwrap();
    std::fs::rename(&aside, &list).unwrap();
    let state = watched.seconds(5).await;
    assert_eq!((groups(&state), state.faults.len()), (before, 0));
}

#[tokio::test]
async fn a_workbook_is_kept_for_the_next_start_too() {
    let state = tempfile::tempdir().unwrap();
    let copy = state.path().join("last-good");
    let watched = with_a_workbook();
    let office = watched.stage.load().unwrap();
    last_good::keep(&office, &copy).unwrap();
    watched.stage.write(TABLE, b"PK\x03\x04 cut off");
    let started = last_good::start(&Folder::Disk(watched.stage.path().to_owned()), &copy).unwrap();
    assert_eq!(started.office.lists[0].groups[0].name, "旧词");
    assert_eq!(started.faults.len(), 1);
}
