//! What every engine must do, as functions over the contract: each gets an empty store.

use std::sync::Arc;

use jiff::SignedDuration;
use yuqing::{
    desk::{Change, DeskState, Glance},
    model::{
        ChannelKind, Count, DeadlineKind, DeadlineState, IncidentId, IncidentState, Notice, NoticeId,
        NoticeState, ObservationRow, PostRow,
    },
    store::{IncidentFilter, SourceChange, SourceState, Store},
};

use super::rows::{at, deadline, entry, failed, incident, key, notice, observation, plan, post};

/// All of them, one after the other, each on a store of its own.
pub async fn all<S: Store>(mut empty: impl FnMut() -> S) {
    rows_come_back(&empty()).await;
    applying_twice_changes_nothing(&empty()).await;
    what_comes_again_under_one_number_is_written_once(&empty()).await;
    a_batch_is_all_or_nothing(&empty()).await;
    the_order_within_a_batch_is_free(&empty()).await;
    incidents_are_listed_gravest_and_newest_first(&empty()).await;
    a_merged_incident_leads_to_its_survivor(&empty()).await;
    a_post_moves_with_its_observations(&empty()).await;
    plans_are_snapshots(&empty()).await;
    restore_reaches_back_far_enough(&empty()).await;
    restore_knows_each_counter_before_the_edge(&empty()).await;
    the_outbox_drains_earliest_due_first(&empty()).await;
    what_is_overdue_goes_gravest_first(&empty()).await;
    a_failed_attempt_waits(&empty()).await;
    what_is_over_is_never_sent_again(&empty()).await;
    accepted_ones_are_found_by_channel_and_age(&empty()).await;
    what_an_address_was_asked_is_found_behind_any_storm(&empty()).await;
    open_deadlines_are_those_that_run_or_are_late(&empty()).await;
    sources_and_values_are_kept(&empty()).await;
    counters_keep_their_exactness(&empty()).await;
    whoever_watches_hears_of_each_write(&empty()).await;
    super::usage::all(&mut empty).await;
    super::sweep::all(&mut empty).await;
    super::versions::all(&mut empty).await;
    super::listing::all(&mut empty).await;
    super::record::all(&mut empty).await;
}

async fn rows_come_back(store: &dyn Store) {
    let state = DeskState { next_id: 2, ..DeskState::default() };
    let rows = vec![
        Change::State(state.clone()),
        Change::Incident(Box::new(incident(1, 2))),
        Change::Post(Box::new(post(1, "a"))),
        Change::Observation(observation("a", 5, Some(Count::exact(7)))),
        Change::Deadline(deadline(1, DeadlineKind::Report, 300, DeadlineState::Running)),
        Change::Notice(Box::new(notice("1/alert", ChannelKind::Email, 300))),
        Change::Entry(entry(Some(1), "立案")),
        Change::Entry(entry(None, "启动")),
    ];
    store.commit(rows).await.unwrap();

    let view = store.incident(IncidentId(1)).await.unwrap().unwrap();
    assert_eq!(view.incident, incident(1, 2));
    assert_eq!(view.posts, [post(1, "a")]);
    assert_eq!(view.observations, [observation("a", 5, Some(Count::exact(7)))]);
    assert_eq!(view.deadlines, [deadline(1, DeadlineKind::Report, 300, DeadlineState::Running)]);
    assert_eq!(view.notices, [notice("1/alert", ChannelKind::Email, 300)]);
    assert_eq!(view.entries, [entry(Some(1), "立案")]);
    assert_eq!(store.entries(1).await.unwrap(), [entry(None, "启动")]);
    assert_eq!(store.incidents_of_post(&key("a")).await.unwrap(), [IncidentId(1)]);
    assert_eq!(store.incidents_of_post(&key("b")).await.unwrap(), []);
    assert_eq!(
        store.notice(&NoticeId("1/alert".to_owned())).await.unwrap(),
        Some(notice("1/alert", ChannelKind::Email, 300))
    );
    assert!(store.incident(IncidentId(9)).await.unwrap().is_none());

    let restored = store.restore().await.unwrap();
    assert_eq!(restored.state, Some(state));
    assert_eq!(restored.incidents, [view.incident]);
    assert_eq!(restored.posts, view.posts);
    assert_eq!(restored.looks.concat(), view.observations.iter().map(glance).collect::<Vec<_>>());
    assert_eq!(restored.deadlines, view.deadlines);
    assert_eq!(restored.notices, view.notices);
    store.ping().await.unwrap();
    assert!(store.size_bytes().await.unwrap() > 0);
}

