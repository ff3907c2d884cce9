//! Who comes in: first set-up, login, sessions, lock-out, second factor, roles, units, tokens, the reverse proxy, host
//! names, other sites' forms.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use yuqing::{
    config::{FrontProxy, Login},
    console::access::{Need, NewToken, Role, Secret, Totp, Units, code_at},
    model::Act,
};

use super::{CONSOLE_TOKEN, FORM, Stage, WithLogin as _, encoded, read};

const PASSWORD: &str = "河边有 3 棵老柳树";

/// An answer without its page.
pub(super) struct Answer {
    pub status: u16,
    cookie: Option<String>,
    location: Option<String>,
    pub page: String,
}

impl Answer {
    /// The session that it set.
    fn session(&self) -> String {
        let cookie = self.cookie.as_deref().expect("a cookie");
        cookie.split(';').next().expect("a pair").to_owned()
    }
}

impl Stage {
    /// A busy day at a console with accounts.
    async fn with_accounts() -> Self {
        let stage = Self::busy().await;
        stage.change(|settings| settings.login = Login::Accounts);
        stage
    }

    /// Somebody with an account and the password of these tests.
    pub async fn person(&self, name: &str, role: Role, units: &[&str]) -> String {
        let now = self.now();
        let secret = Secret::new().expect("randomness");
        let units = Units::of(units.iter().map(|unit| (*unit).to_owned()));
        let has_any = !self.access.book().await.expect("the book").accounts.is_empty();
        let made = self.access.change(|book| {
            if has_any {
                book.add(name, role, units, None, now)?;
                book.invite(Some(name), &secret, now)
            } else {
                assert_eq!(role, Role::Administrator, "the first is an administrator");
                book.invite(None, &secret, now)
            }
        });
        made.await.expect("written").expect("made");
        let path = format!("/welcome/{}", secret.shown());
        let answer =
            self.submit(&path, &[("name", name), ("password", PASSWORD), ("again", PASSWORD)], &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.page);
        answer.session()
    }

    pub(super) async fn submit(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = self.client.post(format!("{}{path}", self.base)).header(FORM.0, FORM.1);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.body(encoded(form)).send().await.expect("an answer");
        let header =
            |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (cookie, location) = (header("set-cookie"), header("location"));
        let status = answer.status().as_u16();
        let mut answer = answer;
        let mut page = Vec::new();
        while let Some(chunk) = answer.chunk().await.expect("a chunk") {
            page.extend_from_slice(&chunk);
        }
        Answer { status, cookie, location, page: String::from_utf8(page).expect("UTF-8") }
    }

    async fn log_in(&self, name: &str, password: &str, code: &str) -> Answer {
        let form = [("name", name), ("password", password), ("code", code), ("next", "/incidents/1")];
        self.submit("/login", &form, &[]).await
    }

    pub async fn get_as(&self, path: &str, session: &str) -> (u16, String) {
        read(self.client.get(format!("{}{path}", self.base)).header("cookie", session)).await
    }

    /// The status alone: a stream has no end.
    async fn status_as(&self, path: &str, session: &str) -> u16 {
        let request = self.client.get(format!("{}{path}", self.base)).header("cookie", session);
        request.send().await.expect("an answer").status().as_u16()
    }

    async fn get_with(&self, path: &str, header: (&str, &str)) -> u16 {
        read(self.client.get(format!("{}{path}", self.base)).header(header.0, header.1)).await.0
    }

    async fn post_with(&self, path: &str, headers: &[(&str, &str)]) -> u16 {
        self.submit(path, &[("contact", "值班员"), ("by", "王某")], headers).await.status
    }

    /// The rows of the audit about who may come in, in their order.
    fn accesses(&self) -> Vec<(String, String, String)> {
        let acts = self.acts().into_iter();
        acts.filter_map(|act| match act {
            Act::Access { what, about, by } => Some((what, about, by)),
            _ => None,
        })
        .collect()
    }
}

/// The path of a door with its places filled in.
fn filled(path: &str) -> String {
    let sha256 = "0".repeat(64);
    path.replace("{id}", "1").replace("{sha256}", &sha256).replace("{kind}", "email").replace("{number}", "1")
}

