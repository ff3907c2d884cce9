//! Which files are the office's.

use super::office::Stage;
use yuqing::config::{Folder, left_behind, load};

#[test]
fn files_that_editors_leave_behind_are_not_read() {
    for name in ["~$名单.xlsx", "plan.toml.tmp", "plan.toml.bak", ".plan.toml.swp", "plan.toml~", "x.BAK"] {
        assert!(left_behind(name), "{name}");
    }
    assert!(!left_behind("work-safety.toml"));
    let stage = Stage::new();
    stage.write("plans/~$work-safety.toml", "not a plan").write("plans/old.toml.bak", "not a plan");
    assert!(stage.load().is_ok());
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    let stage = Stage::new();
    for name in ["yuqing.toml", "contacts.toml", "plans/work-safety.toml", "sources.d/sources.toml"] {
        let mut bytes = b"\xef\xbb\xbf".to_vec();
        bytes.extend(std::fs::read(stage.file(name)).unwrap());
        stage.write(name, bytes);
    }
    stage.load().map_err(|faults| stage.shown(&faults)).unwrap();
}

#[test]
fn the_tables_may_stand_in_a_folder_of_their_own() {
    let stage = Stage::new();
    let config = stage.file("config");
    std::fs::create_dir(&config).unwrap();
    for name in ["yuqing.toml", "contacts.toml", "plans", "sources.d", "presets"] {
        std::fs::rename(stage.file(name), config.join(name)).unwrap();
    }
    let office = stage.load().map_err(|faults| stage.shown(&faults)).unwrap();
    assert_eq!(office.units.len(), 1);
    assert_eq!(office.lists.len(), 1);
}

#[test]
fn a_shipped_plan_may_be_named_without_a_copy() {
    let stage = Stage::new();
    std::fs::remove_file(stage.file("plans/work-safety.toml")).unwrap();
    assert!(stage.load().unwrap().plans.contains_key("work-safety"));
}

#[test]
fn what_ships_reads_without_fault_or_warning() {
    let (office, warnings) = load(&Folder::Shipped).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(office.exercises_only());
}
