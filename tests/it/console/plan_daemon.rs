//! What pages change takes effect on a running daemon: the next mail goes to the changed mailbox, a changed limit holds
//! for the next incident, a test message really arrives.

use scraper::{Html, Selector};

use super::{FORM, encoded, read};
use crate::faults::{hours::Hours, office};

fn base(page: &str) -> String {
    let html = Html::parse_document(page);
    let found = html.select(&Selector::parse("input[name=base]").unwrap()).next();
    found.and_then(|one| one.value().attr("value")).unwrap_or_default().to_owned()
}

async fn post(hours: &Hours, path: &str, form: &[(&str, &str)]) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let url = format!("http://{}{path}", hours.daemon.address());
    read(client.build().unwrap().post(url).header(FORM.0, FORM.1).body(encoded(form))).await
}

async fn get(hours: &Hours, path: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (status, page) = read(client.get(format!("http://{}{path}", hours.daemon.address()))).await;
    assert_eq!(status, 200, "{page}");
    page
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_contact_gets_the_next_mail_and_a_changed_limit_holds_for_the_next_incident() {
    let hours = Hours::with("30s", "[console]\nlogin = \"none\"\n").await;
    hours.push(0, 12_000).await;
    hours.settle().await;
    assert_eq!(hours.letters_to("duty").len(), 1);
    let page = get(&hours, "/plan/contacts").await;
    let form = [
        ("do", "change"),
        ("base", &base(&page)),
        ("by", "李秀英"),
        ("old_name", "值班员"),
        ("old_unit", ""),
        ("name", "值班员"),
        ("email", "night@office.invalid"),
        ("phone", "13800000001"),
        ("channel", "email"),
        ("channel", "sms"),
        ("first", "email"),
    ];
    let (status, page) = post(&hours, "/plan/contacts", &form).await;
    assert_eq!(status, 303, "{page}");
    // What a plan does not mark is not the form's to change; the editor of the file may.
    let plan = format!("/files/{}", yuqing::config::edit::id_of("plans/faults.toml"));
    let shown = get(&hours, &plan).await;
    let page = super::keywords_edit::Page::of(&shown);
    let marked = page.text.replace("report = \"5min\"", "report = \"5min\" # 本单位可改");
    let form = [("do", "save"), ("base", page.base.as_str()), ("by", "李秀英"), ("text", marked.as_str())];
    let (status, page) = post(&hours, &plan, &form).await;
    assert_eq!(status, 303, "{page}");
    hours.daemon.reload().await.unwrap();
    let shown = get(&hours, "/plan/limits?plan=faults").await;
    let form = [
        ("plan", "faults"),
        ("base", &base(&shown)),
        ("by", "李秀英"),
        ("was:tier[major].report", "5min"),
        ("is:tier[major].report", "7min"),
    ];
    let (status, page) = post(&hours, "/plan/limits", &form).await;
    assert_eq!(status, 303, "{page}");
    hours.daemon.reload().await.unwrap();
    hours.settle().await;

    hours.push(1, 12_000).await;
    hours.settle().await;
    assert_eq!(hours.letters_to("night").len(), 1, "{:?}", hours.mail.letters());
    assert_eq!(hours.letters_to("duty").len(), 1, "the old mailbox hears no more");
    let notices = hours.notices().await;
    let due = |incident: u64| {
        let found = notices.iter().find(|one| {
            one.notice.incident.is_some_and(|id| id.0 == incident) && one.notice.contact == "值班员"
        });
        let notice = &found.expect("a notice").notice;
        notice.due_at.duration_since(notice.created_at).as_mins()
    };
    assert_eq!((due(1), due(2)), (5, 7));

    // A test message goes out by each channel, marked, and is in the audit; nothing of it is in the outbox.
    let count = hours.notices().await.len();
    let (status, page) = post(&hours, "/plan/contacts/test", &[("name", "值班员"), ("by", "李秀英")]).await;
    assert!(status == 200 && page.contains("测试结果"), "{page}");
    assert_eq!(page.matches("已受理").count(), 2, "{page}");
    let letters = hours.letters_to("night");
    assert!(letters.last().unwrap().subject().contains("测试"), "{letters:?}");
    assert_eq!(hours.notices().await.len(), count);
    assert!(!page.contains("13800000001</bdi> <span"), "the number is masked in the result: {page}");
    // A refusal is told with its reason.
    hours.clock.advance(jiff::SignedDuration::from_secs(61));
    use crate::support::mail::{Act, Point};
    hours.mail_does(Some((Point::Recipient, Act::Say("550 5.1.1 no such user here"))));
    let (_, page) = post(&hours, "/plan/contacts/test", &[("name", "值班员"), ("by", "李秀英")]).await;
    assert!(page.contains("没有受理") && page.contains("no such user here"), "{page}");
    let entries = hours.daemon.store().entries(50).await.unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.kind == "contact_tested").count(), 2, "{entries:?}");
    assert_eq!(office::UNIT, "青川县人民医院");
    hours.stop().await;
}