#[tokio::test]
async fn the_first_administrator_is_made_by_a_link_that_works_once() {
    let stage = Stage::with_accounts().await;
    let path = stage.access.first(stage.now()).await.expect("the store").expect("a link");
    let (status, page) = stage.get(&path).await;
    assert!(status == 200 && page.contains("首次设置"), "{page}");
    for (name, password, again, why) in [
        ("李管理", "short", "short", "10 到 200"),
        ("李管理", "1234567890", "1234567890", "太好猜"),
        ("李管理", "李管理的口令在这里", "李管理的口令在这里", "10 到 200"),
        ("李管理", "李管理的口令就在这里了", "李管理的口令就在这里了", "太好猜"),
        ("李管理", PASSWORD, "河边有 4 棵老柳树", "不一样"),
        ("", PASSWORD, PASSWORD, "姓名"),
    ] {
        let answer =
            stage.submit(&path, &[("name", name), ("password", password), ("again", again)], &[]).await;
        assert!(answer.status == 422 && answer.page.contains(why), "{name} {password}: {}", answer.page);
    }
    let given = [("name", "李管理"), ("password", PASSWORD), ("again", PASSWORD)];
    let answer = stage.submit(&path, &given, &[]).await;
    assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/")));
    assert_eq!(stage.get_as("/accounts", &answer.session()).await.0, 200);
    assert_eq!(stage.submit(&path, &given, &[]).await.status, 404, "it works once");
    assert_eq!(stage.get("/welcome/guessed").await.0, 404);
    assert!(stage.access.first(stage.now()).await.expect("the store").is_none(), "there is an account now");
    stage.acted(1).await;
    assert_eq!(stage.accesses(), [("password-set".into(), "李管理".into(), "李管理".into())]);
    stage.end().await;
}

#[tokio::test]
async fn an_older_link_ends_with_a_newer_one_and_with_its_day() {
    let stage = Stage::with_accounts().await;
    let first = stage.access.first(stage.now()).await.expect("the store").expect("a link");
    let second = stage.access.first(stage.now()).await.expect("the store").expect("a link");
    assert_eq!((stage.get(&first).await.0, stage.get(&second).await.0), (404, 200));
    stage.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(stage.get(&second).await.0, 404);
    stage.end().await;
}

#[tokio::test]
async fn every_door_wants_a_session() {
    let stage = Stage::with_accounts().await;
    let admin = stage.person("李管理", Role::Administrator, &[]).await;
    let acted = stage.acts().len();
    for door in &stage.doors {
        let path = filled(door.path);
        let status = match door.method.as_str() {
            "GET" => stage.get(&path).await.0,
            _ => stage.post_with(&path, &[]).await,
        };
        let is_asked_to_log_in = status == 401 || (status == 303 && door.method == "GET");
        assert!(is_asked_to_log_in, "{} {path}: {status}", door.method);
    }
    assert!(stage.acts().len() <= acted + 1, "nothing was done");
    for path in ["/login", "/healthz", "/assets/console.css"] {
        assert_eq!(stage.get(path).await.0, 200, "{path}");
    }
    assert_eq!(stage.get_as("/", &admin).await.0, 200);
    stage.end().await;
}

