//! The case folder: what is in it, the same bytes from the same rows, what is left out and said, and the command line on a
//! real database.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Read as _},
    sync::Arc,
};

use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use yuqing::{
    desk::Change,
    locale::{Locale, When},
    model::{
        Counters, Evidence, FileBody, FileNote, Forgotten, Fragment, IncidentId, IncidentState, PostRow,
        Shown, SiteKind, text_hash,
    },
    report::{
        folder::{
            AuditLine, CaseFolder, FolderRows, MANIFEST, Manifest, WhyLeft,
            check::check,
            compare::{Differs, compare},
            folder,
        },
        paper::texts::Texts,
    },
    store::{MemoryDisk, MemoryStore, SharedStore, SqliteStore, Store},
};

use super::folder_hostile::repacked;
use crate::{
    console::rows::{Outside, ago, day, incident, now, post},
    support::command::yuqing,
};

fn when(locale: Locale) -> When {
    When { now: now(), locale, zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

fn proof(row: &PostRow) -> Change {
    let shown = Shown {
        url: row.post.url.clone(),
        at: ago(3_600),
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        sha256: hex::encode(Sha256::digest(b"<html>")),
        bytes: 6,
    };
    Change::Evidence(Box::new(Evidence {
        post: row.post.key.clone(),
        shown,
        text_sha256: text_hash(&row.post),
        fragment: Some(Fragment { post: row.post.clone(), counters: Counters::default() }),
    }))
}

/// The day of `console::rows`, with evidence of each post and a file at the case.
pub async fn fill(store: &dyn Store, outside: &Outside, closed: bool) {
    let mut changes = day(outside);
    for (id, kind) in [("t1", SiteKind::Forum), ("w1", SiteKind::Microblog), ("d1", SiteKind::Video)] {
        changes.push(proof(&post(1, id, kind, outside)));
    }
    let body = FileBody::of("已受理".as_bytes().to_vec());
    let mut row = incident(1, 3, outside);
    let sha256 = body.sha256.clone();
    row.course.files.push(FileNote {
        name: "../回执 1.png".into(),
        size: 9,
        sha256,
        by: "王值班".into(),
        at: ago(9),
    });
    if closed {
        (row.state, row.closed_at) = (IncidentState::Closed, Some(ago(5)));
    }
    changes.extend([Change::File(body), Change::Incident(Box::new(row))]);
    store.commit(changes).await.unwrap();
}

fn empty() -> SharedStore {
    Arc::new(MemoryStore::open(&MemoryDisk::default()).unwrap())
}

pub async fn made(store: &dyn Store, locale: Locale) -> CaseFolder {
    let view = store.incident(IncidentId(1)).await.unwrap().unwrap();
    let rows = FolderRows::read(store, view, &when(locale)).await.unwrap();
    folder(&rows, &Texts::shipped(), "李主任", &when(locale)).unwrap()
}

/// The entries in the order in which they stand.
pub fn entries(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).expect("a zip");
    let length = zip.len();
    let entry = |at| {
        let mut entry = zip.by_index(at).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.name().unwrap().into_owned(), bytes)
    };
    (0..length).map(entry).collect()
}

fn text(entries: &BTreeMap<String, Vec<u8>>, path: &str) -> String {
    String::from_utf8(entries.get(path).unwrap_or_else(|| panic!("no {path}")).clone()).expect("UTF-8")
}

