//! One evening of an office, whole: the program as it is installed, real browsers before it, nothing in between. The link
//! of the first start, accounts, a lock-out, a post that appears by itself, two who confirm at once, a keyword that is in
//! force once it is saved, a merge and a split, the big screen, the leader's phone.

use serde_json::{Value, json};
use yuqing::{
    config::edit::id_of,
    time::{Clock as _, System},
};

use super::driver::{Browser, Page};
use crate::keep::daemon::{Daemon, Office, UNIT, post};

const DESK: (u32, u32) = (1280, 800);
const PASSWORD: &str = "河边有 3 棵老柳树";

/// Fills in a form's fields and presses one of its buttons, which leads to another page.
async fn fill(browser: &mut Browser, page: &Page, form: &str, fields: &[(&str, &str)], button: &str) {
    let mut script = format!("var form = document.querySelector({}).closest('form')", json!(form));
    for (name, value) in fields {
        script = format!("{script}; form.elements[{}].value = {}", json!(name), json!(value));
    }
    browser.lead(page, &format!("{script}; form.querySelector({}).click()", json!(button))).await;
}

async fn says(browser: &mut Browser, page: &Page, words: &str) {
    browser.wait(page, &format!("document.body.innerText.includes({})", json!(words))).await;
}

/// Sends a post that was published now.
async fn push(daemon: &Daemon, id: &str, text: &str) {
    let mut one: Value = post(id, text, 120);
    one["published_at"] = json!(System.now().to_string());
    tokio::task::block_in_place(|| daemon.push(&json!([one])));
}

/// The link that the first start prints.
fn first_link(daemon: &Daemon) -> String {
    let line = daemon.says(|line| line.contains("there is no account yet"));
    let line: Value = serde_json::from_str(&line).expect("JSON");
    line["fields"]["link"].as_str().expect("a link").to_owned()
}

fn office() -> Office {
    let office = Office::with_accounts();
    let list = format!("[收费]\n至少: 重大\n乱收费\n\n[本单位]\n{UNIT}\n");
    std::fs::write(office.path(&format!("office/keywords/{UNIT}.txt")), list).expect("written");
    office
}