#[tokio::test]
async fn a_session_is_new_at_each_login_and_ends() {
    let stage = Stage::with_accounts().await;
    let first = stage.person("李管理", Role::Administrator, &[]).await;
    // A cookie that somebody else chose is no session, and does not become one by a login (fixation).
    let planted = "yuqing_session=planted";
    let form = [("name", "李管理"), ("password", PASSWORD), ("next", "/incidents/1")];
    let answer = stage.submit("/login", &form, &[("cookie", planted)]).await;
    assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/incidents/1")));
    let cookie = answer.cookie.clone().expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains("Secure"));
    let second = answer.session();
    assert!(second != first && second != planted);
    assert_eq!(stage.get_as("/", planted).await.0, 303);
    assert_eq!(stage.get_as("/", &second).await.0, 200);

    let spoilt = second.replacen('=', "=x", 1);
    assert_eq!(stage.get_as("/", &spoilt).await.0, 303);
    assert_eq!(stage.submit("/logout", &[], &[("cookie", &second)]).await.status, 303);
    assert_eq!(stage.get_as("/", &second).await.0, 303, "the console forgot it, not only the browser");
    assert_eq!(stage.get_as("/", &first).await.0, 200, "the other goes on");

    // In use it lasts, idle it ends after twelve hours, and in any case after thirty days.
    for _ in 0..4 {
        stage.clock.advance(SignedDuration::from_hours(11));
        assert_eq!(stage.get_as("/", &first).await.0, 200);
    }
    stage.clock.advance(SignedDuration::from_hours(12));
    assert_eq!(stage.get_as("/", &first).await.0, 303);
    let third = stage.log_in("李管理", PASSWORD, "").await.session();
    for _ in 0..72 {
        stage.clock.advance(SignedDuration::from_hours(10));
        stage.get_as("/", &third).await;
    }
    assert_eq!(stage.get_as("/", &third).await.0, 303, "thirty days have passed");
    stage.end().await;
}

#[tokio::test]
async fn behind_tls_the_cookie_is_secure_and_next_stays_here() {
    let stage = Stage::with_accounts().await;
    stage.person("李管理", Role::Administrator, &[]).await;
    stage.change(|settings| settings.public_url = Some("https://yuqing.qinghe.example".into()));
    let answer = stage.log_in("李管理", PASSWORD, "").await;
    assert!(answer.cookie.expect("a cookie").ends_with("; Secure"));
    for next in ["//evil.example/", "https://evil.example/", "/\\evil.example", "evil"] {
        let form = [("name", "李管理"), ("password", PASSWORD), ("next", next)];
        assert_eq!(stage.submit("/login", &form, &[]).await.location.as_deref(), Some("/"), "{next}");
    }
    stage.end().await;
}

#[tokio::test]
async fn wrong_tries_are_throttled_and_a_name_is_locked() {
    let stage = Stage::with_accounts().await;
    stage.person("李管理", Role::Administrator, &[]).await;
    for (nth, wrong) in
        ["", "x", "河边有 3 棵老柳", "河边有 3 棵老柳树2", "河边有3棵老柳树"].iter().enumerate()
    {
        // An unknown name is refused in the very words of a known one.
        let name = if nth % 2 == 0 { "李管理" } else { "没有这个人" };
        let answer = stage.log_in(name, wrong, "").await;
        assert!(answer.status == 401 && answer.cookie.is_none(), "{wrong}");
        assert!(answer.page.contains("姓名或口令不对"), "{}", answer.page);
    }
    assert_eq!(stage.log_in("李管理", PASSWORD, "").await.status, 429, "even the right one has to wait now");
    stage.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(stage.log_in("李管理", PASSWORD, "").await.status, 303);

    // Slowly, so that the address never has to wait: the name is locked all the same, and the audit says so.
    for _ in 0..10 {
        stage.clock.advance(SignedDuration::from_secs(31));
        assert_eq!(stage.log_in("李管理", "wrong", "").await.status, 401);
    }
    stage.clock.advance(SignedDuration::from_secs(61));
    let locked = stage.log_in("李管理", PASSWORD, "").await;
    assert!(locked.status == 429 && locked.page.contains("锁定"), "{}", locked.page);
    stage.acted(3).await;
    assert!(stage.accesses().iter().any(|row| row.0 == "locked-out" && row.1 == "李管理"));
    stage.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(stage.log_in("李管理", PASSWORD, "").await.status, 303);
    stage.end().await;
}

