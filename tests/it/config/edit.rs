//! Files of the office under a person's hand: text and bytes, two people's changes, the check, the place on disk.

use std::{fs, os::unix::fs::PermissionsExt as _};

use proptest::prelude::*;
use yuqing::config::edit::{
    self, FileKind,
    difference::{Side, difference},
    merge::merge,
    replace::{Beside, PutError},
    text,
};

use super::office::Stage;

const LIST: &str = "keywords/青川县人民医院.txt";

/// A text in an encoding, as Windows programs write it.
fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    let wide = |mark: u16, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(mark).chain(text.encode_utf16()).flat_map(unit).collect()
    };
    match encoding {
        "utf-8" => text.as_bytes().to_vec(),
        "utf-8 with mark" => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        "gbk" => encoding_rs::GB18030.encode(text).0.into_owned(),
        "utf-16le" => wide(0xFEFF, u16::to_le_bytes),
        _ => wide(0xFEFF, u16::to_be_bytes),
    }
}

#[test]
fn a_file_stays_in_the_form_that_it_has() {
    for encoding in ["utf-8", "utf-8 with mark", "gbk", "utf-16le", "utf-16be"] {
        for end in ["\r\n", "\n", "\r"] {
            let lines = ["[收费]", "乱收费 => 𠮷", "", "医院"];
            let bytes = encoded(&(lines.join(end) + end), encoding);
            let (read, form) = text::read(&bytes);
            assert_eq!(read, lines.join("\n") + "\n", "{encoding} {end:?}");
            assert_eq!(text::written(&read, form), bytes, "{encoding} {end:?}");
            let longer = encoded(&(lines.join(end) + end + "新词"), encoding);
            assert_eq!(text::written(&format!("{read}新词"), form), longer, "{encoding} {end:?}");
        }
    }
    let form = text::Form::of_new("keywords/新.txt");
    assert_eq!(text::written("词\n", form), "\u{feff}词\r\n".as_bytes());
    assert_eq!(text::written("a = 1\n", text::Form::of_new("contacts.toml")), b"a = 1\r\n");
}

#[test]
fn a_file_is_named_by_an_id_of_the_list_and_by_nothing_else() {
    let stage = Stage::new();
    let office = stage.load().unwrap();
    let files = edit::files(&office);
    let kinds = |kind| files.iter().filter(|file| file.kind == kind).count();
    assert_eq!((kinds(FileKind::Keywords), kinds(FileKind::Contacts), kinds(FileKind::Plan)), (1, 1, 1));
    let ids: std::collections::BTreeSet<_> = files.iter().map(|file| &file.id).collect();
    assert_eq!(ids.len(), files.len());
    let list = edit::find(&office, &edit::id_of(LIST)).unwrap();
    assert_eq!((list.name.as_str(), list.path), (LIST, stage.file(LIST)));
    for id in ["", "..", "../../etc/passwd", "/etc/passwd", LIST, &edit::id_of("/etc/passwd"), "0", "%2e%2e"]
    {
        assert_eq!(edit::find(&office, id), None, "{id}");
    }
    let (shipped, _) = yuqing::config::load(&yuqing::config::Folder::Shipped).unwrap();
    assert_eq!(edit::files(&shipped), [], "what ships inside the program is not edited");
}

#[test]
fn a_content_is_checked_as_the_daemon_would_read_it_and_nothing_is_written() {
    let stage = Stage::new();
    let office = stage.load().unwrap();
    let before = fs::read(stage.file(LIST)).unwrap();
    let faults = |name: &str, content: &str| {
        let checked = edit::check(&office, name, content.as_bytes());
        checked.faults.iter().map(|fault| (fault.line, fault.message.clone())).collect::<Vec<_>>()
    };
    assert_eq!(faults(LIST, "青川县人民医院\n"), []);
    let wrong = faults(LIST, "医院\n\n[坏]\n通知: 没有的人\n/(没有关上/\n");
    assert_eq!(wrong.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 5], "{wrong:?}");
    let unknown = faults(LIST, "医院\n通知: 没有的人\n至少: 天大\n");
    assert_eq!(unknown.len(), 2, "names are held against plan and contacts: {unknown:?}");
    assert_eq!(fs::read(stage.file(LIST)).unwrap(), before);
    // A file that others refer to brings its fault into them.
    let contacts = fs::read_to_string(stage.file("contacts.toml")).unwrap();
    assert_eq!(faults("contacts.toml", &contacts), []);
    assert!(!faults("contacts.toml", "").is_empty(), "the plan's names are gone");
    // What is wrong elsewhere already holds nobody up.
    stage.write("plans/work-safety.toml", "这不是 TOML");
    assert_eq!(faults(LIST, "青川县人民医院\n"), []);
    assert_eq!(faults(LIST, "/(/\n").len(), 1);
}

