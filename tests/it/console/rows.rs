//! An office's day in rows: a plan of four tiers, a critical incident on three sites, a general one.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    desk::Change,
    model::{
        Base, ChannelKind, Clause, Clauses, Count, Deadline, DeadlineKind, DeadlineState, DigestTimes, Entry,
        Facts, Heat, Incident, IncidentId, IncidentState, Line, Notice, NoticeId, NoticeKind, NoticeState,
        ObservationRow, Plan, Post, PostKey, PostRow, Reason, ReportKind, Role, SiteKind, Telling, TierRule,
        statement_window,
    },
};

pub const UNIT: &str = "青禾县人民医院";

/// The present of the tests.
pub fn now() -> Timestamp {
    "2026-11-21T06:05:00Z".parse().expect("an instant")
}

/// So many seconds before the present.
pub fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

pub fn plan() -> Arc<Plan> {
    let tier = |(rank, id, name, views, reposts): (usize, &str, &str, Option<u64>, Option<u64>)| TierRule {
        id: id.to_owned(),
        name: name.to_owned(),
        rank,
        clauses: Clauses { views_over: views, reposts_over: reposts, ..Clauses::default() },
        telling: if rank == 0 { Telling::Digest } else { Telling::AtOnce },
        lines: vec![Line {
            name: "本单位".into(),
            steps: vec![vec!["值班员".into()], vec!["带班领导".into()]],
            ..Line::default()
        }],
        copies: Vec::new(),
        channels: vec![ChannelKind::Email, ChannelKind::Sms],
        report: Some(SignedDuration::from_mins(5)),
        acknowledge: Some(SignedDuration::from_mins(10)),
        response: None,
        paper: ReportKind::Special,
        ..TierRule::default()
    };
    let tiers = [
        (0, "general", "一般", None, None),
        (1, "elevated", "较大", Some(1_000), Some(100)),
        (2, "major", "重大", Some(10_000), Some(300)),
        (3, "critical", "特别重大", Some(50_000), Some(500)),
    ];
    Arc::new(Plan {
        id: "work-safety".into(),
        title: "应急预案".into(),
        zone: "Asia/Shanghai".into(),
        tiers: tiers.map(tier).to_vec(),
        min_sites: 1,
        count_shares: false,
        digest: DigestTimes::Daily(Vec::new()),
        administrators: Vec::new(),
        exercise_mark: None,
        statement_window: statement_window(),
        ..Plan::default()
    })
}

/// Text that comes from outside, by field, so that a test can make it hostile.
#[derive(Debug, Clone)]
pub struct Outside {
    pub gist: String,
    pub title: String,
    pub text: String,
    pub url: String,
    pub site: String,
    pub why: String,
    pub answer: String,
    pub source: String,
}

impl Default for Outside {
    fn default() -> Self {
        Self {
            gist: "青禾县人民医院收费窗口排队三小时，自助机全部停用".into(),
            title: "青禾县人民医院收费窗口排队三小时，自助机全部停用".into(),
            text: "今天上午带老人去看病，收费窗口排队三小时，没有一个工作人员出来解释。".into(),
            url: "https://luntan.example/thread-1-1-1.html".into(),
            site: "青禾论坛".into(),
            why: "首次发现".into(),
            answer: "550 mailbox unavailable".into(),
            source: "青禾论坛".into(),
        }
    }
}

impl Outside {
    /// The same text in every field.
    pub fn all(text: &str) -> Self {
        let text = text.to_owned();
        Self {
            gist: text.clone(),
            title: text.clone(),
            text: text.clone(),
            url: text.clone(),
            site: text.clone(),
            why: text.clone(),
            answer: text.clone(),
            source: text,
        }
    }
}