async fn applying_twice_changes_nothing(store: &dyn Store) {
    let rows = vec![
        Change::Incident(Box::new(incident(1, 2))),
        Change::Post(Box::new(post(1, "a"))),
        Change::Observation(observation("a", 5, Some(Count::exact(7)))),
        Change::Deadline(deadline(1, DeadlineKind::Report, 300, DeadlineState::Running)),
        Change::Notice(Box::new(notice("1/alert", ChannelKind::Email, 300))),
    ];
    store.commit(rows.clone()).await.unwrap();
    let once = format!("{:?}", store.restore().await.unwrap());
    store.commit(rows).await.unwrap();
    assert_eq!(format!("{:?}", store.restore().await.unwrap()), once);
}

async fn what_comes_again_under_one_number_is_written_once(store: &dyn Store) {
    let said = async || {
        store.entries(9).await.unwrap().into_iter().rev().map(|entry| entry.text).collect::<Vec<_>>()
    };
    let row =
        |rank, text| vec![Change::Incident(Box::new(incident(1, rank))), Change::Entry(entry(Some(1), text))];
    assert_eq!(store.last_commit().await.unwrap(), 0);
    for _ in 0..3 {
        store.commit_numbered(1, row(0, "立案")).await.unwrap();
    }
    assert_eq!(said().await, ["立案"], "tried again");
    store.commit_numbered(2, row(0, "立案")).await.unwrap();
    assert_eq!(said().await, ["立案", "立案"], "the same words under another number are another entry");

    let mut refused = row(2, "升级");
    refused.push(Change::Observation(observation("nobody's", 5, None)));
    assert!(store.commit_numbered(3, refused).await.is_err());
    store.commit_numbered(3, row(2, "升级")).await.unwrap();
    assert_eq!(said().await, ["立案", "立案", "升级"], "what was not written is written when it comes again");
    assert_eq!(store.incident(IncidentId(1)).await.unwrap().unwrap().incident.rank, 2);
    assert_eq!(store.last_commit().await.unwrap(), 3);

    let rows = vec![Change::Incident(Box::new(incident(1, 1)))];
    store.commit_numbered(4, rows).await.unwrap();
    assert_eq!(store.incident(IncidentId(1)).await.unwrap().unwrap().incident.rank, 1, "rows need no number");
    store.commit(vec![Change::Entry(entry(None, "启动"))]).await.unwrap();
    store.commit(vec![Change::Entry(entry(None, "启动"))]).await.unwrap();
    assert_eq!(said().await.len(), 5, "without a number each is its own");
    assert!(store.commit_numbered(2, row(0, "迟到")).await.is_err(), "a number is not given twice");
    store.commit_numbered(9, row(0, "结案")).await.unwrap();
    assert_eq!((said().await.len(), store.last_commit().await.unwrap()), (6, 9), "gaps do no harm");
}

async fn a_batch_is_all_or_nothing(store: &dyn Store) {
    let rows = vec![
        Change::Incident(Box::new(incident(1, 2))),
        Change::Entry(entry(Some(1), "立案")),
        Change::Observation(observation("nobody's", 5, None)),
    ];
    assert!(store.commit(rows).await.is_err(), "an observation of no member must be refused");
    assert!(store.incidents(IncidentFilter::default()).await.unwrap().is_empty());
    assert!(store.entries(9).await.unwrap().is_empty());
}

async fn the_order_within_a_batch_is_free(store: &dyn Store) {
    let rows = vec![
        Change::Observation(observation("a", 5, None)),
        Change::Deadline(deadline(1, DeadlineKind::Report, 300, DeadlineState::Running)),
        Change::Post(Box::new(post(1, "a"))),
        Change::Incident(Box::new(incident(1, 0))),
        Change::Incident(Box::new(incident(1, 2))),
    ];
    store.commit(rows).await.unwrap();
    let view = store.incident(IncidentId(1)).await.unwrap().unwrap();
    assert_eq!((view.incident.rank, view.observations.len()), (2, 1));
}