#[test]
fn a_content_takes_its_place_whole_and_keeps_the_rights() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("名单.txt");
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
    assert!(Beside::write(&file, b"new").unwrap().put(Some(b"old")).unwrap().is_none());
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o664);
    // Somebody saved meanwhile: nothing is touched.
    let refused = Beside::write(&file, b"mine").unwrap().put(Some(b"old"));
    assert!(matches!(refused, Err(PutError::Changed)), "{refused:?}");
    assert_eq!(fs::read(&file).unwrap(), b"new");
    // A link stays a link.
    let link = folder.path().join("link.txt");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    Beside::write(&link, b"by link").unwrap().put(Some(b"new")).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"by link");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    // A new file, and one that came meanwhile.
    let new = folder.path().join("new.txt");
    Beside::write(&new, b"1").unwrap().put(None).unwrap();
    assert!(matches!(Beside::write(&new, b"2").unwrap().put(None), Err(PutError::Changed)));
    drop(Beside::write(&new, b"3").unwrap());
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["link.txt", "new.txt", "名单.txt"], "nothing is left behind");
}

#[test]
fn what_two_people_changed_in_different_places_goes_together() {
    let base = "一\n二\n三\n四\n五\n六\n";
    assert_eq!(
        merge(base, "一\n二\n三\n四\n五\n六\n七\n", "零\n一\n二\n三\n四\n五\n六\n").unwrap(),
        "零\n一\n二\n三\n四\n五\n六\n七\n"
    );
    assert_eq!(
        merge(base, "一\n二\n三\n四\n五\n", "一\n二改\n三\n四\n五\n六\n").unwrap(),
        "一\n二改\n三\n四\n五\n"
    );
    assert_eq!(
        merge(base, "一\n二甲\n三\n四\n五\n六\n", "一\n二乙\n三\n四\n五\n六\n"),
        None,
        "the same line"
    );
    assert_eq!(merge(base, "同\n", "同\n").unwrap(), "同\n");
    let many = |seed: usize| (0..30_000).map(|n| format!("{}\n", n * seed)).collect::<String>();
    assert_eq!(merge(&many(1), &many(3), &many(7)), None, "too much to say");
}

#[test]
fn a_difference_names_lines_on_both_sides() {
    let found = difference("一\n二\n三\n", "一\n三\n四\n");
    assert_eq!((found.added, found.removed, found.places.len(), found.more), (1, 1, 1, false));
    let lines: Vec<_> =
        found.places[0].iter().map(|line| (line.side, line.old, line.new, line.text.as_str())).collect();
    assert_eq!(
        lines,
        [
            (Side::Both, Some(1), Some(1), "一"),
            (Side::Old, Some(2), None, "二"),
            (Side::Both, Some(3), Some(2), "三"),
            (Side::New, None, Some(3), "四"),
        ]
    );
    let long = |word: &str| (0..5_000).map(|n| format!("{word}{n}\n")).collect::<String>();
    let found = difference(&long("甲"), &long("乙"));
    assert!(found.more);
    assert_eq!((found.added, found.removed), (5_000, 5_000));
}

/// A change of one person: some lines go, and some of their own come in.
#[derive(Debug, Clone)]
struct Changed {
    drop: Vec<usize>,
    add: Vec<usize>,
}

impl Changed {
    fn of(&self, base: &[String], who: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for (at, line) in base.iter().enumerate() {
            lines.extend(self.add.iter().filter(|place| **place == at).map(|place| format!("{who}{place}")));
            if !self.drop.contains(&at) {
                lines.push(line.clone());
            }
        }
        lines
    }
}

fn changed() -> impl Strategy<Value = Changed> {
    let some = || proptest::collection::vec(0_usize..30, 0..4);
    (some(), some()).prop_map(|(drop, add)| Changed { drop, add })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Nothing that a person wrote is lost, nothing that a person took out comes back, and nobody else's line goes.
    #[test]
    fn a_merge_keeps_what_everybody_did(n in 0_usize..30, one in changed(), other in changed(), same in any::<bool>()) {
        // Lines that are alike are where a merge can go wrong.
        let base: Vec<String> = (0..n).map(|at| if same { format!("行{}", at % 3) } else { format!("行{at}") }).collect();
        let (theirs, ours) = (one.of(&base, "甲"), other.of(&base, "乙"));
        let text = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let Some(merged) = merge(&text(&base), &text(&theirs), &text(&ours)) else { return Ok(()) };
        let count = |lines: &[String], line: &str| lines.iter().filter(|one| *one == line).count();
        let merged: Vec<String> = merged.lines().map(str::to_owned).collect();
        for line in theirs.iter().chain(&ours).chain(&base) {
            let [was, theirs, ours, now] = [&base, &theirs, &ours, &merged].map(|lines| count(lines, line));
            if theirs == was {
                prop_assert_eq!(now, ours, "only we touched {}", line);
            } else if ours == was {
                prop_assert_eq!(now, theirs, "only they touched {}", line);
            }
        }
    }
}