/// Adds a duty officer who confirms for 值班员, and lets them choose their password in a browser of their own.
async fn duty_officer(admin: (&mut Browser, &Page), base: &str, name: &str) -> (Browser, Page) {
    let (browser, page) = admin;
    browser.go(page, &format!("{base}/accounts")).await;
    let fields = [("name", name), ("role", "duty"), ("contact", "值班员")];
    fill(browser, page, "button[value=add]", &fields, "button[value=add]").await;
    let link = browser.ask(page, "document.querySelector('.secret code').textContent").await;
    let link = link.as_str().expect("a link").to_owned();
    let link = if link.starts_with('/') { format!("{base}{link}") } else { link };
    let mut own = Browser::start().await;
    let page = own.open(&link, DESK, "").await;
    says(&mut own, &page, name).await;
    let chosen = [("password", PASSWORD), ("again", PASSWORD)];
    fill(&mut own, &page, "[name=again]", &chosen, "button").await;
    own.wait(&page, "location.pathname === '/' && document.querySelector('#live')").await;
    (own, page)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_evening_at_an_office() {
    let office = office();
    let daemon = tokio::task::block_in_place(|| office.start());
    let base = format!("http://{}", daemon.address());
    let link = tokio::task::block_in_place(|| first_link(&daemon));

    // The first administrator, by the link that is printed once.
    let mut admin = Browser::start().await;
    let desk = admin.open(&link, DESK, "").await;
    admin.picture(&desk, "story-01-set-up").await;
    let chosen = [("name", "李管理"), ("password", PASSWORD), ("again", PASSWORD)];
    fill(&mut admin, &desk, "[name=again]", &chosen, "button").await;
    says(&mut admin, &desk, "李管理").await;
    admin.picture(&desk, "story-02-first-home").await;
    let (mut wang, wangs) = duty_officer((&mut admin, &desk), &base, "王值班").await;
    let (mut zhao, zhaos) = duty_officer((&mut admin, &desk), &base, "赵值班").await;
    admin.whole_picture(&desk, "story-03-accounts").await;

    // Out, and in again.
    fill(&mut admin, &desk, "form[action='/logout'] button", &[], "button").await;
    says(&mut admin, &desk, "登录值班台").await;
    fill(&mut admin, &desk, "[name=password]", &[("name", "李管理"), ("password", PASSWORD)], "button").await;
    says(&mut admin, &desk, "李管理").await;

    // What comes appears in both browsers without being asked for.
    for (browser, page) in [(&mut wang, &wangs), (&mut zhao, &zhaos)] {
        browser.ask(page, "window.mark = 1; 0").await;
    }
    push(&daemon, "t1", "窗口乱收费，排队三小时").await;
    for (browser, page) in [(&mut wang, &wangs), (&mut zhao, &zhaos)] {
        browser.wait(page, "document.querySelector('.card .confirm > form button')").await;
        assert_eq!(browser.ask(page, "window.mark").await, 1, "the page was not loaded anew");
    }
    wang.picture(&wangs, "story-04-appears").await;

    // Both press in the same instant: one confirmation stands, and both see whose.
    let press = "document.querySelector('.card .confirm > form button').click(); 0";
    tokio::join!(wang.ask(&wangs, press), zhao.ask(&zhaos, press));
    let mut seen = Vec::new();
    for (browser, page) in [(&mut wang, &wangs), (&mut zhao, &zhaos)] {
        browser
            .wait(
                page,
                "document.querySelector('.card .acks.good') && !document.querySelector('.card .confirm')",
            )
            .await;
        assert_eq!(browser.ask(page, "document.querySelectorAll('.card .acks.good span').length").await, 1);
        assert_eq!(browser.ask(page, "window.mark").await, 1);
        seen.push(browser.ask(page, "document.querySelector('.card .acks.good').textContent").await);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].as_str().is_some_and(|text| text.contains("值班员")), "{seen:?}");
    zhao.picture(&zhaos, "story-05-confirmed").await;

    // A word that is saved in the editor catches what comes next.
    let list = id_of(&format!("keywords/{UNIT}.txt"));
    admin.go(&desk, &format!("{base}/keywords/file/{list}")).await;
    let text = admin.ask(&desk, "document.getElementById('text').value").await;
    let text = format!("[隧道]\n至少: 较大\n凤凰山隧道\n\n{}", text.as_str().expect("a text"));
    fill(&mut admin, &desk, "#text", &[("text", &text), ("note", "新开的隧道")], "[value=save]").await;
    admin.whole_picture(&desk, "story-06-edited").await;
    tokio::task::block_in_place(|| daemon.says(|line| line.contains("the office's files are in force")));
    let mut other = post("t2", "x", 90);
    other["title"] = json!("凤凰山隧道塌方，两车被埋");
    other["text"] = json!("刚才凤凰山隧道塌方，路已经封了。");
    other["published_at"] = json!(System.now().to_string());
    tokio::task::block_in_place(|| daemon.push(&json!([other])));
    zhao.wait(&zhaos, "document.querySelectorAll('.card').length === 2").await;
    assert_eq!(zhao.ask(&zhaos, "window.mark").await, 1);

    merge_and_split(&mut wang, &wangs, &base).await;
    zhao.wait(&zhaos, "document.querySelectorAll('.card').length === 2").await;
    zhao.whole_picture(&zhaos, "story-08-home").await;

    // The big screen, and the leader's phone.
    admin.go(&desk, &format!("{base}/wall")).await;
    admin.wait(&desk, "document.querySelectorAll('.bill').length === 2").await;
    admin.picture(&desk, "story-09-wall").await;
    zhao.size(&zhaos, (360, 740), 1).await;
    for (path, name) in [("/", "home"), ("/incidents", "incidents"), ("/incidents/1", "incident")] {
        zhao.go(&zhaos, &format!("{base}{path}")).await;
        assert!(
            zhao.ask(&zhaos, "document.documentElement.scrollWidth").await.as_u64() <= Some(360),
            "{path}"
        );
        zhao.whole_picture(&zhaos, &format!("story-10-phone-{name}")).await;
    }
    locked_out(&base).await;
    assert_eq!(wang.ask(&wangs, "document.readyState").await, "complete", "whoever is in stays in");
    assert!(tokio::task::block_in_place(|| daemon.stop()).success());
}

/// Two incidents become one, and one of its posts an incident of its own again.
async fn merge_and_split(browser: &mut Browser, page: &Page, base: &str) {
    browser.go(page, &format!("{base}/incidents/1")).await;
    let merge = "form[action$='/merge'] textarea";
    fill(browser, page, merge, &[("number", "2"), ("reason", "同一批人发的")], "button").await;
    says(browser, page, "2 篇").await;
    browser.whole_picture(page, "story-07-merged").await;
    browser.go(page, base).await;
    browser.wait(page, "document.querySelectorAll('.card').length === 1").await;
    browser.go(page, &format!("{base}/incidents/1")).await;
    let split = "form[action$='/split'] textarea";
    fill(browser, page, split, &[("post", "luntan/t2"), ("reason", "两回事")], "button").await;
    says(browser, page, "1 篇").await;
}

/// Somebody guesses, and even the right password has to wait then.
async fn locked_out(base: &str) {
    let mut stranger = Browser::start().await;
    let page = stranger.open(&format!("{base}/login"), DESK, "").await;
    for nth in 0..5 {
        let fields = [("name", "王值班"), ("password", &format!("guess number {nth}") as &str)];
        fill(&mut stranger, &page, "[name=password]", &fields, "button").await;
        says(&mut stranger, &page, "姓名或口令不对").await;
    }
    fill(&mut stranger, &page, "[name=password]", &[("name", "王值班"), ("password", PASSWORD)], "button")
        .await;
    stranger.wait(&page, "document.querySelector('[role=alert].bad')").await;
    assert_eq!(stranger.ask(&page, "location.pathname").await, "/login", "the right one has to wait, too");
    stranger.picture(&page, "story-11-locked-out").await;
}