async fn incidents_are_listed_gravest_and_newest_first(store: &dyn Store) {
    let mut closed = incident(3, 4);
    closed.state = IncidentState::Closed;
    let mut other = incident(5, 0);
    other.unit = "青川县教育局".to_owned();
    let all = [incident(1, 2), incident(2, 4), closed, incident(4, 2), other];
    store.commit(all.into_iter().map(|one| Change::Incident(Box::new(one))).collect()).await.unwrap();

    let listed = async |filter| {
        let found = store.incidents(filter).await.unwrap();
        found.iter().map(|one| one.id.0).collect::<Vec<_>>()
    };
    assert_eq!(listed(IncidentFilter::default()).await, [3, 2, 4, 1, 5]);
    assert_eq!(listed(IncidentFilter { open_only: true, ..IncidentFilter::default() }).await, [2, 4, 1, 5]);
    assert_eq!(listed(IncidentFilter { limit: 2, ..IncidentFilter::default() }).await, [3, 2]);
    let unit = Some("青川县教育局".to_owned());
    assert_eq!(listed(IncidentFilter { unit, ..IncidentFilter::default() }).await, [5]);
}

async fn a_merged_incident_leads_to_its_survivor(store: &dyn Store) {
    let merged = |id, into| {
        let mut one = incident(id, 0);
        one.state = IncidentState::Merged;
        one.merged_into = Some(IncidentId(into));
        Change::Incident(Box::new(one))
    };
    store.commit(vec![Change::Incident(Box::new(incident(1, 2))), merged(2, 1), merged(3, 2)]).await.unwrap();
    let view = store.incident(IncidentId(3)).await.unwrap().unwrap();
    assert_eq!(view.incident.id, IncidentId(1));
}

async fn a_post_moves_with_its_observations(store: &dyn Store) {
    let rows = vec![
        Change::Incident(Box::new(incident(1, 2))),
        Change::Incident(Box::new(incident(2, 2))),
        Change::Post(Box::new(post(1, "a"))),
        Change::Observation(observation("a", 5, None)),
    ];
    store.commit(rows).await.unwrap();
    store.commit(vec![Change::Post(Box::new(post(2, "a")))]).await.unwrap();
    let left = store.incident(IncidentId(1)).await.unwrap().unwrap();
    let joined = store.incident(IncidentId(2)).await.unwrap().unwrap();
    assert_eq!((left.posts.len(), left.observations.len()), (0, 0));
    assert_eq!((joined.posts.len(), joined.observations.len()), (1, 1));
    assert_eq!(store.incidents_of_post(&key("a")).await.unwrap(), [IncidentId(2)]);
}

async fn plans_are_snapshots(store: &dyn Store) {
    let mut later = incident(2, 2);
    later.plan = plan("修订后的预案");
    let rows = vec![Change::Incident(Box::new(incident(1, 2))), Change::Incident(Box::new(later))];
    store.commit(rows).await.unwrap();
    store.commit(vec![Change::Incident(Box::new(incident(3, 2)))]).await.unwrap();
    let incidents = store.restore().await.unwrap().incidents;
    let titles: Vec<_> = incidents.iter().map(|one| one.plan.title.as_str()).collect();
    assert_eq!(titles, ["预案", "修订后的预案", "预案"]);
    assert!(std::sync::Arc::ptr_eq(&incidents[0].plan, &incidents[2].plan), "one plan is held once");
}

/// 48 h of observations, and before them those that decide the curve at the edge: the greatest (the
/// counter dipped afterwards) and the last.
async fn restore_reaches_back_far_enough(store: &dyn Store) {
    let hour = 3_600;
    let looks = [(0, 10), (hour, 50), (2 * hour, 20), (3 * hour, 30), (60 * hour, 60), (100 * hour, 70)];
    let seen = PostRow { last_seen_at: at(100 * hour), ..post(1, "a") };
    let mut rows = vec![Change::Incident(Box::new(incident(1, 2))), Change::Post(Box::new(seen))];
    rows.extend(
        looks.map(|(seconds, views)| {
            Change::Observation(observation("a", seconds, Some(Count::exact(views))))
        }),
    );
    store.commit(rows).await.unwrap();
    let kept: Vec<_> = store.restore().await.unwrap().looks.concat().iter().map(|one| one.at).collect();
    assert_eq!(kept, [at(hour), at(3 * hour), at(60 * hour), at(100 * hour)]);
}