pub fn incident(id: u64, rank: usize, outside: &Outside) -> Incident {
    let sites = vec![outside.site.clone(), "weibo".into(), "douyin".into()];
    let heat = Heat {
        daily_views: Some(52_310),
        reposts: Some(612),
        comments: Some(388),
        sites: if rank == 0 { vec![outside.site.clone()] } else { sites },
        posts: 5,
        ..Heat::default()
    };
    let heat =
        if rank == 0 { Heat { daily_views: Some(210), reposts: None, posts: 1, ..heat } } else { heat };
    let plan = plan();
    let tier = plan.tier(rank);
    let reason = Reason {
        rank,
        tier_name: tier.name.clone(),
        clause: if rank == 0 { Clause::Lowest } else { Clause::Views },
        threshold: tier.clauses.views_over,
        note: None,
        heat: heat.clone(),
        window_from: None,
        as_of: ago(60),
        with: Vec::new(),
    };
    Incident {
        course: Default::default(),
        kinds: Default::default(),
        id: IncidentId(id),
        unit: UNIT.into(),
        state: IncidentState::Open,
        rank,
        reason,
        graded_at: ago(240),
        detected_at: ago(3_600),
        published_at: Some(ago(3_700)),
        opened_at: ago(3_600),
        closed_at: None,
        reopened: 0,
        heat,
        gist: outside.gist.clone(),
        acks: Vec::new(),
        lines: Vec::new(),
        told_rank: (rank > 0).then_some(rank),
        responded_at: None,
        at_least: None,
        overridden: None,
        told_directly: Vec::new(),
        in_digest: false,
        held: None,
        merged_into: None,
        apart: Vec::new(),
        told_as: Vec::new(),
        groups: vec!["医院".into()],
        outlook: yuqing::model::Outlook::default(),
        epoch: 1,
        plan,
    }
}

pub fn post(incident: u64, id: &str, kind: SiteKind, outside: &Outside) -> PostRow {
    let site = match kind {
        SiteKind::Microblog => "weibo".into(),
        SiteKind::Video => "douyin".into(),
        _ => outside.site.clone(),
    };
    PostRow {
        kind: None,
        unit: UNIT.into(),
        incident: IncidentId(incident),
        post: Post {
            key: PostKey { site, id: id.into() },
            site_kind: kind,
            url: outside.url.clone(),
            title: outside.title.clone(),
            text: outside.text.clone(),
            quoted: String::new(),
            published: None,
            repost_of: None,
            links: Vec::new(),
        },
        role: Role::Root,
        notify: Vec::new(),
        closed_reposts: None,
        why: outside.why.clone(),
        first_seen_at: ago(3_600),
        last_seen_at: ago(10),
        published_at: Some(ago(3_700)),
        precision: None,
        backlog: false,
        own_fetches: 0,
        reposts: (kind == SiteKind::Microblog).then_some(Count::exact(612)),
        first_reposts: None,
        comments: Some(Count::exact(120)),
        likes: None,
        views: (kind != SiteKind::Microblog).then_some(Count::about(26_000)),
        groups: vec!["医院".into()],
        compared: None,
        surfaces: vec!["青禾县人民医院".into()],
        marks: Vec::new(),
        source: outside.source.clone(),
    }
}

/// Twenty looks at a post whose counter grows to `top`.
pub fn looks(row: &PostRow, top: u64) -> Vec<Change> {
    let look = |step: u64| {
        let count = Some(Count::exact(top * step * step / 400));
        let views = row.post.site_kind != SiteKind::Microblog;
        Change::Observation(ObservationRow {
            unit: row.unit.clone(),
            post: row.post.key.clone(),
            at: ago(3_600 - 180 * i64::try_from(step).unwrap_or(0) + 60),
            views: count.filter(|_| views),
            reposts: count.filter(|_| !views),
            comments: None,
            likes: None,
        })
    };
    (1..=20).map(look).collect()
}