#[tokio::test]
async fn it_holds_what_the_store_has() {
    let store = empty();
    fill(store.as_ref(), &Outside::default(), false).await;
    let made = made(store.as_ref(), Locale::ZhCn).await;
    assert_eq!(made.name, "案卷 2026-0001.zip");
    let listed = entries(&made.bytes);
    let names: Vec<&str> = listed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "README.txt",
            "audit.jsonl",
            "deliveries.csv",
            "evidence/00001-青禾论坛-t1.json",
            "evidence/00002-weibo-w1.json",
            "evidence/00003-douyin-d1.json",
            "files/001-_回执_1.png",
            "incident.json",
            "observations.csv",
            "papers/舆情专报 2026-0001.docx",
            "papers/舆情处置意见表 2026-0001.docx",
            "papers/舆情处置登记表 2026-0001.docx",
            "papers/舆情续报 2026-0001.docx",
            "posts.jsonl",
            "timeline.csv",
            MANIFEST,
        ]
    );
    let all: BTreeMap<_, _> = listed.into_iter().collect();
    let view = store.incident(IncidentId(1)).await.unwrap().unwrap();
    let posts: Vec<PostRow> =
        text(&all, "posts.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(posts, view.posts);
    for row in &view.posts {
        let kept = store.evidence(&row.post.key).await.unwrap();
        let found = all.iter().filter(|(path, _)| path.starts_with("evidence/"));
        let found: Vec<Evidence> = found.map(|(_, json)| serde_json::from_slice(json).unwrap()).collect();
        assert!(kept.len() == 1 && found.contains(&kept[0]), "{}", row.post.key);
    }
    assert_eq!(all["files/001-_回执_1.png"], "已受理".as_bytes());
    let whole: serde_json::Value = serde_json::from_slice(&all["incident.json"]).unwrap();
    assert_eq!(whole["incident"]["id"], 1);
    assert_eq!(whole["deadlines"].as_array().unwrap().len(), view.deadlines.len());
    let observations = text(&all, "observations.csv");
    assert_eq!(observations.lines().count(), 1 + view.observations.len());
    assert!(observations.contains("douyin,d1,2026-11-21 14:04:00 +08:00,22310,准确,,"), "{observations}");
    let deliveries = text(&all, "deliveries.csv");
    assert!(deliveries.contains("zh…@qinghe.example") && deliveries.contains("138…0001"), "{deliveries}");
    assert!(
        deliveries.contains("550 mailbox unavailable") && !deliveries.contains("zhiban@"),
        "{deliveries}"
    );
    assert_eq!(text(&all, "timeline.csv").lines().count(), 1 + view.entries.len());
    assert_eq!(text(&all, "audit.jsonl").lines().count(), view.entries.len());
    let readme = text(&all, "README.txt");
    for want in ["舆情案卷 2026-0001", "导出人: 李主任", "sha256sum", "yuqing evidence verify"] {
        assert!(readme.contains(want), "{want}: {readme}");
    }
    let manifest: Manifest = serde_json::from_slice(&all[MANIFEST]).unwrap();
    assert_eq!(manifest, made.manifest);
    assert_eq!((manifest.made_by.as_str(), manifest.made_at, manifest.incident), ("李主任", now(), 1));
    assert_eq!(made.seal, hex::encode(Sha256::digest(&all[MANIFEST])));
    let checked = check(Cursor::new(&made.bytes)).unwrap();
    assert!(checked.is_whole(), "{:?}", checked.faults);
    assert_eq!((checked.entries, checked.seal.as_str()), (16, made.seal.as_str()));
}

#[tokio::test]
async fn the_same_rows_are_the_same_bytes_and_a_closed_case_has_its_last_papers() {
    let store = empty();
    fill(store.as_ref(), &Outside::default(), true).await;
    let one = made(store.as_ref(), Locale::ZhCn).await;
    assert_eq!(one.bytes, made(store.as_ref(), Locale::ZhCn).await.bytes);
    let papers = |made: &CaseFolder| -> BTreeSet<String> {
        let names = made.manifest.entries.iter().map(|entry| entry.path.clone());
        names.filter(|path| path.starts_with("papers/")).collect()
    };
    let own = papers(&one);
    assert!(own.len() == 6 && own.contains("papers/舆情总结评估 2026-0001.docx"), "{own:?}");
    let english = made(store.as_ref(), Locale::En).await;
    assert_eq!(english.name, "Case folder 2026-0001.zip");
    assert!(papers(&english).contains("papers/Final report 2026-0001.docx"), "{:?}", papers(&english));
    let all: BTreeMap<_, _> = entries(&english.bytes).into_iter().collect();
    assert!(text(&all, "README.txt").contains("How to verify"));
    assert!(text(&all, "deliveries.csv").contains("Contact,"));
}