/// The last look before those 48 h need not show every counter: the last that does is kept as well.
async fn restore_knows_each_counter_before_the_edge(store: &dyn Store) {
    let hour = 3_600;
    let looks = [(0, None), (hour, Some(40)), (2 * hour, None), (100 * hour, Some(40))];
    let mut seen = PostRow { last_seen_at: at(100 * hour), ..post(1, "a") };
    seen.views = Some(Count::exact(40));
    let mut rows = vec![Change::Incident(Box::new(incident(1, 2))), Change::Post(Box::new(seen))];
    rows.extend(
        looks.map(|(seconds, views)| Change::Observation(observation("a", seconds, views.map(Count::exact)))),
    );
    store.commit(rows).await.unwrap();
    let kept: Vec<_> = store.restore().await.unwrap().looks.concat().iter().map(|one| one.at).collect();
    assert_eq!(kept, [at(hour), at(2 * hour), at(100 * hour)]);
}

async fn the_outbox_drains_earliest_due_first(store: &dyn Store) {
    assert_eq!(store.next_outgoing_at().await.unwrap(), None);
    let rows = [
        notice("late", ChannelKind::Email, 900),
        notice("soon", ChannelKind::Email, 60),
        notice("text", ChannelKind::Sms, 300),
        notice("call", ChannelKind::Phone, 1),
        notice("drill", ChannelKind::Exercise, 1),
    ];
    store.commit(rows.map(|one| Change::Notice(Box::new(one))).into()).await.unwrap();
    let ids = |found: Vec<yuqing::store::Outgoing>| {
        found.into_iter().map(|one| one.notice.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(store.outgoing(at(0), 9).await.unwrap()), ["soon", "text", "late"]);
    assert_eq!(ids(store.outgoing(at(0), 2).await.unwrap()), ["soon", "text"]);
    assert_eq!(ids(store.outgoing_on(ChannelKind::Email, at(0), 9).await.unwrap()), ["soon", "late"]);
    assert_eq!(ids(store.outgoing_on(ChannelKind::Phone, at(0), 9).await.unwrap()), [""; 0]);
    assert!(store.outgoing(at(-1), 9).await.unwrap().is_empty(), "not before they were decided");
    assert_eq!(store.next_outgoing_at().await.unwrap(), Some(at(0)));
    assert_eq!(store.notices(9).await.unwrap().len(), 5);
}

/// More is overdue than one asks for: the gravest is among what comes, however late the trifles are.
async fn what_is_overdue_goes_gravest_first(store: &dyn Store) {
    let mut rows: Vec<_> = (0..600)
        .map(|number| Notice { rank: 0, ..notice(&format!("trifle {number}"), ChannelKind::Email, number) })
        .collect();
    rows.push(Notice { rank: 3, ..notice("grave", ChannelKind::Email, 700) });
    rows.push(Notice { rank: 3, ..notice("grave before", ChannelKind::Email, 650) });
    rows.push(Notice { rank: 2, ..notice("bad", ChannelKind::Email, 10) });
    rows.push(Notice { rank: 2, ..notice("bad text", ChannelKind::Sms, 9) });
    rows.push(Notice { rank: 9, ..notice("in time", ChannelKind::Email, 800) });
    rows.push(Notice { rank: 0, ..notice("in time before", ChannelKind::Email, 799) });
    store.commit(rows.into_iter().map(|one| Change::Notice(Box::new(one))).collect()).await.unwrap();
    let ids = |found: Vec<yuqing::store::Outgoing>| {
        found.into_iter().map(|one| one.notice.id.0).collect::<Vec<_>>()
    };
    let now = at(750);
    let found = ids(store.outgoing_on(ChannelKind::Email, now, 500).await.unwrap());
    assert_eq!(found.len(), 500);
    assert_eq!(found[..5], ["grave before", "grave", "bad", "trifle 0", "trifle 1"]);
    let found = ids(store.outgoing_on(ChannelKind::Email, now, 1_000).await.unwrap());
    assert_eq!(
        found[602..],
        ["trifle 599", "in time before", "in time"],
        "what is in time waits by due time"
    );
    let found = ids(store.outgoing(now, 5).await.unwrap());
    assert_eq!(found, ["grave before", "grave", "bad text", "bad", "trifle 0"]);
    // What is due just now is not overdue.
    let found = ids(store.outgoing_on(ChannelKind::Email, at(0), 2).await.unwrap());
    assert_eq!(found, ["trifle 0", "trifle 1"]);
}

async fn a_failed_attempt_waits(store: &dyn Store) {
    let rows = [notice("a", ChannelKind::Email, 60), notice("b", ChannelKind::Sms, 90)];
    store.commit(rows.map(|one| Change::Notice(Box::new(one))).into()).await.unwrap();
    store.attempted(failed("a", 1), at(25)).await.unwrap();
    let now = store.outgoing(at(24), 9).await.unwrap();
    assert_eq!(now.iter().map(|one| one.notice.id.0.as_str()).collect::<Vec<_>>(), ["b"]);
    let then = store.outgoing_on(ChannelKind::Email, at(25), 9).await.unwrap();
    assert_eq!((then[0].attempts, then[0].next_attempt_at), (1, at(25)));
    assert_eq!(store.next_outgoing_at().await.unwrap(), Some(at(0)));
    assert_eq!(store.next_outgoing_after(at(0)).await.unwrap(), Some(at(25)));
    assert_eq!(store.next_outgoing_after(at(25)).await.unwrap(), None);
    store.attempted(failed("unknown", 1), at(1)).await.unwrap();
}

async fn what_is_over_is_never_sent_again(store: &dyn Store) {
    let first = notice("a", ChannelKind::Email, 60);
    let with = |state| {
        let mut one = first.clone();
        one.state = state;
        Arc::make_mut(&mut one.facts).gist = "改写".to_owned();
        vec![Change::Notice(Box::new(one))]
    };
    store.commit(vec![Change::Notice(Box::new(first.clone()))]).await.unwrap();
    store.commit(with(NoticeState::Accepted { at: at(9), arrived_at: None })).await.unwrap();
    store.commit(with(NoticeState::Pending)).await.unwrap();
    store.attempted(failed("a", 2), at(1)).await.unwrap();

    assert!(store.outgoing(at(999), 9).await.unwrap().is_empty());
    let kept = store.notice(&first.id).await.unwrap().unwrap();
    assert_eq!(kept.state, NoticeState::Accepted { at: at(9), arrived_at: None });
    assert_eq!(kept.facts, first.facts, "what was decided to be said stays");

    let bounced = NoticeState::Refused { at: at(99), why: "bounced".to_owned() };
    store.commit(with(bounced.clone())).await.unwrap();
    assert_eq!(store.notice(&first.id).await.unwrap().unwrap().state, bounced);
}

async fn accepted_ones_are_found_by_channel_and_age(store: &dyn Store) {
    let accepted = |id: &str, channel, decided| {
        let mut one = notice(id, channel, 900);
        (one.created_at, one.state) = (at(decided), NoticeState::Accepted { at: at(800), arrived_at: None });
        one
    };
    let arrived = NoticeState::Accepted { at: at(800), arrived_at: Some(at(801)) };
    let rows = [
        accepted("old", ChannelKind::Sms, 9),
        accepted("first", ChannelKind::Sms, 10),
        accepted("mail", ChannelKind::Email, 11),
        Notice { state: NoticeState::Pending, ..accepted("waits", ChannelKind::Sms, 12) },
        Notice { state: arrived, ..accepted("arrived", ChannelKind::Sms, 13) },
        Notice {
            state: NoticeState::Refused { at: at(1), why: "no".into() },
            ..accepted("refused", ChannelKind::Sms, 14)
        },
        accepted("last", ChannelKind::Sms, 15),
    ];
    store.commit(rows.map(|one| Change::Notice(Box::new(one))).into()).await.unwrap();
    let found = store.accepted_on(ChannelKind::Sms, at(10), 9).await.unwrap();
    let ids = |found: &[Notice]| found.iter().map(|one| one.id.0.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&found), ["last", "arrived", "first"]);
    assert_eq!(found[1].state, NoticeState::Accepted { at: at(800), arrived_at: Some(at(801)) });
    assert_eq!(ids(&store.accepted_on(ChannelKind::Sms, at(10), 1).await.unwrap()), ["last"]);
}