/// RFC 6238, appendix B, the vectors of SHA-1 (their last six digits).
#[test]
fn codes_are_those_of_the_standard() {
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (second, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        let at = jiff::Timestamp::from_second(second).expect("an instant");
        assert_eq!(code_at(secret, at).as_deref(), Some(code), "{second}");
    }
    assert_eq!(Totp::of_base32(secret).expect("a secret").base32(), secret);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_each_code_works_once() {
    let stage = Stage::with_accounts().await;
    let session = stage.person("李管理", Role::Administrator, &[]).await;
    let as_me = [("cookie", session.as_str())];
    let page = stage.submit("/me", &[("do", "totp-begin")], &as_me).await.page;
    assert!(page.contains("<svg"), "{page}");
    let secret = page.split_once("name=\"secret\" value=\"").expect("the secret").1;
    let secret = secret.split('"').next().expect("its end").to_owned();
    let wrong =
        stage.submit("/me", &[("do", "totp-on"), ("secret", &secret), ("code", "000000")], &as_me).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(stage.log_in("李管理", PASSWORD, "").await.status, 303, "not on before it was proved");
    let code = code_at(&secret, stage.now()).expect("a code");
    let on = stage.submit("/me", &[("do", "totp-on"), ("secret", &secret), ("code", &code)], &as_me).await;
    assert!(on.status == 200 && on.page.contains("已开启"), "{}", on.page);

    stage.clock.advance(SignedDuration::from_secs(90));
    assert_eq!(stage.log_in("李管理", PASSWORD, "").await.status, 401);
    let code = code_at(&secret, stage.now()).expect("a code");
    assert_eq!(stage.log_in("李管理", PASSWORD, &code).await.status, 303);
    assert_eq!(
        stage.log_in("李管理", PASSWORD, &code).await.status,
        401,
        "a code that was seen is of no use"
    );
    assert_eq!(stage.log_in("李管理", "wrong", &code).await.status, 401);
    stage.end().await;
}

/// Each door with each role: what the role may not do is refused before anything else is looked at.
#[tokio::test]
async fn each_role_passes_the_doors_that_it_needs_and_no_other() {
    let stage = Stage::with_accounts().await;
    let mut sessions = vec![(Role::Administrator, stage.person("李管理", Role::Administrator, &[]).await)];
    for (role, name) in [(Role::Duty, "王值班"), (Role::Office, "赵办公"), (Role::Leader, "陈领导")]
    {
        sessions.push((role, stage.person(name, role, &[]).await));
    }
    for door in &stage.doors {
        // Whoever may end sessions or change passwords by it would end those of this test.
        if ["/me", "/accounts"].contains(&door.path) && door.method == "POST" {
            continue;
        }
        let path = filled(door.path);
        for (role, session) in &sessions {
            // A leader confirms for themselves only, which the next test is about.
            if *role == Role::Leader && door.need == Need::Confirm {
                continue;
            }
            let status = match door.method.as_str() {
                "GET" => stage.status_as(&path, session).await,
                _ => stage.post_with(&path, &[("cookie", session)]).await,
            };
            assert_eq!(status == 403, !role.may(door.need), "{role:?} {} {path}: {status}", door.method);
            assert!(status != 401 && status < 500, "{role:?} {} {path}: {status}", door.method);
        }
    }
    let rights = |role: Role| Need::ALL.into_iter().filter(|need| role.may(*need)).collect::<Vec<_>>();
    assert_eq!(rights(Role::Duty), [Need::Read, Need::Confirm, Need::Handle, Need::Watch]);
    assert_eq!(rights(Role::Leader), [Need::Read, Need::Confirm, Need::Approve]);
    assert_eq!(rights(Role::Office).len(), 6);
    assert_eq!(rights(Role::Administrator).len(), 7);
    let accounts = [("do", "add"), ("name", "x"), ("role", "administrator")];
    for (role, session) in &sessions {
        let status = stage.submit("/accounts", &accounts, &[("cookie", session)]).await.status;
        assert_eq!(status == 403, *role != Role::Administrator, "{role:?}");
    }
    stage.end().await;
}

/// What somebody may not do is not offered to them.
#[tokio::test]
async fn pages_offer_nobody_what_they_may_not_do() {
    let stage = Stage::with_accounts().await;
    let mut sessions = vec![(Role::Administrator, stage.person("李管理", Role::Administrator, &[]).await)];
    for (role, name) in [(Role::Duty, "王值班"), (Role::Office, "赵办公"), (Role::Leader, "陈领导")]
    {
        sessions.push((role, stage.person(name, role, &[]).await));
    }
    for (role, session) in &sessions {
        let mut offered = 0;
        for path in [
            "/",
            "/wall",
            "/incidents",
            "/incidents?q=排队",
            "/incidents/1",
            "/notices",
            "/sources",
            "/keywords",
            "/plan",
            "/plan/contacts",
            "/plan/rota",
            "/plan/holidays",
            "/plan/trial",
        ] {
            let (status, page) = stage.get_as(path, session).await;
            assert_eq!(status, 200, "{role:?} {path}: {page}");
            for form in page.split("<form").skip(1) {
                let tag = form.split('>').next().expect("a tag");
                let Some(action) = tag.split_once("action=\"").and_then(|(_, rest)| rest.split('"').next())
                else {
                    continue;
                };
                if !tag.contains("method=\"post\"") || ["/logout", "/language"].contains(&action) {
                    continue;
                }
                let numbered = |part: &str| {
                    if part.parse::<u64>().is_ok() { "{id}".to_owned() } else { part.to_owned() }
                };
                let action = action.split('/').map(numbered).collect::<Vec<_>>().join("/");
                let door = stage.doors.iter().find(|door| door.path == action && door.method == "POST");
                let door = door.unwrap_or_else(|| panic!("{path} offers {action}, which is no door"));
                assert!(role.may(door.need), "{role:?} is offered {action} on {path}");
                offered += 1;
            }
        }
        assert!(*role == Role::Leader || offered > 5, "{role:?} is offered {offered} forms");
    }
    stage.end().await;
}

/// A page that says why something is not to be had is still the reader's own: with their name and their way on.
#[tokio::test]
async fn a_fault_knows_who_reads_it() {
    let stage = Stage::with_accounts().await;
    let admin = stage.person("李管理", Role::Administrator, &[]).await;
    let leader = stage.person("陈领导", Role::Leader, &[]).await;
    for path in ["/nowhere", "/incidents/99", "/incidents/99/print"] {
        let (status, page) = stage.get_as(path, &admin).await;
        assert!(
            status == 404 && page.contains("李管理") && page.contains("href=\"/accounts\""),
            "{path}: {page}"
        );
        let (_, page) = stage.get_as(path, &leader).await;
        assert!(page.contains("陈领导") && !page.contains("href=\"/accounts\""), "{path}: {page}");
    }
    let (status, page) = stage.get_as("/accounts", &leader).await;
    assert!(status == 403 && page.contains("陈领导"), "{page}");
    assert!(!stage.get("/nowhere").await.1.contains("href=\"/accounts\""), "nobody is nobody");
    stage.change(|settings| settings.login = Login::None);
    assert!(
        !stage.get("/").await.1.contains("href=\"/accounts\""),
        "where nobody logs in there are no accounts"
    );
    stage.end().await;
}

/// An act carries the account's name whatever the form says, and the address from which it came.
#[tokio::test]
async fn an_act_is_the_accounts_own() {
    let stage = Stage::with_accounts().await;
    stage.person("李管理", Role::Administrator, &[]).await;
    let duty = stage.person("王值班", Role::Duty, &[]).await;
    let before = stage.acts().len();
    let form = [("by", "别人"), ("reason", "核实属实"), ("tier", "major")];
    assert_eq!(stage.submit("/incidents/1/override", &form, &[("cookie", &duty)]).await.status, 303);
    let acts = stage.acted(before + 1).await;
    let by = acts.iter().find_map(|act| match act {
        Act::Override { by, .. } => Some(by.clone()),
        _ => None,
    });
    assert_eq!(by.as_deref(), Some("王值班"));
    // A leader confirms for themselves, and for nobody else.
    let leader = stage.person("分管领导", Role::Leader, &[]).await;
    let own =
        stage.submit("/incidents/1/acknowledge", &[("contact", "分管领导")], &[("cookie", &leader)]).await;
    assert_eq!(own.status, 303, "{}", own.page);
    let other =
        stage.submit("/incidents/1/acknowledge", &[("contact", "值班员")], &[("cookie", &leader)]).await;
    assert_eq!(other.status, 403);
    stage.end().await;
}

/// What is of another unit is not there: neither shown, nor acted on, nor told apart from what never was.
#[tokio::test]
async fn nobody_sees_another_units_incidents() {
    let stage = Stage::with_accounts().await;
    stage.person("李管理", Role::Administrator, &[]).await;
    let stranger = stage.person("外单位", Role::Office, &["别的单位"]).await;
    let before = stage.acts().len();
    for door in stage.doors.iter().filter(|door| door.path.contains("{id}")) {
        let path = filled(door.path);
        let form = [
            ("contact", "值班员"),
            ("reason", "x"),
            ("text", "x"),
            ("tier", "major"),
            ("kind", "demand"),
            ("other", "1"),
            ("post", "weibo.example/1"),
            ("act", "urge"),
        ];
        let status = match door.method.as_str() {
            "GET" => stage.get_as(&path, &stranger).await.0,
            _ => stage.submit(&path, &form, &[("cookie", &stranger)]).await.status,
        };
        assert!([400, 404, 415, 422].contains(&status), "{} {path}: {status}", door.method);
    }
    for path in ["/", "/live", "/wall", "/wall/live", "/incidents", "/notices", "/api/v1/incidents"] {
        let (status, page) = stage.get_as(path, &stranger).await;
        assert_eq!(status, 200, "{path}");
        assert!(!page.contains("排队三小时"), "{path}: {page}");
    }
    let silence = [("unit", "青禾县人民医院"), ("tier", "一般"), ("hours", "2"), ("reason", "x")];
    let answer = stage.submit("/silences", &silence, &[("cookie", &stranger)]).await;
    assert_eq!(answer.status, 404, "{}", answer.page);
    // What names no unit is looked up first.
    let end = stage.submit("/silences/end", &[("number", "7")], &[("cookie", &stranger)]).await;
    assert_eq!(end.status, 404, "{}", end.page);
    let call = [("notice", "digest/1/值班员/phone")];
    assert_eq!(stage.submit("/phone-tasks/done", &call, &[("cookie", &stranger)]).await.status, 404);
    let text = [("text", "青禾县人民医院排队三小时")];
    assert_eq!(stage.submit("/keywords", &text, &[("cookie", &stranger)]).await.status, 404);
    assert_eq!(stage.acts().len(), before, "nothing reached the desk");
    stage.end().await;
}

#[tokio::test]
async fn a_token_does_what_its_scopes_hold_for() {
    let stage = Stage::with_accounts().await;
    let admin = stage.person("李管理", Role::Administrator, &[]).await;
    let form = [("do", "token"), ("name", "大屏"), ("scope", "read")];
    let page = stage.submit("/accounts", &form, &[("cookie", &admin)]).await.page;
    let token = page.split_once("<p class=\"secret\"><code>").expect("the token").1;
    let token = token.split('<').next().expect("its end").to_owned();
    let bearer = format!("Bearer {token}");
    assert_eq!(stage.get_with("/api/v1/incidents", ("authorization", &bearer)).await, 200);
    assert_eq!(stage.get_with("/metrics", ("authorization", &bearer)).await, 200);
    assert_eq!(stage.get_with("/metrics", ("authorization", "Bearer x")).await, 401);
    assert_eq!(stage.get_with("/api/v1/accounts", ("authorization", &bearer)).await, 403);
    assert_eq!(stage.post_with("/incidents/1/respond", &[("authorization", &bearer)]).await, 403);
    // A wrong token is nobody, whatever session stands beside it.
    assert_eq!(stage.post_with("/me", &[("authorization", "Bearer x"), ("cookie", &admin)]).await, 401);
    let gone = [("do", "no-token"), ("name", "大屏")];
    assert_eq!(stage.submit("/accounts", &gone, &[("cookie", &admin)]).await.status, 303);
    assert_eq!(stage.get_with("/metrics", ("authorization", &bearer)).await, 401);
    stage.end().await;
}

#[tokio::test]
async fn an_account_that_is_shut_is_out_at_once_and_the_last_administrator_stays() {
    let stage = Stage::with_accounts().await;
    let admin = stage.person("李管理", Role::Administrator, &[]).await;
    let duty = stage.person("王值班", Role::Duty, &[]).await;
    let as_admin = [("cookie", admin.as_str())];
    assert_eq!(stage.get_as("/", &duty).await.0, 200);
    assert_eq!(stage.submit("/accounts", &[("do", "shut"), ("name", "王值班")], &as_admin).await.status, 303);
    assert_eq!(stage.get_as("/", &duty).await.0, 303);
    assert_eq!(stage.log_in("王值班", PASSWORD, "").await.status, 401);
    for act in ["shut", "remove"] {
        let last = stage.submit("/accounts", &[("do", act), ("name", "李管理")], &as_admin).await;
        assert!(last.status == 422 && last.page.contains("至少要留一名"), "{act}: {}", last.page);
    }
    let lower = [("do", "change"), ("name", "李管理"), ("role", "duty")];
    assert_eq!(stage.submit("/accounts", &lower, &as_admin).await.status, 422);
    assert_eq!(stage.get_as("/accounts", &admin).await.0, 200);
    stage.end().await;
}

#[tokio::test]
async fn a_proxy_is_believed_only_when_it_is_named() {
    let stage = Stage::with_accounts().await;
    stage.person("李管理", Role::Administrator, &[]).await;
    let named = ("x-remote-user", "李管理");
    assert_eq!(stage.get_with("/", named).await, 303, "nobody is believed unasked");
    let proxy = |address: &str| FrontProxy {
        addresses: vec![address.parse().expect("an address")],
        user_header: Some("x-remote-user".into()),
    };
    stage.change(|settings| settings.proxy = Some(proxy("10.0.0.7")));
    assert_eq!(stage.get_with("/", named).await, 303, "this is not its address");
    stage.change(|settings| settings.proxy = Some(proxy("127.0.0.1")));
    assert_eq!(stage.get_with("/", named).await, 200);
    assert_eq!(stage.get_with("/", ("x-remote-user", "没有这个人")).await, 303);
    assert_eq!(stage.get_with("/", ("x-none", "")).await, 303);
    stage.end().await;
}

/// Whoever looks after the accounts sees which are in use; a token opens nothing after its last day.
#[tokio::test]
async fn the_last_use_is_shown_and_a_token_ends_with_its_day() {
    let stage = Stage::with_accounts().await;
    let boss = stage.person("李管理", Role::Administrator, &[]).await;
    stage.person("王值班", Role::Duty, &[]).await;
    let cookie = [("cookie", boss.as_str())];
    stage.submit("/accounts", &[("do", "end"), ("name", "王值班")], &cookie).await;
    let (_, page) = stage.get_as("/accounts", &boss).await;
    let own = page.split("王值班").nth(1).expect("an article");
    assert!(
        own.contains("现在未登录") && own.contains("最近登录"),
        "the last login outlives its session: {own}"
    );

    let token =
        |until: &'static str| [("do", "token"), ("name", "大屏"), ("scope", "read"), ("until", until)];
    for (until, why) in [("2020-01-01", "已经过去"), ("明天", "2027-06-30")] {
        let refused = stage.submit("/accounts", &token(until), &cookie).await;
        assert!(refused.status == 422 && refused.page.contains(why), "{}", refused.page);
    }
    let day = stage.now().to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).date();
    let fields = [("do", "token"), ("name", "大屏"), ("scope", "read"), ("until", &*day.to_string())];
    let made = stage.submit("/accounts", &fields, &cookie).await;
    let secret = made.page.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a token");
    assert!(made.page.contains("快到期") && made.page.contains("没有记录"), "{}", made.page);
    let bearer = format!("Bearer {secret}");
    assert_eq!(stage.get_with("/api/v1/incidents", ("authorization", &bearer)).await, 200);
    let (_, page) = stage.get_as("/accounts", &boss).await;
    let line = page.split("大屏").nth(1).expect("a line");
    assert!(!line.contains("没有记录") && line.contains("秒前"), "{line}");

    let book = stage.access.book().await.expect("the book");
    let until = book.tokens.first().and_then(|token| token.until).expect("an end");
    assert!(book.of_token(secret, "", until - SignedDuration::from_secs(1)).is_some());
    assert!(book.of_token(secret, "", until).is_none(), "its last day is over");
    stage.end().await;
}

