//! Between units and roles: whatever the role, what belongs to another unit is not there, by no route and no address, though
//! it is there for its own people. Real files, keyword lists and versions stand behind the addresses.

use yuqing::{
    console::access::{Need, Role, Units},
    desk::Change,
    model::{Act, FileNote},
    report::paper::file::HAS_PDF,
};

use super::{
    Stage, encoded, read,
    rows::{Outside, UNIT, ago, incident},
    sheet::Sheet,
};

const OTHER: &str = "别的单位";
const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A full day of one unit, with a file at its incident.
async fn day() -> Sheet {
    let sheet = Sheet::full(&Outside::default()).await;
    let mut row = incident(1, 3, &Outside::default());
    let note =
        FileNote {
            sha256: SHA256.into(), name: "回执.png".into(), size: 4, by: "王值班".into(), at: ago(9)
        };
    row.course.files.push(note);
    let body = yuqing::model::FileBody::of(b"test".to_vec());
    assert_eq!(body.sha256, SHA256);
    let changes = vec![Change::Incident(Box::new(row)), Change::File(body)];
    sheet.stage().store.commit(changes).await.expect("committed");
    sheet.stage().change(|settings| settings.units = vec![UNIT.into(), OTHER.into()]);
    sheet
}

/// A door's address with what stands behind it: the first incident, its file, the unit's keyword list.
fn real(sheet: &Sheet, door: &str) -> String {
    let id = if door.contains("/keywords/") { sheet.editing.id.as_str() } else { "1" };
    let path = door.replace("{id}", id).replace("{sha256}", SHA256).replace("{form}", "raw");
    let path = path.replace("{number}", "1").replace("{kind}", "email");
    if path.ends_with("/post") { format!("{path}?key=weibo%2Fw1") } else { path }
}

/// Whether a door is of one unit's things by its address. The demo's letters are of no unit.
fn is_of_a_unit(door: &str) -> bool {
    // The office's other files are of no unit, or of the units that they name: console::plan_files.
    door.contains("{id}") && !door.starts_with("/files/")
}