/// A leader was asked by text message; 3,000 notices to others came after it.
async fn what_an_address_was_asked_is_found_behind_any_storm(store: &dyn Store) {
    let asked = |id: &str, incident, address: &str, seconds| {
        let mut one = notice(id, ChannelKind::Sms, seconds + 300);
        one.incident = incident;
        Arc::make_mut(&mut one.facts).confirm = true;
        one.created_at = at(seconds);
        Notice { address: address.to_owned(), ..one }
    };
    let (mine, one) = ("13800000001", Some(IncidentId(1)));
    let mut archived = incident(2, 3);
    archived.state = IncidentState::Archived;
    let mut merged = incident(3, 3);
    (merged.state, merged.merged_into) = (IncidentState::Merged, Some(IncidentId(1)));
    let mut unasked = asked("unasked", one, mine, 7);
    (Arc::make_mut(&mut unasked.facts).confirm, unasked.rank) = (false, 2);
    let mut mail = asked("mail", one, mine, 7);
    (mail.channel, mail.rank) = (ChannelKind::Email, 2);
    // A post may say anything, the number as well.
    let mut quoting = asked("quoting", one, "13900000009", 7);
    Arc::make_mut(&mut quoting.facts).excerpt = "\"13800000001\"".to_owned();
    let mut rows = vec![
        Change::Incident(Box::new(incident(1, 3))),
        Change::Incident(Box::new(archived)),
        Change::Incident(Box::new(merged)),
    ];
    let notices = [
        asked("old", one, mine, -1),
        asked("first", one, mine, 1),
        asked("again", one, mine, 2),
        asked("abroad", one, "+8613800000001", 3),
        Notice { rank: 1, ..asked("lower", one, mine, 4) },
        Notice { contact: "带班领导".to_owned(), ..asked("other hat", one, mine, 5) },
        asked("archived", Some(IncidentId(2)), mine, 6),
        asked("merged", Some(IncidentId(3)), mine, 6),
        asked("of nothing", None, mine, 6),
        unasked,
        mail,
        quoting,
    ];
    let storm = (0..3_000).map(|number| asked(&format!("storm {number}"), one, "13700000007", 60 + number));
    rows.extend(notices.into_iter().chain(storm).map(|one| Change::Notice(Box::new(one))));
    store.commit(rows).await.unwrap();

    let found = async |ending: &str, since| {
        let found = store.asked(ChannelKind::Sms, ending, since).await.unwrap();
        found.into_iter().map(|one| (one.incident.0, one.rank, one.contact, one.address)).collect::<Vec<_>>()
    };
    let said = |incident, rank, contact: &str, address: &str| {
        (incident, rank, contact.to_owned(), address.to_owned())
    };
    let all = [
        said(3, 3, "总值班室", mine),
        said(1, 3, "带班领导", mine),
        said(1, 1, "总值班室", mine),
        said(1, 3, "总值班室", "+8613800000001"),
        said(1, 3, "总值班室", mine),
    ];
    assert_eq!(found(mine, at(0)).await, all, "each once, newest first");
    assert_eq!(found(mine, at(3)).await, all[..4], "not what was asked before");
    assert_eq!(found("+8613800000001", at(0)).await, all[3..4]);
    assert_eq!(found("\"", at(0)).await, []);
    assert_eq!(found("", at(60)).await, [said(1, 3, "总值班室", "13700000007")]);
}