#[tokio::test]
async fn no_cell_of_a_table_is_a_formula() {
    let store = empty();
    fill(store.as_ref(), &Outside::all("=HYPERLINK(\"http://evil.example\"),\n\"x\""), false).await;
    let made = made(store.as_ref(), Locale::ZhCn).await;
    assert!(check(Cursor::new(&made.bytes)).unwrap().is_whole());
    for (path, bytes) in entries(&made.bytes).iter().filter(|(path, _)| path.ends_with(".csv")) {
        let mut cells = 0;
        for record in csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice()).records() {
            for cell in &record.expect("a record") {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{path}: {cell}");
                cells += usize::from(cell.contains("HYPERLINK"));
            }
        }
        assert!(cells > 0, "{path} has what was said, as words");
    }
}

#[tokio::test]
async fn a_forgotten_post_stays_forgotten() {
    let store = empty();
    fill(store.as_ref(), &Outside::default(), true).await;
    let own =
        Outside {
            title: "热水连停三天".into(), text: "家属只好自己去买热水".into(), ..Outside::default()
        };
    let row = post(1, "t9", SiteKind::Forum, &own);
    let hash = text_hash(&row.post);
    store.commit(vec![proof(&row), Change::Post(Box::new(row.clone()))]).await.unwrap();
    let holds = |made: &CaseFolder, words: &str| -> Vec<String> {
        let mut all = entries(&made.bytes);
        let inner: Vec<_> = all.iter().filter(|(path, _)| path.ends_with(".docx")).cloned().collect();
        for (path, document) in inner {
            all.extend(entries(&document).into_iter().map(|(part, bytes)| (format!("{path}/{part}"), bytes)));
        }
        let found = all.into_iter().filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(words));
        found.map(|(path, _)| path).collect()
    };
    assert!(!holds(&made(store.as_ref(), Locale::ZhCn).await, "热水").is_empty());
    let forgotten = Forgotten { post: row.post.key.clone(), instead: "［已按规定删除］".into() };
    store.commit(vec![Change::Forget(forgotten)]).await.unwrap();
    let made = made(store.as_ref(), Locale::ZhCn).await;
    assert_eq!(holds(&made, "热水"), Vec::<String>::new());
    assert_eq!(holds(&made, &hash).len(), 1, "the hash stays");
    assert!(check(Cursor::new(&made.bytes)).unwrap().is_whole());
}

#[tokio::test]
async fn what_is_left_out_is_said() {
    let store = empty();
    fill(store.as_ref(), &Outside::default(), false).await;
    let mut row = incident(1, 3, &Outside::default());
    for (name, size) in [("录像.mp4", 200 << 20), ("不在了.pdf", 5)] {
        let sha256 = hex::encode(Sha256::digest(name.as_bytes()));
        row.course
            .files
            .push(FileNote { name: name.into(), size, sha256, by: "王值班".into(), at: ago(9) });
    }
    store.commit(vec![Change::Incident(Box::new(row))]).await.unwrap();
    let made = made(store.as_ref(), Locale::ZhCn).await;
    let left: Vec<_> = made.manifest.left_out.iter().map(|one| (one.path.as_str(), one.why)).collect();
    assert_eq!(left, [("files/001-录像.mp4", WhyLeft::TooLarge), ("files/002-不在了.pdf", WhyLeft::NotKept)]);
    let all: BTreeMap<_, _> = entries(&made.bytes).into_iter().collect();
    assert!(text(&all, "README.txt").contains("- files/001-录像.mp4: 超出案卷的容量 SHA-256 "));
    assert!(check(Cursor::new(&made.bytes)).unwrap().is_whole(), "nothing that is in it was changed");
}

