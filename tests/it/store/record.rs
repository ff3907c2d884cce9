//! The record on every engine: pages of the audit and of deliveries, cases of a span, the database's growth.

use jiff::civil::date;
use yuqing::{
    desk::Change,
    model::{
        ChannelKind, DeadlineKind, DeadlineState, Entry, IncidentId, IncidentState, NoticeKind, NoticeState,
    },
    store::{AuditLook, CaseLook, DeliveryLook, Growth, Store},
};

use super::rows::{UNIT, at, deadline, entry, incident, notice};

/// All that every engine must do.
pub async fn all<S: Store>(empty: &mut impl FnMut() -> S) {
    the_audit_is_turned_over_page_by_page(&empty()).await;
    each_field_narrows_the_audit(&empty()).await;
    deliveries_are_narrowed_and_turned(&empty()).await;
    cases_of_a_span_come_with_what_was_told(&empty()).await;
    growth_is_noted_once_a_day(&empty()).await;
}

fn happened(number: i64, kind: &str, by: &str, of: Option<u64>) -> Change {
    let by = Some(by.to_owned()).filter(|by| !by.is_empty());
    Change::Entry(Entry {
        at: at(number),
        kind: kind.to_owned(),
        by,
        ..entry(of, &format!("第 {number} 条"))
    })
}

async fn the_audit_is_turned_over_page_by_page(store: &dyn Store) {
    for number in 1..=7 {
        store.commit(vec![happened(number, "told", "", Some(1))]).await.unwrap();
    }
    let (mut look, mut seen) = (AuditLook { limit: 3, ..AuditLook::default() }, Vec::new());
    loop {
        let page = store.audit(look.clone()).await.unwrap();
        seen.push(page.rows.iter().map(|row| row.number).collect::<Vec<_>>());
        let Some(before) = page.earlier else { break };
        // What comes meanwhile moves nothing.
        store.commit(vec![happened(99, "told", "", Some(1))]).await.unwrap();
        look.before = Some(before);
    }
    assert_eq!(seen, [vec![7, 6, 5], vec![4, 3, 2], vec![1]]);
    let report = store.verify_audit().await.unwrap();
    assert_eq!((report.rows, report.broken, report.cut), (9, None, 0));
}

async fn each_field_narrows_the_audit(store: &dyn Store) {
    let rows = vec![
        happened(1, "told", "", Some(1)),
        happened(2, Entry::ACT, "王敏", Some(1)),
        happened(3, Entry::ACT, "李强", Some(2)),
        happened(4, "closed", "王敏", Some(2)),
        happened(5, "muted", "王敏", None),
    ];
    for row in rows {
        store.commit(vec![row]).await.unwrap();
    }
    let numbers = async |look: AuditLook| -> Vec<i64> {
        let page = store.audit(look).await.unwrap();
        assert_eq!(page.earlier, None);
        page.rows.iter().map(|row| row.number).collect()
    };
    let any = AuditLook::default;
    assert_eq!(numbers(any()).await, [5, 4, 3, 2, 1]);
    assert_eq!(numbers(AuditLook { kind: Some(Entry::ACT.into()), ..any() }).await, [3, 2]);
    assert_eq!(numbers(AuditLook { by: Some("王敏".into()), ..any() }).await, [5, 4, 2]);
    assert_eq!(numbers(AuditLook { incident: Some(IncidentId(2)), ..any() }).await, [4, 3]);
    assert_eq!(numbers(AuditLook { from: Some(at(2)), to: Some(at(4)), ..any() }).await, [3, 2]);
    assert_eq!(numbers(AuditLook { by: Some("王".into()), ..any() }).await, [0; 0], "a name is whole");
    let both = AuditLook { by: Some("王敏".into()), incident: Some(IncidentId(2)), ..any() };
    assert_eq!(numbers(both).await, [4]);
}