async fn open_deadlines_are_those_that_run_or_are_late(store: &dyn Store) {
    let rows = vec![
        Change::Incident(Box::new(incident(1, 2))),
        Change::Deadline(deadline(1, DeadlineKind::Response, 900, DeadlineState::Running)),
        Change::Deadline(deadline(1, DeadlineKind::Report, 300, DeadlineState::Met { at: at(9) })),
        Change::Deadline(deadline(1, DeadlineKind::Acknowledge, 600, DeadlineState::Overdue)),
        Change::Deadline(deadline(
            1,
            DeadlineKind::Acknowledge,
            60,
            DeadlineState::Ended { why: "closed".into() },
        )),
    ];
    store.commit(rows).await.unwrap();
    let open: Vec<_> = store.open_deadlines().await.unwrap().iter().map(|one| one.due_at).collect();
    assert_eq!(open, [at(600), at(900)]);
    store
        .commit(vec![Change::Deadline(deadline(
            1,
            DeadlineKind::Acknowledge,
            600,
            DeadlineState::Met { at: at(7) },
        ))])
        .await
        .unwrap();
    assert_eq!(store.open_deadlines().await.unwrap().len(), 1);
    assert_eq!(store.restore().await.unwrap().deadlines.len(), 4);
}

async fn sources_and_values_are_kept(store: &dyn Store) {
    let unknown = store.source_state("某论坛").await.unwrap();
    assert_eq!(unknown, SourceState { source: "某论坛".to_owned(), ..SourceState::default() });
    let mut state = SourceState { next_at: Some(at(60)), rounds: 3, health: "ok".to_owned(), ..unknown };
    state.validators.insert("https://luntan.example/".to_owned(), (Some("\"e\"".to_owned()), None));
    store.save_source_state(SourceState { source: "另一个".to_owned(), ..state.clone() }).await.unwrap();
    store.save_source_state(state.clone()).await.unwrap();
    state.rounds = 4;
    store.save_source_state(state.clone()).await.unwrap();
    assert_eq!(store.source_state("某论坛").await.unwrap(), state);
    assert_eq!(store.source_states().await.unwrap().len(), 2);

    let one_more: SourceChange = Arc::new(|state| state.posts += 1);
    let changes = (0..50).map(|_| store.change_source_state("某论坛", Arc::clone(&one_more)));
    for kept in futures_util::future::join_all(changes).await {
        assert_eq!((kept.unwrap().rounds, store.source_states().await.unwrap().len()), (4, 2));
    }
    assert_eq!(store.source_state("某论坛").await.unwrap(), SourceState { posts: 50, ..state });
    let fresh = store.change_source_state("第三个", one_more).await.unwrap();
    assert_eq!(fresh, SourceState { source: "第三个".to_owned(), posts: 1, ..SourceState::default() });
    assert_eq!(store.source_state("第三个").await.unwrap(), fresh);

    assert_eq!(store.value("k").await.unwrap(), None);
    store.set_value("k", "一".to_owned()).await.unwrap();
    store.set_value("k", "二".to_owned()).await.unwrap();
    assert_eq!(store.value("k").await.unwrap().as_deref(), Some("二"));
}

