//! A restart on a day when a file is broken.

use yuqing::config::{Folder, last_good};

use super::office::Stage;

const LIST: &str = "keywords/青川县人民医院.txt";

fn groups(office: &yuqing::config::Office) -> Vec<&str> {
    office.lists.iter().flat_map(|list| &list.groups).map(|group| group.name.as_str()).collect()
}

#[test]
fn a_restart_with_broken_files_goes_on_with_the_last_good_ones() {
    let (stage, state) = (Stage::new(), tempfile::tempdir().unwrap());
    let (folder, copy) = (Folder::Disk(stage.path().to_owned()), state.path().join("last-good"));
    stage.write(LIST, "[好]\n青川县人民医院\n");
    last_good::keep(&stage.load().unwrap(), &copy).unwrap();
    stage.write(LIST, "[坏]\n/(没有关上/\n");
    stage.edit("plans/work-safety.toml", "views_over = 10000", "views_over = 10");
    let started = last_good::start(&folder, &copy).unwrap();
    assert_eq!(groups(&started.office), ["好"]);
    assert_eq!(
        started.office.plans["work-safety"].tier_named("major").unwrap().clauses.views_over,
        Some(10_000)
    );
    assert_eq!(started.office.folder, folder, "the office's own folder is watched, not the copy");
    assert_eq!(started.faults.len(), 2, "{:?}", started.faults);
}

#[test]
fn a_broken_plan_at_start_does_not_hold_up_a_new_keyword() {
    let (stage, state) = (Stage::new(), tempfile::tempdir().unwrap());
    let (folder, copy) = (Folder::Disk(stage.path().to_owned()), state.path().join("last-good"));
    last_good::keep(&stage.load().unwrap(), &copy).unwrap();
    stage.write(LIST, "[新词]\n青川县人民医院\n");
    stage.edit("contacts.toml", "person = ", "persons = ");
    let started = last_good::start(&folder, &copy).unwrap();
    assert_eq!(groups(&started.office), ["新词"]);
}

#[test]
fn without_a_good_copy_the_faults_are_told() {
    let (stage, state) = (Stage::new(), tempfile::tempdir().unwrap());
    stage.edit("contacts.toml", "person = ", "persons = ");
    let folder = Folder::Disk(stage.path().to_owned());
    let faults = last_good::start(&folder, &state.path().join("last-good")).unwrap_err();
    assert_eq!(faults.len(), 1);
}

#[test]
fn a_newer_good_state_replaces_the_copy() {
    let (stage, state) = (Stage::new(), tempfile::tempdir().unwrap());
    let copy = state.path().join("last-good");
    stage.write(LIST, "[一]\n青川县人民医院\n");
    last_good::keep(&stage.load().unwrap(), &copy).unwrap();
    stage.write(LIST, "[二]\n青川县人民医院\n");
    last_good::keep(&stage.load().unwrap(), &copy).unwrap();
    stage.write(LIST, "/(/\n");
    let started = last_good::start(&Folder::Disk(stage.path().to_owned()), &copy).unwrap();
    assert_eq!(groups(&started.office), ["二"]);
}
