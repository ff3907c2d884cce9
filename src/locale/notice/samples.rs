//! Messages of every kind to try an office's template on.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};

use super::{Wording, templates::Templates, view::View};
use crate::{
    locale::Locale,
    model::{
        ChannelKind, Clause, Count, DeadlineKind, DeadlineLine, Detail, DigestLine, Facts, Heat, IncidentId,
        Notice, NoticeId, NoticeKind, NoticeState, PostLine, Reason,
    },
};

/// Views of a full alert, a brief one, a digest, and an operations notice that says almost nothing.
pub(super) fn samples() -> Vec<View> {
    let (templates, zone) = (Templates::default(), TimeZone::UTC);
    let full = wording(&templates, &zone, Detail::Full);
    let brief = wording(&templates, &zone, Detail::Brief);
    let alert = alert();
    let mut digest = Notice { incident: None, kind: NoticeKind::Digest, ..alert.clone() };
    digest.facts =
        Facts { unit: "示范单位".to_owned(), digest: vec![digest_line()], ..Facts::default() }.into();
    let mut bare = Notice { incident: None, kind: NoticeKind::Operations, ..alert.clone() };
    bare.facts = Facts { note: "网络已断".to_owned(), ..Facts::default() }.into();
    vec![
        View::of(&alert, &full),
        View::of(&alert, &brief),
        View::of(&digest, &full),
        View::of(&bare, &Wording { confirm_url: None, code: None, console_url: None, ..full }),
    ]
}

fn wording<'a>(templates: &'a Templates, zone: &'a TimeZone, detail: Detail) -> Wording<'a> {
    Wording {
        locale: Locale::ZhCn,
        zone,
        detail,
        confirm_url: Some("https://yuqing.example.gov.cn/confirm/x"),
        code: Some("4821"),
        console_url: Some("https://yuqing.example.gov.cn/incidents/17"),
        templates,
    }
}

fn alert() -> Notice {
    let now = Timestamp::UNIX_EPOCH;
    Notice {
        id: NoticeId("17/0/alert/0.0/-/值班员/email".to_owned()),
        incident: Some(IncidentId(17)),
        kind: NoticeKind::Alert,
        rank: 2,
        contact: "值班员".to_owned(),
        channel: ChannelKind::Email,
        address: "zhiban@example.gov.cn".to_owned(),
        created_at: now,
        due_at: now,
        facts: Arc::new(Facts {
            unit: "示范单位".to_owned(),
            plan_title: "预案".to_owned(),
            mark: Some("演练".to_owned()),
            tier_name: "重大".to_owned(),
            reason: Some(Reason {
                rank: 2,
                tier_name: "重大".to_owned(),
                clause: Clause::Reposts,
                threshold: Some(300),
                note: None,
                heat: heat(),
                window_from: None,
                as_of: now,
                with: Vec::new(),
            }),
            gist: "停水三天无人答复".to_owned(),
            excerpt: "小区停水三天，打电话无人答复。".to_owned(),
            posts: vec![PostLine {
                site: "luntan".to_owned(),
                url: "https://luntan.example/1".to_owned(),
                title: "停水三天".to_owned(),
                published_at: None,
                first_seen_at: now,
                views: Some(Count::exact(1_200)),
                reposts: None,
            }],
            detected_at: Some(now),
            deadlines: vec![DeadlineLine { kind: DeadlineKind::Acknowledge, due_at: now, name: None }],
            groups: vec!["单位".to_owned()],
            confirm: true,
            ..Facts::default()
        }),
        state: NoticeState::Pending,
    }
}

fn heat() -> Heat {
    Heat { daily_views: Some(1_200), reposts: Some(312), posts: 3, ..Heat::default() }
}

fn digest_line() -> DigestLine {
    DigestLine {
        led_by: None,
        incident: IncidentId(21),
        gist: "停车收费".to_owned(),
        tier_name: "一般".to_owned(),
        heat: heat(),
        url: "https://luntan.example/21".to_owned(),
        first_seen_at: Timestamp::UNIX_EPOCH,
        groups: Vec::new(),
        kinds: crate::model::Kinds::default(),
    }
}