#[tokio::test]
async fn a_book_from_before_last_uses_were_noted_is_read() {
    let token = r#"{"hash":"0","name":"大屏","scopes":["read"],"units":"all","by":"李管理","made_at":"2026-01-01T00:00:00Z"}"#;
    let book = format!(r#"{{"accounts":[],"tokens":[{token}]}}"#);
    let book: yuqing::console::access::Book = serde_json::from_str(&book).expect("read");
    assert_eq!((book.tokens[0].until, book.tokens[0].seen_at), (None, None));
}

#[tokio::test]
async fn the_book_is_whole_after_a_restart() {
    let stage = Stage::with_accounts().await;
    stage.person("李管理", Role::Administrator, &[]).await;
    let scopes = BTreeSet::from([Need::Read]);
    let (secret, now) = (Secret::new().expect("randomness"), stage.now());
    let (name, by) = ("大屏".to_owned(), "李管理".to_owned());
    let new = NewToken { name, scopes, units: Units::All, until: None, by };
    let made = stage.access.change(|book| book.add_token(new, &secret, now));
    made.await.expect("written").expect("made");
    let kept = stage.store.value("access").await.expect("read").expect("kept");
    assert!(!kept.contains(PASSWORD) && !kept.contains(secret.shown()), "only hashes are kept");
    let again = yuqing::console::access::Keeper::new(std::sync::Arc::clone(&stage.store));
    let book = again.book().await.expect("the book");
    assert!(book.account("李管理").is_some() && book.of_token(secret.shown(), "", now).is_some());
    stage.end().await;
}

#[tokio::test]
async fn without_a_login_only_a_loopback_name_is_served() {
    let stage = Stage::busy().await;
    let port = stage.address().port();
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        "127.9.9.9".into(),
    ] {
        assert_eq!(stage.get_with("/", ("host", &host)).await, 200, "{host}");
    }
    for host in
        ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "192.168.1.2", "10.0.0.1"]
    {
        assert_eq!(stage.get_with("/", ("host", host)).await, 403, "{host}");
        let claim = format!("/confirm/{}", "x");
        assert_eq!(stage.get_with(&claim, ("host", host)).await, 403, "{host}");
    }
    stage.change(|settings| settings.with_login(CONSOLE_TOKEN.to_owned().into()));
    assert_eq!(stage.get_with("/login", ("host", "yuqing.qinghe.example")).await, 200);
    stage.end().await;
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let stage = Stage::busy().await;
    let path = "/incidents/1/acknowledge";
    let base = stage.base.clone();
    for headers in [
        [("sec-fetch-site", "cross-site"), ("origin", base.as_str())],
        [("sec-fetch-site", "same-site"), ("origin", base.as_str())],
        [("x-none", ""), ("origin", "http://evil.example")],
        [("x-none", ""), ("origin", "http://127.0.0.1:1")],
        [("x-none", ""), ("origin", "null")],
    ] {
        assert_eq!(stage.post_with(path, &headers).await, 403, "{headers:?}");
    }
    assert!(stage.acts().is_empty());
    assert_eq!(stage.post_with(path, &[("sec-fetch-site", "same-origin"), ("origin", &base)]).await, 303);
    assert_eq!(stage.post_with(path, &[("origin", &base)]).await, 303);
    assert_eq!(stage.acts().len(), 2);
    stage.end().await;
}

#[tokio::test]
async fn broken_requests_are_answered_or_dropped() {
    let stage = Stage::busy().await;
    for request in [
        "GARBAGE\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET /incidents/-1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(stage.address()).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("written");
        // Whoever hangs up before the answer gets none; a whole request is waited for.
        if !request.contains("Connection: close") {
            stream.shutdown().await.expect("closed");
        }
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("read");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 4"), "{request}: {answer}");
    }
    assert_eq!(stage.get("/nowhere").await.0, 404);
    assert!(stage.get("/api/v1/nowhere").await.1.starts_with(r#"{"error":{"code":"not_found","#));
    stage.end().await;
}