pub fn deadline(incident: u64, kind: DeadlineKind, base: i64, due_in: i64, state: DeadlineState) -> Change {
    let line = (kind == DeadlineKind::Acknowledge).then(|| "本单位".to_owned());
    Change::Deadline(Deadline {
        key: format!("{incident}/{}/{due_in}", kind.id()),
        incident: IncidentId(incident),
        kind,
        rank: 3,
        line,
        step: 0,
        base: Base::Graded,
        base_at: ago(base),
        due_at: ago(-due_in),
        state,
        warned: false,
        duty: None,
        name: None,
        warnings: 0,
        reminders: 0,
        passed: false,
        moved: false,
    })
}

pub fn notice(
    id: &str,
    incident: &Incident,
    contact: &str,
    channel: ChannelKind,
    state: NoticeState,
) -> Notice {
    let address = match channel {
        ChannelKind::Email => "zhiban@qinghe.example",
        ChannelKind::Sms | ChannelKind::Phone => "13800000001",
        _ => "",
    };
    Notice {
        id: NoticeId(id.into()),
        incident: Some(incident.id),
        kind: NoticeKind::Rise,
        rank: incident.rank,
        contact: contact.into(),
        channel,
        address: address.into(),
        created_at: ago(230),
        due_at: ago(-70),
        facts: Facts {
            unit: incident.unit.clone(),
            tier_name: incident.reason.tier_name.clone(),
            reason: Some(incident.reason.clone()),
            gist: incident.gist.clone(),
            confirm: true,
            ..Facts::default()
        }
        .into(),
        state,
    }
}

pub fn entry(incident: u64, seconds_ago: i64, kind: &str, text: &str) -> Change {
    Change::Entry(Entry {
        incident: Some(IncidentId(incident)),
        at: ago(seconds_ago),
        kind: kind.into(),
        by: None,
        from: None,
        text: text.into(),
    })
}

/// The whole day: a critical incident (1) with everything, a general one (2).
pub fn day(outside: &Outside) -> Vec<Change> {
    let grave = incident(1, 3, outside);
    let small = incident(2, 0, &Outside { gist: "请问体检中心周末上班吗".into(), ..outside.clone() });
    let kinds =
        [("t1", SiteKind::Forum, 30_000), ("w1", SiteKind::Microblog, 612), ("d1", SiteKind::Video, 22_310)];
    let mut changes = vec![Change::Incident(Box::new(grave.clone())), Change::Incident(Box::new(small))];
    for (id, kind, top) in kinds {
        let row = post(1, id, kind, outside);
        changes.extend(looks(&row, top));
        changes.push(Change::Post(Box::new(row)));
    }
    changes.push(Change::Post(Box::new(post(2, "t2", SiteKind::Forum, outside))));
    let refused = NoticeState::Refused { at: ago(200), why: outside.answer.clone() };
    let notices = [
        notice(
            "1/rise/3/zb/email",
            &grave,
            "值班员",
            ChannelKind::Email,
            NoticeState::Accepted { at: ago(228), arrived_at: None },
        ),
        notice(
            "1/rise/3/zb/sms",
            &grave,
            "值班员",
            ChannelKind::Sms,
            NoticeState::Accepted { at: ago(227), arrived_at: None },
        ),
        notice("1/rise/3/zb/phone", &grave, "值班员", ChannelKind::Phone, NoticeState::Pending),
        notice("1/rise/3/ld/email", &grave, "带班领导", ChannelKind::Email, refused),
        notice("1/rise/3/ld/sms", &grave, "带班领导", ChannelKind::Sms, NoticeState::Pending),
    ];
    changes.extend(notices.map(|notice| Change::Notice(Box::new(notice))));
    changes.extend([
        deadline(1, DeadlineKind::Report, 240, 60, DeadlineState::Met { at: ago(227) }),
        deadline(1, DeadlineKind::Acknowledge, 240, 60, DeadlineState::Running),
        deadline(1, DeadlineKind::Response, 3_600, 14_000, DeadlineState::Running),
        deadline(1, DeadlineKind::Acknowledge, 900, -62, DeadlineState::Overdue),
        entry(1, 3_600, "opened", "立案: 一般"),
        entry(1, 240, "tier", &outside.text),
    ]);
    changes
}