async fn asked(stage: &Stage, method: &str, path: &str, session: &str) -> (u16, String) {
    let url = format!("{}{path}", stage.base);
    if method == "GET" {
        return read(stage.client.get(url).header("cookie", session)).await;
    }
    let form = [
        ("contact", "值班员"),
        ("reason", "x"),
        ("text", "x"),
        ("tier", "major"),
        ("kind", "demand"),
        ("other", "2"),
        ("number", "2"),
        ("post", "weibo/w1"),
        ("act", "urge"),
        ("do", "check"),
    ];
    let form = encoded(&form);
    let request = stage.client.post(url).header("cookie", session);
    read(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
}

#[tokio::test]
async fn every_door_of_a_unit_is_shut_for_every_role_of_another() {
    let sheet = day().await;
    let stage = sheet.stage();
    let before = stage.acts().len();
    let doors: Vec<_> = stage.doors.iter().filter(|door| is_of_a_unit(door.path)).collect();
    assert!(doors.len() > 20, "{}", doors.len());
    for (role, own, stranger) in [
        (Role::Duty, "自己的值班员", "外面的值班员"),
        (Role::Office, "自己的办公室", "外面的办公室"),
        (Role::Leader, "自己的领导", "外面的领导"),
        (Role::Administrator, "自己的管理员", "外面的管理员"),
    ] {
        let session = stage.person(stranger, role, &[OTHER]).await;
        for door in &doors {
            let path = real(&sheet, door.path);
            let (status, page) = asked(stage, door.method.as_str(), &path, &session).await;
            let at = format!("{role:?} {} {path}: {status}", door.method);
            assert!([400, 403, 404, 415, 422].contains(&status), "{at}: {page}");
            assert!(!page.contains("排队三小时") && !page.contains("乱收费"), "{at}: {page}");
            if door.method == "GET" {
                assert_eq!(status, if role.may(door.need) { 404 } else { 403 }, "{at}");
            }
        }
        assert_eq!(stage.acts().len(), before_and_persons(stage, before), "nothing reached the desk");
        // The same addresses lead their own people somewhere.
        let session = stage.person(own, role, &[UNIT]).await;
        for door in doors.iter().filter(|door| door.method == "GET" && role.may(door.need)) {
            let path = real(&sheet, door.path);
            let request = stage.client.get(format!("{}{path}", stage.base)).header("cookie", &session);
            let status = request.send().await.expect("an answer").status().as_u16();
            let is_there = HAS_PDF || !path.contains(".pdf");
            assert_eq!(status, if is_there { 200 } else { 422 }, "{role:?} {path}");
        }
    }
    sheet.editing.stage.end().await;
}

/// Choosing passwords is in the audit, too, and so is taking the case folder of one's own unit.
fn before_and_persons(stage: &Stage, before: usize) -> usize {
    let made = |act: &&yuqing::model::Act| matches!(act, Act::Access { .. } | Act::ExportFolder { .. });
    before + stage.acts().iter().skip(before).filter(made).count()
}

#[tokio::test]
async fn lists_searches_and_exports_hold_nothing_of_another_unit() {
    let sheet = day().await;
    let stage = sheet.stage();
    let stranger = stage.person("外面的办公室", Role::Office, &[OTHER]).await;
    let everywhere = [
        "/",
        "/live",
        "/wall",
        "/wall/live",
        "/incidents",
        "/incidents?q=%E6%8E%92%E9%98%9F",
        "/incidents?unit=%E9%9D%92%E7%A6%BE%E5%8E%BF%E4%BA%BA%E6%B0%91%E5%8C%BB%E9%99%A2",
        "/incidents/export.csv",
        "/notices",
        "/keywords",
        "/api/v1/incidents",
    ];
    for path in everywhere {
        let (status, page) = stage.get_as(path, &stranger).await;
        assert_eq!(status, 200, "{path}");
        assert!(!page.contains("排队三小时") && !page.contains("乱收费"), "{path}: {page}");
        let (_, page) = stage.get_as(path, &sheet.session).await;
        assert!(page.contains("排队三小时") || page.contains("乱收费"), "{path} has something: {page}");
    }
    let before = stage.acts().len();
    let headers = [("cookie", stranger.as_str())];
    let several = [("id", "1"), ("act", "close"), ("reason", "x"), ("by", "x")];
    let (_, page) = form(stage, "/incidents/bulk", &several, &headers).await;
    assert!(!page.contains("排队三小时"), "{page}");
    for (path, fields) in [
        ("/emergency", vec![("unit", UNIT), ("on", "1"), ("reason", "x")]),
        ("/monthly", vec![("unit", UNIT), ("text", "x")]),
        ("/silences", vec![("unit", UNIT), ("tier", "一般"), ("hours", "2"), ("reason", "x")]),
        ("/silences/end", vec![("number", "1")]),
        ("/incidents", vec![("id", "e1"), ("unit", UNIT), ("gist", "x"), ("source", "电话")]),
        ("/phone-tasks/done", vec![("notice", "1/rise/3/zb/phone")]),
    ] {
        let (status, page) = form(stage, path, &fields, &headers).await;
        assert!([404, 422].contains(&status), "{path}: {status} {page}");
    }
    assert_eq!(stage.acts().len(), before, "nothing reached the desk");
    sheet.editing.stage.end().await;
}

async fn form(stage: &Stage, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = stage.client.post(format!("{}{path}", stage.base));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    read(request.header("content-type", "application/x-www-form-urlencoded").body(encoded(fields))).await
}

/// A program's token is held to its units as a person is.
#[tokio::test]
async fn a_token_of_another_unit_reads_and_does_nothing_here() {
    let sheet = day().await;
    let stage = sheet.stage();
    let secret = yuqing::console::access::Secret::new().expect("randomness");
    let scopes = [Need::Read, Need::Confirm, Need::Handle, Need::Office].into();
    let units = Units::of([OTHER.to_owned()]);
    let (name, by) = ("外面的程序".to_owned(), "李管理".to_owned());
    let new = yuqing::console::access::NewToken { name, scopes, units, until: None, by };
    let made = stage.access.change(|book| book.add_token(new, &secret, ago(0)));
    made.await.expect("written").expect("made");
    let bearer = format!("Bearer {}", secret.shown());
    let get = |path: &str| {
        read(stage.client.get(format!("{}{path}", stage.base)).header("authorization", bearer.clone()))
    };
    let (status, list) = get("/api/v1/incidents").await;
    assert!(status == 200 && !list.contains("排队三小时"), "{status}: {list}");
    for path in ["/incidents/1", "/incidents/1/print", &format!("/incidents/1/files/{SHA256}")] {
        assert_eq!(get(path).await.0, 404, "{path}");
    }
    let before = stage.acts().len();
    for act in [
        r#"{"act":"acknowledge","incident":1,"contact":"值班员","how":"console"}"#,
        r#"{"act":"close","incident":1,"by":"x","reason":"x"}"#,
        r#"{"act":"merge","incident":1,"other":2,"by":"x","reason":"x"}"#,
        r#"{"act":"split","post":{"site":"weibo","id":"w1"},"by":"x","reason":"x"}"#,
    ] {
        let request =
            stage.client.post(format!("{}/api/v1/acts", stage.base)).header("authorization", &bearer);
        let (status, answer) = read(request.header("content-type", "application/json").body(act)).await;
        assert!([404, 422].contains(&status), "{act}: {status} {answer}");
    }
    assert_eq!(stage.acts().len(), before, "nothing reached the desk");
    sheet.editing.stage.end().await;
}

/// What is typed into a form or an address becomes no header and leads to no file.
#[tokio::test]
async fn nothing_typed_becomes_a_header_or_a_path() {
    let sheet = day().await;
    let stage = sheet.stage();
    let smuggled = "x\r\nSet-Cookie: planted=1\r\n\r\n<script>alert(1)</script>";
    let headers = |answer: &reqwest::Response| format!("{:?}", answer.headers());
    for (path, field) in [
        ("/login", "next"),
        ("/seat", "contact"),
        ("/incidents/saved", "query"),
        ("/incidents/saved", "name"),
        ("/incidents/1/acknowledge", "back"),
        ("/incidents/saved/delete", "query"),
    ] {
        let fields = [
            ("name", "李管理"),
            ("password", "河边有 3 棵老柳树"),
            ("contact", "值班员"),
            ("by", "x"),
            (field, smuggled),
        ];
        let mut body = encoded(&fields[..4].iter().filter(|one| one.0 != field).copied().collect::<Vec<_>>());
        body = format!("{body}&{}", encoded(&fields[4..]));
        let request = stage.client.post(format!("{}{path}", stage.base)).header("cookie", &sheet.session);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().as_u16() < 500, "{path}: {}", answer.status());
        assert!(!headers(&answer).contains("planted=1"), "{path} {field}: {}", headers(&answer));
    }
    let typed = encoded(&[("next", smuggled)]);
    let answer = stage.client.get(format!("{}/login?{typed}", stage.base)).send().await.expect("an answer");
    assert!(!headers(&answer).contains("planted=1"));
    for path in [
        "/assets/..%2fmod.rs",
        "/assets/%2e%2e%2fmod.rs",
        "/assets/....//mod.rs",
        "/assets/%2fetc%2fpasswd",
        "/assets/console.css%00.js",
        "/incidents/1/files/..%2f..%2f..%2fetc%2fpasswd",
        "/incidents/..%2f..%2fetc/print",
        "/mailbox/..%2f..%2f/1",
        "/keywords/file/..%2f..%2fyuqing.toml",
        "/welcome/..%2f..%2fetc%2fpasswd",
        "/confirm/..%2f..%2fetc%2fpasswd",
    ] {
        let (status, page) = stage.get_as(path, &sheet.session).await;
        assert!([400, 404].contains(&status), "{path}: {status}");
        assert!(!page.contains("root:") && !page.contains("[console]"), "{path}: {page}");
    }
    sheet.editing.stage.end().await;
}

/// Whoever is logged in may be looking at another site, too: no door takes a form that was sent from there.
#[tokio::test]
async fn no_door_takes_a_form_of_another_site() {
    let sheet = day().await;
    let stage = sheet.stage();
    let before = stage.acts().len();
    let doors = stage.doors.iter().filter(|door| door.method == "POST").map(|door| real(&sheet, door.path));
    let front = ["/login", "/logout", "/welcome/none", "/confirm/none"].map(str::to_owned);
    let paths: Vec<String> = doors.chain(front).collect();
    assert!(paths.len() > 25, "{paths:?}");
    for path in &paths {
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "http://evil.example"),
            ("origin", "null"),
        ] {
            let headers = [("cookie", sheet.session.as_str()), (name, value)];
            let (status, _) = form(stage, path, &[("reason", "x"), ("by", "x")], &headers).await;
            assert_eq!(status, 403, "{path} with {name}: {value}");
        }
    }
    assert_eq!(stage.acts().len(), before, "nothing reached the desk");
    assert_eq!(stage.get_as("/", &sheet.session).await.0, 200, "and nobody was logged out");
    sheet.editing.stage.end().await;
}
