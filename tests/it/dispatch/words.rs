//! The words of messages, whole, as their readers get them.

use yuqing::{
    dispatch::Texts,
    locale::{
        Locale,
        notice::{MailText, phone_text, sms_text},
    },
    model::{ChannelKind, Detail, DigestLine, Facts, IncidentId, Notice, NoticeKind},
};

use super::notices::{digest, notice, texts};

const KINDS: [NoticeKind; 20] = [
    NoticeKind::Alert,
    NoticeKind::Rise,
    NoticeKind::Reopened,
    NoticeKind::Escalation,
    NoticeKind::Failover,
    NoticeKind::Direct,
    NoticeKind::Copy,
    NoticeKind::Warning,
    NoticeKind::Overdue,
    NoticeKind::Correction,
    NoticeKind::Vanished,
    NoticeKind::Worsened,
    NoticeKind::Subsided,
    NoticeKind::Assigned,
    NoticeKind::Urged,
    NoticeKind::Digest,
    NoticeKind::BacklogDigest,
    NoticeKind::Operations,
    NoticeKind::Test,
    NoticeKind::Daily,
];

fn whole(mail: &MailText) -> String {
    format!("{}\n\n{}", mail.subject, mail.text)
}

fn brief() -> Texts {
    let mut texts = texts();
    for kind in ChannelKind::ALL {
        texts.details.insert(("总值班室".to_owned(), kind), Detail::Brief);
    }
    texts
}

#[test]
fn a_rise_as_a_leader_reads_it() {
    let mail = texts().mail(&notice(NoticeKind::Rise, ChannelKind::Email)).unwrap();
    insta::assert_snapshot!("rise_text", whole(&mail));
    insta::assert_snapshot!("rise_html", mail.html);
}

#[test]
fn an_assignment_of_what_was_entered_by_hand_as_its_department_reads_it() {
    let mut assigned = notice(NoticeKind::Assigned, ChannelKind::Email);
    let facts = std::sync::Arc::make_mut(&mut assigned.facts);
    facts.note = "分管领导: 主办 责任部门，协办 宣传科：请今天上午到现场核实，中午前书面报我".to_owned();
    facts.posts.truncate(1);
    facts.posts[0].site = "hand".to_owned();
    // Two reporting lines owe the same at the same minute.
    let twice = facts.deadlines.clone();
    facts.deadlines.extend(twice);
    insta::assert_snapshot!("assigned_text", whole(&texts().mail(&assigned).unwrap()));
}

#[test]
fn a_digest_is_a_compact_list() {
    let mail = texts().mail(&digest(NoticeKind::Digest)).unwrap();
    insta::assert_snapshot!("digest_text", whole(&mail));
}

/// Its first and its last lines.
fn ends(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let (first, last) = (lines.iter().take(14), lines.iter().skip(lines.len() - 12));
    first.chain(["…"].iter()).chain(last).copied().collect::<Vec<_>>().join("\n")
}

