//! Small valid rows to put into a store.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use yuqing::model::{
    Base, ChannelKind, Clause, Clauses, Count, Deadline, DeadlineKind, DeadlineState, Delivery, DigestTimes,
    Entry, Facts, Heat, Incident, IncidentId, IncidentState, Notice, NoticeId, NoticeKind, NoticeState,
    ObservationRow, Outcome, Plan, Post, PostKey, PostRow, Reason, ReportKind, Role, SiteKind, Telling,
    TierRule, statement_window,
};

pub const UNIT: &str = "青川县人民医院";

/// An instant, so many seconds after the start of the test's day.
pub fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

pub fn plan(title: &str) -> Arc<Plan> {
    let tier = TierRule {
        id: "general".to_owned(),
        name: "一般".to_owned(),
        rank: 0,
        clauses: Clauses::default(),
        telling: Telling::Digest,
        lines: Vec::new(),
        copies: Vec::new(),
        channels: vec![ChannelKind::Email],
        report: None,
        acknowledge: None,
        response: None,
        paper: ReportKind::Digest,
        ..TierRule::default()
    };
    Arc::new(Plan {
        id: "work-safety".to_owned(),
        title: title.to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        tiers: vec![tier],
        min_sites: 1,
        count_shares: false,
        digest: DigestTimes::Daily(Vec::new()),
        administrators: Vec::new(),
        exercise_mark: None,
        statement_window: statement_window(),
        ..Plan::default()
    })
}

pub fn incident(id: u64, rank: usize) -> Incident {
    let heat =
        Heat { daily_views: Some(1_001), sites: vec!["luntan".to_owned()], posts: 1, ..Heat::default() };
    Incident {
        course: Default::default(),
        kinds: Default::default(),
        id: IncidentId(id),
        unit: UNIT.to_owned(),
        plan: plan("预案"),
        state: IncidentState::Open,
        rank,
        reason: Reason {
            rank,
            tier_name: "一般".to_owned(),
            clause: Clause::Views,
            threshold: Some(1_000),
            note: None,
            heat: heat.clone(),
            window_from: None,
            as_of: at(0),
            with: Vec::new(),
        },
        graded_at: at(0),
        detected_at: at(0),
        published_at: None,
        opened_at: at(i64::try_from(id).unwrap()),
        closed_at: None,
        reopened: 0,
        heat,
        gist: "急诊排队四小时".to_owned(),
        epoch: 0,
        acks: Vec::new(),
        lines: Vec::new(),
        told_rank: None,
        responded_at: None,
        at_least: None,
        overridden: None,
        told_directly: Vec::new(),
        in_digest: false,
        held: None,
        merged_into: None,
        apart: Vec::new(),
        told_as: Vec::new(),
        groups: Vec::new(),
        outlook: yuqing::model::Outlook::default(),
    }
}

pub fn key(id: &str) -> PostKey {
    PostKey { site: "luntan".to_owned(), id: id.to_owned() }
}

pub fn post(incident: u64, id: &str) -> PostRow {
    PostRow {
        kind: None,
        unit: UNIT.to_owned(),
        incident: IncidentId(incident),
        post: Post {
            key: key(id),
            site_kind: SiteKind::Forum,
            url: format!("https://luntan.example/{id}"),
            title: "急诊排队四小时".to_owned(),
            text: "孩子高烧，等了四个小时。".to_owned(),
            quoted: String::new(),
            published: None,
            repost_of: None,
            links: Vec::new(),
        },
        role: Role::Root,
        why: "first".to_owned(),
        first_seen_at: at(0),
        last_seen_at: at(0),
        published_at: None,
        precision: None,
        backlog: false,
        own_fetches: 0,
        reposts: None,
        closed_reposts: None,
        first_reposts: None,
        comments: None,
        likes: None,
        views: None,
        groups: vec!["单位".to_owned()],
        compared: None,
        surfaces: vec!["县医院".to_owned()],
        marks: Vec::new(),
        notify: Vec::new(),
        source: "某论坛".to_owned(),
    }
}

pub fn observation(post: &str, seconds: i64, views: Option<Count>) -> ObservationRow {
    ObservationRow {
        unit: UNIT.to_owned(),
        post: key(post),
        at: at(seconds),
        views,
        reposts: None,
        comments: None,
        likes: None,
    }
}

pub fn deadline(incident: u64, kind: DeadlineKind, due: i64, state: DeadlineState) -> Deadline {
    Deadline {
        key: format!("{incident}/{}/general/{due}", kind.id()),
        incident: IncidentId(incident),
        kind,
        rank: 0,
        line: None,
        step: 0,
        base: Base::Graded,
        base_at: at(0),
        due_at: at(due),
        state,
        warned: false,
        duty: None,
        name: None,
        warnings: 0,
        reminders: 0,
        passed: false,
        moved: false,
    }
}

pub fn notice(id: &str, channel: ChannelKind, due: i64) -> Notice {
    Notice {
        id: NoticeId(id.to_owned()),
        incident: Some(IncidentId(1)),
        kind: NoticeKind::Alert,
        rank: 3,
        contact: "总值班室".to_owned(),
        channel,
        address: "duty@example.org".to_owned(),
        created_at: at(0),
        due_at: at(due),
        facts: Facts { unit: UNIT.to_owned(), tier_name: "重大".to_owned(), ..Facts::default() }.into(),
        state: NoticeState::Pending,
    }
}

pub fn failed(id: &str, attempt: u32) -> Delivery {
    let outcome = Outcome::Retry { why: "451 try later".to_owned() };
    Delivery { notice: NoticeId(id.to_owned()), at: at(10), attempt, outcome, parts: 0 }
}

pub fn entry(incident: Option<u64>, text: &str) -> Entry {
    Entry {
        incident: incident.map(IncidentId),
        at: at(0),
        kind: "opened".to_owned(),
        by: None,
        from: None,
        text: text.to_owned(),
    }
}
