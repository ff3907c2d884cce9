//! Two people and Notepad at one file, in any order: what each saved is in the file, or was given back.

use std::collections::BTreeSet;

use super::keywords_edit::{Editing, Page};

/// Somebody with the editor open.
#[derive(Default)]
struct Editor {
    base: String,
    lines: Vec<String>,
    /// Lines that were typed since the last save that was taken.
    typed: Vec<String>,
}

impl Editor {
    fn see(&mut self, page: &Page) {
        self.base.clone_from(&page.base);
        self.lines = page.text.lines().map(str::to_owned).collect();
    }

    fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

fn lines_of(text: &str) -> BTreeSet<String> {
    text.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// One story of what they do, drawn from a seed.
async fn story(seed: u64) {
    let mut dice = fastrand::Rng::with_seed(seed);
    let editing = Editing::with("keywords/名单.txt", "甲\n\n乙\n\n丙\n\n丁\n\n戊\n\n己\n".as_bytes()).await;
    let mut people = [Editor::default(), Editor::default()];
    for person in &mut people {
        person.see(&editing.open().await);
    }
    let mut written: Vec<String> = Vec::new();
    let mut outcomes = BTreeSet::new();
    for step in 0..18 {
        let who = dice.usize(..2);
        let person = &mut people[who];
        match dice.u8(..10) {
            0..=3 => {
                let line = format!("词{seed}第{step}步");
                person.lines.insert(dice.usize(..=person.lines.len()), line.clone());
                person.typed.push(line);
            }
            4 => {
                // Notepad saves a line of its own.
                let line = format!("记事本{seed}第{step}步");
                let mut lines: Vec<String> = editing.disk().lines().map(str::to_owned).collect();
                lines.insert(dice.usize(..=lines.len()), line.clone());
                editing.write(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
                written.push(line);
            }
            5 if person.typed.is_empty() => person.see(&editing.open().await),
            _ => {
                let sent = person.text();
                let (status, page) = editing.save(&person.base, &sent).await;
                outcomes.insert(status);
                match status {
                    303 => {
                        let now = lines_of(&editing.disk());
                        for line in &person.typed {
                            assert!(now.contains(line), "seed {seed}: {line} was saved and is not there");
                        }
                        written.append(&mut person.typed);
                        person.see(&editing.open().await);
                    }
                    409 => {
                        assert_eq!(page.text, sent, "seed {seed}: what was written is given back");
                        let theirs = page.theirs.clone().expect("theirs beside it");
                        assert_eq!(lines_of(&theirs), lines_of(&editing.disk()), "seed {seed}");
                        // Whoever saw both takes over what the other has.
                        person.see(&page);
                        for line in theirs.lines().filter(|line| !line.is_empty()) {
                            if !person.lines.iter().any(|own| own == line) {
                                person.lines.push(line.to_owned());
                            }
                        }
                    }
                    other => panic!("seed {seed}: {other} {}", page.whole),
                }
            }
        }
        let now = lines_of(&editing.disk());
        for line in &written {
            assert!(now.contains(line), "seed {seed} step {step}: {line} went without anybody taking it out");
        }
    }
    // Whatever ever stood on disk can be looked up.
    editing.open().await;
    let kept = editing.stage.store.file_versions(&editing.name).await.unwrap();
    let mut found = BTreeSet::new();
    for version in &kept {
        let content =
            editing.stage.store.file_version(&editing.name, &version.sha256).await.unwrap().unwrap();
        found.extend(lines_of(&String::from_utf8(content).unwrap()));
    }
    assert!(written.iter().all(|line| found.contains(line)), "seed {seed}");
    assert!(outcomes.contains(&303) || written.is_empty(), "seed {seed}: {outcomes:?}");
    editing.stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_two_people_and_notepad_do_nothing_is_lost() {
    for seed in 1..=12 {
        story(seed).await;
    }
}