#[test]
fn a_long_digest_says_how_many_there_are_and_where_the_others_stand() {
    let mut long = digest(NoticeKind::Digest);
    let line = long.facts.digest[0].clone();
    std::sync::Arc::make_mut(&mut long.facts).digest = (1..=100)
        .map(|id| DigestLine { incident: IncidentId(id), gist: format!("第 {id} 件"), ..line.clone() })
        .collect();
    std::sync::Arc::make_mut(&mut long.facts).digest_total = 250;
    // As an older release kept it.
    std::sync::Arc::make_mut(&mut long.facts).note = "250".to_owned();
    let mail = texts().mail(&long).unwrap();
    insta::assert_snapshot!("digest_long_text", ends(&whole(&mail)));
    assert!(mail.html.contains("其余 150 件") && !mail.html.contains(">250<"), "{}", mail.html);
    let mut english = texts();
    english.locale = Locale::En;
    let robot = english.robot(&[&long], true).unwrap();
    insta::assert_snapshot!("digest_long_robot_en", robot.lines().take(4).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_brief_contact_reads_tier_unit_number_and_link_only() {
    let drill = |mut one: Notice| {
        std::sync::Arc::make_mut(&mut one.facts).mark = Some("演示".to_owned());
        one
    };
    let one = drill(notice(NoticeKind::Alert, ChannelKind::Email));
    let mail = brief().mail(&one).unwrap();
    insta::assert_snapshot!("brief_text", whole(&mail));
    for hidden in ["高烧", "急诊", "312", "weibo", "12,345", "转发", "预案", "新发现"] {
        assert!(!mail.text.contains(hidden) && !mail.html.contains(hidden), "{hidden}");
        assert!(!mail.subject.contains(hidden), "{hidden}");
        assert!(!brief().sms(&one).contains(hidden), "{hidden}");
    }
}

#[test]
fn english_offices_read_english() {
    let mut english = texts();
    english.locale = Locale::En;
    let mail = english.mail(&notice(NoticeKind::Escalation, ChannelKind::Email)).unwrap();
    insta::assert_snapshot!("escalation_text_en", whole(&mail));
}

#[test]
fn subjects_put_the_mark_and_the_tier_first() {
    let mut lines = Vec::new();
    for kind in KINDS {
        let mut one = notice(kind, ChannelKind::Email);
        std::sync::Arc::make_mut(&mut one.facts).mark = Some("演示".to_owned());
        std::sync::Arc::make_mut(&mut one.facts).note = "某论坛已 2 小时没有内容，请检查网络".to_owned();
        if matches!(kind, NoticeKind::Digest | NoticeKind::BacklogDigest) {
            std::sync::Arc::make_mut(&mut one.facts).digest = digest(kind).facts.digest.clone();
        }
        let mail = texts().mail(&one).unwrap();
        assert!(mail.text.contains("【演示】") && mail.html.contains("【演示】"), "{kind:?}");
        lines.push(mail.subject);
    }
    insta::assert_snapshot!("subjects", lines.join("\n"));
}

#[test]
fn only_those_asked_to_confirm_get_a_link_and_a_code() {
    let mut copy = notice(NoticeKind::Copy, ChannelKind::Email);
    std::sync::Arc::make_mut(&mut copy.facts).confirm = false;
    let mail = texts().mail(&copy).unwrap();
    assert!(!mail.text.contains("/confirm/") && !mail.html.contains("/confirm/"));
    assert!(mail.text.contains("https://yuqing.qingchuan.example/incidents/12"));

    let mut hidden = texts();
    hidden.public_url = None;
    let mail = hidden.mail(&notice(NoticeKind::Alert, ChannelKind::Email)).unwrap();
    assert!(!mail.html.contains("/confirm/"));
    assert!(mail.text.contains("短信回复签收码"), "a code needs no public address");

    hidden.replies = false;
    let mail = hidden.mail(&notice(NoticeKind::Alert, ChannelKind::Email)).unwrap();
    assert!(!mail.text.contains("短信回复签收码"), "no code that nobody could answer");
    assert!(hidden.sms(&notice(NoticeKind::Alert, ChannelKind::Sms)).ends_with("无人接诊"));
}

/// A post's words and link are strangers' words.
#[test]
fn what_a_stranger_wrote_stays_text() {
    let mut one = notice(NoticeKind::Alert, ChannelKind::Email);
    std::sync::Arc::make_mut(&mut one.facts).gist =
        "急诊\r\nBcc: all@qingchuan.example\r\n\r\n<script>".to_owned();
    std::sync::Arc::make_mut(&mut one.facts).posts[0].title = "\"><img src=x onerror=alert(1)>".to_owned();
    std::sync::Arc::make_mut(&mut one.facts).posts[0].url =
        "https://weibo.example/\"onmouseover=\"x".to_owned();
    let mail = texts().mail(&one).unwrap();
    assert_eq!(mail.subject.lines().count(), 1);
    for active in ["<script", "<img", "href=\"javascript", "\"onmouseover=\"", "<b>没有人"] {
        assert!(!mail.html.contains(active), "{active}");
    }
    assert!(mail.html.contains("&lt;script&gt;"));
}

#[test]
fn a_notice_without_facts_still_says_something() {
    for kind in KINDS {
        let mut one = notice(kind, ChannelKind::Email);
        one.facts = Facts::default().into();
        one.incident = None;
        for texts in [texts(), brief()] {
            let mail = texts.mail(&one).unwrap();
            assert!(!mail.subject.is_empty() && mail.text.len() > 20, "{kind:?}");
        }
    }
}

#[test]
fn a_text_message_says_the_tier_first_and_ends_with_the_code() {
    let mut one = notice(NoticeKind::Alert, ChannelKind::Sms);
    std::sync::Arc::make_mut(&mut one.facts).tier_name = "特别重大".to_owned();
    let code = texts().code(&one).unwrap();
    assert_eq!(
        texts().sms(&one),
        format!("【特别重大】青川县人民医院：孩子高烧在急诊排队四小时无人接诊，回复 {code} 签收")
    );
    std::sync::Arc::make_mut(&mut one.facts).mark = Some("演示".to_owned());
    std::sync::Arc::make_mut(&mut one.facts).gist = "很长的要点".repeat(20);
    let long = texts().sms(&one);
    assert!(long.starts_with("【演示】【特别重大】青川县人民医院：很长的要点"), "{long}");
    assert!(long.chars().count() < 80, "{long}");
    assert!(
        texts().short_names(&one).iter().all(|(name, text)| *name == "link" || text.chars().count() <= 35)
    );
    assert_eq!(
        sms_text(&one, Detail::Brief, None, Locale::ZhCn),
        "【演示】【特别重大】青川县人民医院：舆情第 12 号"
    );
}

#[test]
fn a_call_can_be_read_aloud() {
    let one = notice(NoticeKind::Alert, ChannelKind::Phone);
    insta::assert_snapshot!("phone", phone_text(&one, Detail::Full, Locale::ZhCn, &texts().zone));
}
