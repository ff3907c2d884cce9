//! Notices, texts and settings to play with.

use std::{collections::HashMap, time::Duration};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use yuqing::{
    config::channels::{EmailSettings, MailSecurity},
    dispatch::{ConfirmKey, Texts},
    locale::{Locale, notice::Templates},
    model::{
        ChannelKind, Clause, ContentKind, Count, DeadlineKind, DeadlineLine, DigestLine, Exactness, Facts,
        Heat, IncidentId, Kinds, Notice, NoticeId, NoticeKind, NoticeState, PostLine, Reason,
    },
};

/// So many minutes after 14:00 in Shanghai.
pub fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

pub fn texts() -> Texts {
    Texts {
        locale: Locale::ZhCn,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        public_url: Some("https://yuqing.qingchuan.example".to_owned()),
        confirm: ConfirmKey::from_bytes([7; 32]),
        replies: true,
        details: HashMap::new(),
        templates: Templates::default(),
        enclosures: None,
    }
}

pub fn email_settings(port: u16) -> EmailSettings {
    EmailSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security: MailSecurity::Plain,
        user: Some("yuqing".to_owned()),
        password: Some("correct-horse-battery".to_owned().into()),
        from: "青川舆情 <yuqing@qingchuan.example>".to_owned(),
        timeout: Duration::from_secs(10),
        dkim: None,
        bounces: None,
        papers: false,
    }
}

pub fn heat() -> Heat {
    Heat {
        daily_views: Some(12_345),
        estimated_views: 0,
        views_exactness: Some(Exactness::AtLeast),
        reposts: Some(312),
        reposts_at_least: false,
        comments: Some(48),
        sites: ["weibo", "luntan", "video"].map(str::to_owned).to_vec(),
        posts: 7,
        views_unknown: 2,
        views_bound: None,
        reposts_unknown: 1,
        reposts_backlog: 0,
        hourly_views: None,
    }
}

pub fn facts() -> Facts {
    Facts {
        person: None,
        unit: "青川县人民医院".to_owned(),
        plan_title: "安全生产网络舆情应急预案".to_owned(),
        mark: None,
        tier_name: "重大".to_owned(),
        from_tier_name: Some("较大".to_owned()),
        reason: Some(Reason {
            rank: 3,
            tier_name: "重大".to_owned(),
            clause: Clause::Reposts,
            threshold: Some(300),
            note: None,
            heat: heat(),
            window_from: None,
            as_of: at(5),
            with: Vec::new(),
        }),
        gist: "孩子高烧在急诊排队四小时无人接诊".to_owned(),
        excerpt: "昨晚带孩子去县医院急诊，高烧 39 度排了四个小时，<b>没有人</b>管。".to_owned(),
        posts: vec![
            PostLine {
                site: "weibo".to_owned(),
                url: "https://weibo.example/1?a=1&b=2".to_owned(),
                title: "急诊排队四小时".to_owned(),
                published_at: Some(at(-90)),
                first_seen_at: at(-20),
                views: None,
                reposts: Some(Count::exact(312)),
            },
            PostLine {
                site: "luntan".to_owned(),
                url: "javascript:alert(1)".to_owned(),
                title: "县医院急诊 & 排队".to_owned(),
                published_at: None,
                first_seen_at: at(-600),
                views: Some(Count::about(12_000)),
                reposts: None,
            },
            PostLine {
                site: "video".to_owned(),
                url: String::new(),
                title: "急诊现场".to_owned(),
                published_at: Some(at(-60)),
                first_seen_at: at(-10),
                views: Some(Count::at_least(100_000)),
                reposts: None,
            },
        ],
        detected_at: Some(at(-600)),
        deadlines: vec![
            DeadlineLine { kind: DeadlineKind::Acknowledge, due_at: at(10), name: None },
            DeadlineLine { kind: DeadlineKind::Response, due_at: at(24 * 60), name: None },
        ],
        line: Some("本单位".to_owned()),
        step: Some(2),
        digest: Vec::new(),
        digest_total: 0,
        note: String::new(),
        groups: vec!["单位".to_owned()],
        kinds: Kinds { proposed: Some(ContentKind::Demand), decided: None },
        confirm: true,
        forecasts: Vec::new(),
        paper: None,
        led_by: None,
    }
}

pub fn notice(kind: NoticeKind, channel: ChannelKind) -> Notice {
    Notice {
        id: NoticeId(format!("12/{}/major/0/总值班室/{}", kind.id(), channel.id())),
        incident: Some(IncidentId(12)),
        kind,
        rank: 3,
        contact: "总值班室".to_owned(),
        channel,
        address: match channel {
            ChannelKind::Email => "duty.officer@qingchuan.example".to_owned(),
            ChannelKind::Robot => "值班群".to_owned(),
            ChannelKind::Webhook => "指挥平台".to_owned(),
            ChannelKind::Ntfy => "yuqing-8f3a61c0".to_owned(),
            _ => "13812345678".to_owned(),
        },
        created_at: at(0),
        due_at: at(5),
        facts: facts().into(),
        state: NoticeState::Pending,
    }
}

pub fn digest(kind: NoticeKind) -> Notice {
    let line = |id, gist: &str, url: &str| DigestLine {
        groups: vec!["专题 招生·分数线".to_owned()],
        kinds: Kinds { proposed: Some(ContentKind::Demand), decided: None },
        incident: IncidentId(id),
        gist: gist.to_owned(),
        tier_name: "一般".to_owned(),
        heat: heat(),
        url: url.to_owned(),
        first_seen_at: at(-120),
        led_by: None,
    };
    let lines = vec![
        line(21, "停车场收费", "https://luntan.example/21"),
        line(22, "体检预约难", "https://luntan.example/22"),
    ];
    let facts = Facts { unit: "青川县人民医院".to_owned(), digest: lines, ..Facts::default() };
    Notice { incident: None, facts: facts.into(), ..notice(kind, ChannelKind::Email) }
}