#[tokio::test]
async fn the_audit_rows_are_those_of_the_chain_or_it_is_said_which_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("a.db")).unwrap();
    fill(&store, &Outside::default(), false).await;
    let made = made(&store, Locale::ZhCn).await;
    assert_eq!(made.manifest.audit_head.as_ref().unwrap().hash, store.verify_audit().await.unwrap().head);
    let checked = check(Cursor::new(&made.bytes)).unwrap();
    assert!(checked.audit.len() >= 2, "{:?}", checked.audit);
    let compared = compare(&store, &checked).await.unwrap();
    assert!(compared.is_same(), "{compared:?}");
    assert_eq!(compared.rows, u64::try_from(checked.audit.len()).unwrap() + 1, "and the head");
    // Somebody who changes a row, the manifest with it, and copies the hash.
    let changed = repacked(&made.bytes, true, |entries| {
        let audit = entries.get_mut("audit.jsonl").unwrap();
        *audit = String::from_utf8(audit.clone()).unwrap().replace("立案", "撤案").into_bytes();
    });
    let checked = check(Cursor::new(&changed)).unwrap();
    assert!(checked.is_whole(), "by itself nothing shows it: {:?}", checked.faults);
    let compared = compare(&store, &checked).await.unwrap();
    assert_eq!(compared.wrong.iter().map(|(_, differs)| *differs).collect::<Vec<_>>(), [Differs::Content]);
    assert!(!compared.is_foreign());
    // Another office's.
    let other = SqliteStore::open(&folder.path().join("b.db")).unwrap();
    fill(&other, &Outside { text: "别的".into(), ..Outside::default() }, false).await;
    let foreign = AuditLine { hash: "00".into(), ..checked.audit[0].clone() };
    let mut checked = checked;
    checked.audit = vec![foreign];
    let compared = compare(&other, &checked).await.unwrap();
    assert!(compared.is_foreign() && compared.wrong[0].1 == Differs::Hash, "{compared:?}");
}

#[tokio::test]
async fn the_commands_write_a_folder_and_prove_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let database = path("yuqing.db");
    fill(&SqliteStore::open(database.as_ref()).unwrap(), &Outside::default(), false).await;
    let run = |arguments: &[&str]| {
        let output = yuqing(arguments, b"");
        let say = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), say(&output.stdout), say(&output.stderr))
    };
    let zip = path("案卷.zip");
    let export = ["evidence", "export", "1", "-o", &zip, "--by", "李主任", "--database", &database];
    let (code, said, error) = run(&export);
    assert!(code == 0 && said.contains("manifest.json 的 SHA-256: "), "{said}{error}");
    let seal = said.split("SHA-256: ").nth(1).unwrap().trim().to_owned();
    let (code, said, _) = run(&["evidence", "verify", &zip]);
    assert!(code == 0 && said.contains("案卷完好") && said.contains(&seal), "{said}");
    let (code, said, _) = run(&["--json", "evidence", "verify", &zip, "--database", &database]);
    let object: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &object["whole"], &object["manifest_sha256"]), (0, &true.into(), &seal.into()));
    assert_eq!((&object["store"]["rows"], &object["made_by"]), (&object["store"]["same"], &"李主任".into()));
    // Another office's database, when one asks for it.
    let other = path("other.db");
    drop(SqliteStore::open(other.as_ref()).unwrap());
    let (code, said, _) = run(&["evidence", "verify", &zip, "--database", &other]);
    assert!(code == 1 && said.contains("不是由它导出的"), "{said}");
    // Changed, no folder, nothing there.
    let whole = std::fs::read(&zip).unwrap();
    let changed = repacked(&whole, false, |entries| {
        entries.insert("timeline.csv".into(), b"x".to_vec());
    });
    std::fs::write(path("改.zip"), changed).unwrap();
    let (code, said, _) = run(&["evidence", "verify", &path("改.zip")]);
    assert!(code == 1 && said.contains("✗ timeline.csv: 长度与清单不符，内容被改动"), "{said}");
    std::fs::write(path("甲.txt"), "你好").unwrap();
    let (code, _, error) = run(&["evidence", "verify", &path("甲.txt")]);
    assert!(code == 2 && error.contains("不是 zip 文件"), "{error}");
    let (code, said, _) = run(&["--json", "evidence", "verify", &path("甲.txt")]);
    assert!(code == 2 && said.contains("\"folder\":false") && said.contains("not_zip"), "{said}");
    assert_eq!(run(&["evidence", "verify", &path("没有.zip")]).0, 2);
    assert_eq!(run(&["evidence", "export", "9", "-o", &zip, "--database", &database]).0, 1);
    assert_eq!(run(&["evidence", "export", "1", "-o", &zip, "--database", &path("没有.db")]).0, 2);
    // The evidence of one post is printed as ever.
    let (code, said, error) = run(&["evidence", "weibo/w1", "--database", &database]);
    assert!(code == 0 && said.contains("整个应答的 SHA-256"), "{said}{error}");
    assert_eq!(run(&["evidence", "--database", &database]).0, 2, "a post has to be named");
}
