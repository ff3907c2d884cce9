//! An office's own templates: they change the layout, and cannot open a way for a stranger's words.

use std::sync::Arc;

use yuqing::{
    dispatch::{Channel, Verdict, channel::Email},
    locale::notice::Templates,
    model::{ChannelKind, NoticeKind},
};

use super::notices::{at, email_settings, notice, texts};
use crate::support::mail::MailServer;

fn own(files: &[(&str, &str)]) -> yuqing::dispatch::Texts {
    let mut words = texts();
    for (name, text) in files {
        words.templates = words.templates.with(name, text).unwrap();
    }
    words
}

#[test]
fn an_office_words_its_messages() {
    let words = own(&[
        ("subject.txt", "[{{ unit }}] {{ tier }}: {{ gist }}"),
        ("mail.txt", "{{ contact }}：{{ reason }}"),
        ("sms.txt", "{{ tier }}舆情{{ number }}号 {{ code }}"),
        ("voice.txt", "{{ tier }}，{{ gist }}"),
        ("robot.txt", "{% for one in notices %}{{ one.tier }} {{ one.gist }}\n{% endfor %}"),
    ]);
    let mut one = notice(NoticeKind::Alert, ChannelKind::Email);
    let mail = words.mail(&one).unwrap();
    assert_eq!(mail.subject, "[青川县人民医院] 重大: 孩子高烧在急诊排队四小时无人接诊");
    assert!(mail.text.starts_with("总值班室：重大: 转发 312 > 300"), "{}", mail.text);
    one.channel = ChannelKind::Sms;
    assert_eq!(words.sms(&one), format!("重大舆情12号 {}", words.code(&one).unwrap()));
    assert_eq!(words.speech(&one).unwrap(), "重大，孩子高烧在急诊排队四小时无人接诊");
    assert_eq!(words.robot(&[&one, &one], false).unwrap().lines().count(), 2);
}

/// Whatever the template does, a post's text stays text: a subject is one line, HTML is escaped, a robot's
/// markup is not the stranger's.
#[tokio::test]
async fn a_template_cannot_open_the_door() {
    let words = own(&[
        ("subject.txt", "{{ gist }}\r\nBcc: {{ gist }}\n\n{{ gist }}"),
        ("mail.html", "<p>{{ gist }}</p><a href=\"{{ posts and posts[0].url }}\">{{ excerpt }}</a>"),
        ("robot.txt", "{% for one in notices %}[{{ one.gist }}](x) {{ one.gist }}{% endfor %}"),
    ]);
    let mut one = notice(NoticeKind::Alert, ChannelKind::Email);
    std::sync::Arc::make_mut(&mut one.facts).gist =
        "急\r\nBcc: all@x.example\r\n\r\n<script>x</script> {{ code }} {% raw %} ](javascript:x) **"
            .to_owned();
    std::sync::Arc::make_mut(&mut one.facts).excerpt = "\"><img src=x onerror=alert(1)>".to_owned();
    std::sync::Arc::make_mut(&mut one.facts).posts[0].url = "https://x.example/\"onclick=\"x".to_owned();
    one.contact = "张三\r\nCc: all@x.example".to_owned();
    let mail = words.mail(&one).unwrap();
    assert_eq!(mail.subject.lines().count(), 1);
    assert!(mail.subject.contains("{{ code }}"), "a post is no template: {}", mail.subject);
    for active in ["<script", "<img", "\"onclick"] {
        assert!(!mail.html.contains(active), "{}", mail.html);
    }
    let robot = words.robot(&[&one], false).unwrap();
    assert!(
        !robot.contains("](javascript") && !robot.contains("**") && !robot.contains("<script"),
        "{robot}"
    );

    let server = MailServer::start().await;
    let settings = yuqing::config::channels::EmailSettings {
        user: None,
        password: None,
        ..email_settings(server.address.port())
    };
    let email: Arc<dyn Channel> = Arc::new(Email::new(settings).unwrap());
    assert_eq!(email.send(&one, &words, at(0)).await, Verdict::Accepted);
    let letters = server.letters();
    assert_eq!(letters[0].to.len(), 1);
    assert_eq!((letters[0].header("Bcc"), letters[0].header("Cc")), (None, None));
}

#[test]
fn mails_hold_nothing_that_must_be_fetched() {
    let html = texts().mail(&notice(NoticeKind::Alert, ChannelKind::Email)).unwrap().html;
    for outside in
        ["<img", "<link", "<script", "url(", "@import", "src=", "<form", "position:", "display:flex"]
    {
        assert!(!html.contains(outside), "{outside}");
    }
}

/// Whoever reads the plain part reads the same.
#[test]
fn the_plain_part_says_what_the_html_says() {
    for kind in [NoticeKind::Alert, NoticeKind::Rise, NoticeKind::Overdue, NoticeKind::Operations] {
        let mail = texts().mail(&notice(kind, ChannelKind::Email)).unwrap();
        let page = scraper::Html::parse_document(&mail.html);
        let body = scraper::Selector::parse("td, div, span, a").unwrap();
        for element in page.select(&body) {
            let own: String =
                element.children().filter_map(|child| child.value().as_text()).map(|t| &**t).collect();
            for words in own.split_whitespace().filter(|words| words.chars().count() > 3) {
                let button = ["去签收", "打开详情"].contains(&words);
                assert!(button || mail.text.contains(words), "{kind:?}: {words} is not in\n{}", mail.text);
            }
        }
    }
}

#[test]
fn equal_templates_are_equal_and_changed_ones_are_not() {
    let changed = Templates::default().with("sms.txt", "{{ tier }}").unwrap();
    assert_eq!(format!("{:?}", Templates::default()), format!("{:?}", Templates::default()));
    assert_ne!(format!("{changed:?}"), format!("{:?}", Templates::default()));
}
