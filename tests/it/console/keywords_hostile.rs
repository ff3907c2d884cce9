//! The editor against hostile hands: other files, huge and strange bodies, what programs would take for formulas.

use std::fs;

use yuqing::{config::edit::id_of, model::Act};

use super::{
    CONSOLE_TOKEN, WithLogin as _,
    keywords_edit::{Editing, Page, UNIT},
    read,
};

#[tokio::test]
async fn no_address_leads_to_another_file() {
    let editing = Editing::new().await;
    let secret = editing.folder.path().join("secret.txt");
    fs::write(&secret, "geheim").unwrap();
    let ids = [
        "..%2f..%2fsecret.txt",
        "..%2fsecret.txt",
        "%2e%2e%2fsecret.txt",
        "%2fetc%2fpasswd",
        "..%5csecret.txt",
        "keywords%2f%e5%90%8d%e5%8d%95.txt",
        "0000000000000000",
        "%00",
        &id_of("secret.txt"),
        &id_of("../secret.txt"),
        &id_of(secret.to_str().unwrap()),
        // Files of the office that have other pages.
        &id_of("yuqing.toml"),
        &id_of("contacts.toml"),
        &id_of("plans/work-safety.toml"),
    ];
    for id in ids {
        for below in ["", "/history", "/history/1", "/export/raw", "/export/csv"] {
            let path = format!("/keywords/file/{id}{below}");
            let (status, page) = editing.stage.get(&path).await;
            assert!(matches!(status, 400 | 404), "{path}: {status}");
            assert!(!page.contains("geheim") && !page.contains("root:"), "{path}: {page}");
        }
        let form = [("do", "save"), ("text", "词\n"), ("base", ""), ("by", "甲"), ("number", "1")];
        for below in ["", "/undo", "/import/save", "/check"] {
            let (status, _) = editing.stage.post(&format!("/keywords/file/{id}{below}"), &form).await;
            assert!(matches!(status, 400 | 404), "{id}{below}: {status}");
        }
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "geheim");
    assert_eq!(editing.stage.acts(), []);
    // Nobody writes an edit into the audit that was none.
    let act = Act::EditFile {
        file: "keywords/名单.txt".into(),
        from: String::new(),
        to: "00".into(),
        by: "甲".into(),
        note: String::new(),
    };
    let request = editing.stage.client.post(format!("{}/api/v1/acts", editing.stage.base));
    let request =
        request.header("content-type", "application/json").body(serde_json::to_string(&act).unwrap());
    assert_eq!(read(request).await.0, 422);
    assert_eq!(editing.stage.acts(), []);
    editing.stage.end().await;
}