async fn counters_keep_their_exactness(store: &dyn Store) {
    let mut row = observation("a", 5, Some(Count::at_least(100_000)));
    row.reposts = Some(Count::about(12_000));
    row.comments = None;
    row.likes = Some(Count::exact(0));
    row.at += SignedDuration::from_micros(123_457);
    let mut absurd = observation("a", 6, Some(Count::exact(u64::MAX)));
    let rows = vec![
        Change::Incident(Box::new(incident(1, 2))),
        Change::Post(Box::new(post(1, "a"))),
        Change::Observation(row.clone()),
        Change::Observation(absurd.clone()),
    ];
    store.commit(rows).await.unwrap();
    absurd.views = Some(Count::exact(i64::MAX.unsigned_abs()));
    assert_eq!(store.restore().await.unwrap().looks.concat(), [glance(&row), glance(&absurd)]);
    assert_eq!(store.incident(IncidentId(1)).await.unwrap().unwrap().observations, [row, absurd]);
}

/// What a desk needs of a look.
fn glance(row: &ObservationRow) -> Glance {
    Glance { at: row.at, views: row.views, reposts: row.reposts }
}

async fn whoever_watches_hears_of_each_write(store: &dyn Store) {
    let mut written = store.written();
    let before = *written.borrow_and_update();
    store.set_value("heartbeat", "now".to_owned()).await.unwrap();
    store.commit(Vec::new()).await.unwrap();
    assert!(!written.has_changed().unwrap(), "nothing that people see");
    store.commit(vec![Change::Incident(Box::new(incident(1, 2)))]).await.unwrap();
    store.commit(vec![Change::Notice(Box::new(notice("1/alert", ChannelKind::Email, 300)))]).await.unwrap();
    store.attempted(failed("1/alert", 1), at(60)).await.unwrap();
    let after = *written.borrow_and_update();
    assert!(after.desk >= before.desk + 3 && after.sources == before.sources, "{before:?} {after:?}");
    store.save_source_state(SourceState { source: "某论坛".into(), ..SourceState::default() }).await.unwrap();
    let change: SourceChange = Arc::new(|state| state.failures += 1);
    store.change_source_state("某论坛", change).await.unwrap();
    let last = *written.borrow_and_update();
    assert!(last.sources >= after.sources + 2 && last.desk == after.desk, "{after:?} {last:?}");
    // What could not be written is not told.
    let wrong = store.commit(vec![Change::Observation(observation("nobody's", 5, None))]).await;
    assert!(wrong.is_err() && !written.has_changed().unwrap());
}