async fn deliveries_are_narrowed_and_turned(store: &dyn Store) {
    store.commit(vec![Change::Incident(Box::new(incident(1, 0)))]).await.unwrap();
    for number in 0..5 {
        let channel = if number % 2 == 0 { ChannelKind::Email } else { ChannelKind::Sms };
        let mut row = notice(&format!("1/1/alert/{number}"), channel, 600);
        if number == 3 {
            row.contact = "带班领导".to_owned();
        }
        if number == 4 {
            row.state = NoticeState::Refused { at: at(9), why: "550".to_owned() };
        }
        store.commit(vec![Change::Notice(Box::new(row))]).await.unwrap();
    }
    let ids = async |look: DeliveryLook| -> (Vec<String>, Option<i64>) {
        let page = store.deliveries(look).await.unwrap();
        (page.rows.into_iter().map(|row| row.outgoing.notice.id.0).collect(), page.earlier)
    };
    let named = |numbers: &[u8]| numbers.iter().map(|one| format!("1/1/alert/{one}")).collect::<Vec<_>>();
    let any = DeliveryLook::default;
    assert_eq!(ids(any()).await, (named(&[4, 3, 2, 1, 0]), None));
    assert_eq!(ids(DeliveryLook { channel: Some(ChannelKind::Sms), ..any() }).await.0, named(&[3, 1]));
    assert_eq!(ids(DeliveryLook { contact: Some("带班领导".into()), ..any() }).await.0, named(&[3]));
    assert_eq!(ids(DeliveryLook { state: Some("refused".into()), ..any() }).await.0, named(&[4]));
    let (first, before) = ids(DeliveryLook { limit: 2, ..any() }).await;
    assert_eq!(first, named(&[4, 3]));
    let (second, before) = ids(DeliveryLook { limit: 2, before, ..any() }).await;
    assert_eq!(second, named(&[2, 1]));
    assert_eq!(ids(DeliveryLook { limit: 2, before, ..any() }).await, (named(&[0]), None));
}

async fn cases_of_a_span_come_with_what_was_told(store: &dyn Store) {
    let row = |id: u64, change: &dyn Fn(&mut yuqing::model::Incident)| {
        let mut row = incident(id, 0);
        row.detected_at = at(i64::try_from(id).unwrap() * 100);
        change(&mut row);
        Change::Incident(Box::new(row))
    };
    let mut told = notice("2/1/rise/0", ChannelKind::Sms, 600);
    told.incident = Some(IncidentId(2));
    told.kind = NoticeKind::BacklogDigest;
    told.state = NoticeState::Accepted { at: at(250), arrived_at: None };
    store
        .commit(vec![
            row(1, &|_| ()),
            row(2, &|row| row.state = IncidentState::Merged),
            row(3, &|row| row.unit = "青川县教育局".to_owned()),
            row(4, &|_| ()),
        ])
        .await
        .unwrap();
    // Merged into the first: what was told of it belongs there.
    let merged = row(2, &|row| {
        row.state = IncidentState::Merged;
        row.merged_into = Some(IncidentId(1));
    });
    let limit = deadline(1, DeadlineKind::Report, 300, DeadlineState::Met { at: at(120) });
    store
        .commit(vec![merged, Change::Deadline(limit.clone()), Change::Notice(Box::new(told))])
        .await
        .unwrap();
    let look = CaseLook { from: at(100), to: at(401), units: Vec::new(), after: None, limit: 9 };
    let ids = async |look: CaseLook| -> Vec<u64> {
        store.cases(look).await.unwrap().iter().map(|case| case.incident.id.0).collect()
    };
    assert_eq!(ids(look.clone()).await, [4, 3, 1]);
    assert_eq!(ids(CaseLook { to: at(400), ..look.clone() }).await, [3, 1]);
    assert_eq!(ids(CaseLook { from: at(101), ..look.clone() }).await, [4, 3]);
    assert_eq!(ids(CaseLook { units: vec![UNIT.to_owned()], ..look.clone() }).await, [4, 1]);
    let first = store.cases(CaseLook { limit: 2, ..look.clone() }).await.unwrap();
    let after = first.last().map(|case| (case.incident.detected_at, case.incident.id));
    assert_eq!(ids(CaseLook { after, ..look.clone() }).await, [1]);
    let cases = store.cases(CaseLook { after, ..look }).await.unwrap();
    let case = &cases[0];
    assert_eq!(case.deadlines, [limit]);
    let told: Vec<_> = case.told.iter().map(|one| (one.contact.as_str(), one.kind, one.channel)).collect();
    assert_eq!(told, [("总值班室", NoticeKind::BacklogDigest, ChannelKind::Sms)]);
    assert_eq!(case.told[0].state, NoticeState::Accepted { at: at(250), arrived_at: None });
}

async fn growth_is_noted_once_a_day(store: &dyn Store) {
    let day = |day| date(2026, 11, day);
    assert_eq!(Growth::read(store).await.unwrap().a_day(day(3), 7), None);
    for days in [1, 2, 3] {
        Growth::note(store, day(days)).await.unwrap();
        let noted = Growth::read(store).await.unwrap();
        for number in 0..200 {
            store.commit(vec![happened(number, "told", "", None)]).await.unwrap();
        }
        Growth::note(store, day(days)).await.unwrap();
        assert_eq!(Growth::read(store).await.unwrap(), noted, "once a day");
    }
    let growth = Growth::read(store).await.unwrap();
    assert_eq!(growth.0.len(), 3);
    assert!(growth.a_day(day(3), 7).unwrap() > 0);
    store.set_value(Growth::KEY, "nonsense".to_owned()).await.unwrap();
    assert_eq!(Growth::read(store).await.unwrap(), Growth::default());
}