#[tokio::test]
async fn only_our_own_pages_and_people_who_came_in_save() {
    let editing = Editing::new().await;
    let base = editing.open().await.base;
    let form = [("do", "save"), ("text", "词\n"), ("base", base.as_str()), ("by", "甲")];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    for below in ["", "/check", "/undo", "/import", "/import/save"] {
        let request = editing.stage.client.post(format!("{}{}", editing.stage.base, editing.address(below)));
        let request = request
            .header("sec-fetch-site", "cross-site")
            .header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(read(request.body(body.clone())).await.0, 403, "{below}");
    }
    editing.stage.change(|settings| settings.with_login(secrecy::SecretString::from(CONSOLE_TOKEN)));
    assert_eq!(editing.stage.post(&editing.address(""), &form).await.0, 401);
    assert_eq!(editing.stage.get(&editing.address("")).await.0, 303, "to the login");
    assert_eq!(editing.stage.acts(), []);
    editing.stage.end().await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_nothing_is_written() {
    let editing = Editing::new().await;
    let (base, before) = (editing.open().await.base, editing.disk());
    for characters in [400_000, 2_000_000] {
        let text = "医".repeat(characters);
        let (status, page) = editing.save(&base, &text).await;
        assert!(matches!(status, 413 | 422) && page.whole.len() < 20_000, "{status} {}", page.whole.len());
    }
    let request = editing.stage.client.post(format!("{}{}", editing.stage.base, editing.address("/check")));
    assert_eq!(read(request.body("医".repeat(400_000))).await.0, 413);
    let (status, page) = editing.import("大.txt", "replace", "医院\n".repeat(700_000).as_bytes()).await;
    assert!(matches!(status, 413 | 422) && page.contains("太大"), "{status}");
    let (status, page) = editing.import("大.txt", "replace", "医院\n".repeat(200_000).as_bytes()).await;
    assert!(status == 422 && page.contains("太大"), "{status}");
    assert_eq!((editing.disk(), editing.stage.acts().len()), (before, 0));
    editing.stage.end().await;
}

#[tokio::test]
async fn strange_bytes_are_text_or_told() {
    let editing = Editing::new().await;
    let page = editing.open().await;
    let (status, refused) = editing.save(&page.base, "医院\u{0}\n收费\u{fffd}\n").await;
    assert_eq!(status, 422);
    assert!(refused.says("data-line=\"1\"") && refused.says("data-line=\"2\""), "{}", refused.whole);
    // Not a byte of markup gets through, in names and notes either.
    let evil = "</textarea><script>alert(1)</script>\n";
    let more = [("by", "<b>甲\u{202e}</b>"), ("note", "\"><img src=x>\r\n换行")];
    let (status, _) = editing.send("save", &page.base, evil, &more).await;
    assert_eq!(status, 303);
    let page = editing.open().await;
    assert_eq!(page.text, evil);
    assert!(!page.says("<script>alert"), "{}", page.whole);
    let (_, history) = editing.stage.get(&editing.address("/history")).await;
    assert!(
        !history.contains("<img src=x") && !history.contains('\u{202e}') && history.contains("&lt;b&gt;甲"),
        "{history}"
    );
    // A form that is no UTF-8, and one that is no form.
    let address = format!("{}{}", editing.stage.base, editing.address(""));
    for body in [&b"do=save&text=%ff%fe&by=%ff"[..], &b"\xff\xfe\x00"[..], &b"text[]=1"[..]] {
        let request =
            editing.stage.client.post(&address).header("content-type", "application/x-www-form-urlencoded");
        let status = read(request.body(body.to_vec())).await.0;
        assert!(matches!(status, 200 | 400 | 409 | 422), "{status}");
    }
    for (name, body) in [
        ("图.txt", &b"\x89PNG\r\n\x1a\n\0\0"[..]),
        ("旧.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        ("空.txt", b""),
        ("坏.xlsx", b"PK\x03\x04 no parcel"),
        ("../../etc/cron.d/x", b"\n"),
    ] {
        let (status, page) = editing.import(name, "replace", body).await;
        assert_eq!(status, 422, "{name}: {page}");
        assert!(!page.contains("../../etc"), "{page}");
    }
    assert_eq!(editing.stage.acts().len(), 1);
    editing.stage.end().await;
}

#[tokio::test]
async fn a_file_of_an_old_notepad_stays_what_it_is() {
    let text = "[收费]\r\n乱收费\r\n";
    let gbk = encoding_rs::GB18030.encode(text).0.into_owned();
    let editing = Editing::with("keywords/旧.txt", &gbk).await;
    let page = editing.open().await;
    assert!(page.says("GB18030") && page.text == "[收费]\n乱收费\n", "{}", page.whole);
    assert_eq!(editing.save(&page.base, "[收费]\n乱收费\n挂号难\n").await.0, 303);
    let now = fs::read(editing.path()).unwrap();
    assert_eq!(now, encoding_rs::GB18030.encode("[收费]\r\n乱收费\r\n挂号难\r\n").0.into_owned());
    // One line of it is damaged: it is shown, and whoever saves must say what it is.
    fs::write(editing.path(), [&now[..], b"\xff\xff\r\n"].concat()).unwrap();
    let page = editing.open().await;
    assert!(page.says("data-line=\"4\""), "{}", page.whole);
    let (status, refused) = editing.save(&page.base, &page.text).await;
    assert!(matches!(status, 422 | 303), "{status} {}", refused.whole);
    assert!(fs::read(editing.path()).unwrap().ends_with(b"\xff\xff\r\n"), "nothing is replaced unasked");
    editing.stage.end().await;
}

#[tokio::test]
async fn an_export_holds_no_formula() {
    let editing =
        Editing::with("keywords/公式.csv", "关键词,备注\n=cmd|' /C calc'!A0,-1\n@SUM(1+1),+2\n".as_bytes())
            .await;
    let csv = String::from_utf8(editing.bytes("/export/csv").await).unwrap();
    for line in csv.lines() {
        let cells = line.split(',').map(|cell| cell.trim_matches('"').trim_start_matches('\u{feff}'));
        cells.for_each(|cell| assert!(!cell.starts_with(['=', '+', '-', '@']), "{line}"));
    }
    let again = yuqing::keyword::parse(UNIT, "公式.csv", csv.as_bytes()).unwrap();
    let words: Vec<_> =
        again.groups.iter().flat_map(|group| &group.any).map(|rule| rule.written.as_str()).collect();
    assert!(words.contains(&"@SUM(1+1)"), "it reads back as it was: {words:?}");
    let page = editing.open().await;
    assert_eq!(Page::of(&page.whole).text, page.text);
    editing.stage.end().await;
}
