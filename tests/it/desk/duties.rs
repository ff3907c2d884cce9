//! Limits that an act meets (批办, 会商, 审定, 回应), whom they concern once somebody is assigned, what becomes of them
//! when a person lowers the tier, and an origin that is found later (SEMANTICS 13, 18 to 20).

use jiff::SignedDuration;
use yuqing::{
    desk::{Change, Input},
    model::*,
};

use super::scene::{Scene, TEXT, at, look, plan};

const ID: IncidentId = IncidentId(1);

fn by() -> String {
    "分管领导".to_owned()
}

fn assign(lead: &str, helping: &[&str]) -> Act {
    Act::Assign {
        incident: ID,
        lead: lead.to_owned(),
        helping: helping.iter().map(|name| (*name).to_owned()).collect(),
        instruction: "核实".to_owned(),
        by: by(),
    }
}

fn ack(contact: &str) -> Act {
    let contact = contact.to_owned();
    Act::Acknowledge { incident: ID, contact, rank: None, how: AckHow::Console, recorded_by: None, at: None }
}

fn tier(name: &str) -> Act {
    Act::Override { incident: ID, tier: name.to_owned(), by: by(), reason: "重新研判".to_owned() }
}

fn undo() -> Act {
    Act::Undo { incident: ID, by: by() }
}

/// A post of so many views, found at nine.
fn found(plan: Plan, views: u64) -> Scene {
    let mut scene = Scene::with(plan);
    see(&mut scene, "09:00", views);
    scene
}

fn see(scene: &mut Scene, clock: &str, views: u64) -> Vec<String> {
    scene.see(look(clock, "bbs", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(views))
}

/// How a limit of this name stands, as often as it is there: `running`, `met`, `overdue`, or why it ended.
fn stand(scene: &Scene, name: &str) -> Vec<String> {
    let limits = scene.stored().deadlines.into_iter();
    let named = limits.filter(|d| d.name.as_deref() == Some(name) && d.kind != DeadlineKind::Step);
    let said = named.map(|d| match d.state {
        DeadlineState::Running => "running".to_owned(),
        DeadlineState::Met { .. } => "met".to_owned(),
        DeadlineState::Overdue => "overdue".to_owned(),
        DeadlineState::Ended { why } => why,
    });
    said.collect()
}

/// Notes of notices of a kind, with their contact.
fn notes(scene: &Scene, kind: NoticeKind) -> Vec<String> {
    let of_kind = |change: &Change| match change {
        Change::Notice(notice) if notice.kind == kind && notice.state == NoticeState::Pending => {
            Some(format!("{}: {}", notice.contact, notice.facts.note))
        }
        _ => None,
    };
    let mut notes: Vec<String> = scene.changes.iter().filter_map(of_kind).collect();
    notes.dedup();
    notes
}

#[test]
fn an_assignment_meets_the_limit_that_asks_for_it_and_a_slip_puts_it_back() {
    let mut scene = found(plan("development-zone"), 20_000);
    assert_eq!(stand(&scene, "领导批办"), ["running"]);
    let lines = scene.act(at("09:10"), assign("责任部门", &[]));
    assert!(lines.contains(&"own met".to_owned()), "{lines:?}");
    scene.act(at("09:10"), undo());
    assert_eq!(stand(&scene, "领导批办"), ["running"]);
    scene.act(at("09:20"), assign("责任部门", &[]));
    let told = scene.until(at("12:00"));
    assert_eq!(stand(&scene, "领导批办"), ["met"]);
    assert!(!told.iter().any(|line| line.contains("warning") || line.contains("overdue → 分管领导")));
}

#[test]
fn what_was_done_before_is_not_owed_by_a_higher_tier_and_what_flares_up_is_done_anew() {
    let mut scene = found(plan("development-zone"), 1_500);
    scene.act(at("09:10"), assign("责任部门", &[]));
    see(&mut scene, "09:20", 20_000);
    assert_eq!(scene.incident(1).reason.tier_name, "重大");
    assert_eq!(stand(&scene, "领导批办"), ["met"]);
    let reason = "平息".to_owned();
    scene.act(at("09:30"), Act::Close { incident: ID, by: by(), reason: reason.clone() });
    scene.act(at("09:40"), Act::Reopen { incident: ID, by: by(), reason });
    see(&mut scene, "09:50", 60_000);
    assert_eq!(stand(&scene, "领导批办").last().unwrap(), "running");
}

#[test]
fn a_text_that_is_approved_meets_it_and_one_sent_back_does_not() {
    let mut scene = found(plan("development-zone"), 20_000);
    scene.act(at("09:05"), ack("值班员"));
    let submit = || Act::SubmitText { incident: ID, text: "情况通报".to_owned(), by: by() };
    scene.act(at("09:10"), submit());
    scene.act(at("09:11"), Act::RejectText { incident: ID, number: None, by: by(), reason: "不准".into() });
    assert_eq!(stand(&scene, "答复审定"), ["running"]);
    scene.act(at("09:12"), submit());
    scene.act(at("09:13"), Act::ApproveText { incident: ID, number: None, by: by() });
    assert_eq!(stand(&scene, "答复审定"), ["met"]);
}

/// The development zone's plan with another act for the assignment's limit.
fn met_by(act: MetBy) -> Plan {
    let mut plan = plan("development-zone");
    for duty in plan.tiers.iter_mut().flat_map(|tier| &mut tier.duties) {
        duty.met_by = Some(act).filter(|_| duty.id == "assignment");
    }
    plan
}

#[test]
fn conferring_and_answering_meet_theirs() {
    let confer = |state: &str| Act::SetState {
        incident: ID,
        state: state.to_owned(),
        by: by(),
        reason: String::new(),
    };
    let mut scene = found(met_by(MetBy::Consulted), 1_500);
    scene.act(at("09:10"), assign("责任部门", &[]));
    scene.act(at("09:11"), confer("处置中"));
    assert_eq!(stand(&scene, "领导批办"), ["running"]);
    scene.act(at("09:12"), confer("会商"));
    assert_eq!(stand(&scene, "领导批办"), ["met"]);
    scene.act(at("09:12"), undo());
    // A slip is no conference: the higher tier asks for one.
    see(&mut scene, "09:20", 20_000);
    assert_eq!(stand(&scene, "领导批办"), ["superseded", "running"]);
    let mut scene = found(met_by(MetBy::Responded), 1_500);
    scene.act(at("09:12"), Act::Respond { incident: ID, by: by(), text: "已答复".to_owned() });
    assert_eq!(stand(&scene, "领导批办"), ["met"]);
}

#[test]
fn whoever_leads_when_it_is_told_is_told_and_named() {
    let mut plan = plan("development-zone");
    for duty in plan.tiers.iter_mut().flat_map(|tier| &mut tier.duties).filter(|duty| duty.id == "answer") {
        duty.parties = vec![Party::Lead, Party::Helping];
    }
    let mut scene = found(plan, 20_000);
    scene.act(at("09:05"), ack("值班员"));
    // Nobody leads: due at 13:05, warned at 12:17.
    scene.act(at("09:06"), assign("责任部门", &["协同处置单位", "宣传科"]));
    let told = scene.until(at("12:17"));
    let warned: Vec<&String> = told.iter().filter(|line| line.starts_with("12:17 warning")).collect();
    assert_eq!(warned.len(), 4, "email and SMS to two, none to a unit that is no contact: {told:?}");
    let to = "责任部门负责人".to_owned();
    scene.act(at("12:30"), Act::HandOver { incident: ID, to, by: by(), reason: "转办".to_owned() });
    let told = scene.until(at("13:05"));
    assert!(told.contains(&"13:05 overdue → 责任部门负责人 email".to_owned()), "{told:?}");
    assert!(!told.contains(&"13:05 overdue → 责任部门 email".to_owned()), "{told:?}");
    scene.until(at("17:05"));
    let named =
        "各部门: 通报: 责任部门负责人、协同处置单位、宣传科 未在 13:05 前完成承办单位答复，也未说明原因";
    assert!(notes(&scene, NoticeKind::Overdue).contains(&named.to_owned()));
}

#[test]
fn a_person_who_lowers_the_tier_ends_what_it_no_longer_asks_for_and_opens_what_it_does() {
    let mut scene = found(plan("college"), 20_000);
    assert_eq!((stand(&scene, "处置意见表"), stand(&scene, "登记表")), (vec!["running".to_owned()], vec![]));
    let lines = scene.act(at("09:10"), tier("三级"));
    assert!(lines.contains(&"feedback lowered".to_owned()), "{lines:?}");
    assert_eq!(stand(&scene, "处置意见表"), ["lowered"]);
    assert_eq!(stand(&scene, "登记表"), ["running"]);
    // A slip: both go back, and the same decision again opens it again.
    scene.act(at("09:10"), undo());
    assert_eq!(stand(&scene, "处置意见表"), ["running"]);
    assert_eq!(stand(&scene, "登记表"), ["undone"]);
    scene.act(at("09:20"), tier("三级"));
    assert_eq!(stand(&scene, "处置意见表"), ["lowered"]);
    assert_eq!(stand(&scene, "登记表"), ["running"]);
    let mut scene = scene.restarted(at("09:30"));
    let told = scene.until(at("12:00"));
    assert!(!notes(&scene, NoticeKind::Overdue).iter().any(|note| note.contains("处置意见表")), "{told:?}");
}

#[test]
fn what_both_tiers_ask_for_goes_on_in_the_rhythm_of_the_lower() {
    let mut plan = plan("college");
    for tier in &mut plan.tiers {
        tier.response = None;
        let hours = if tier.id == "critical" || tier.id == "major" { 2 } else { 12 };
        let within = SignedDuration::from_hours(hours);
        let mut duty = tier.duties.first().cloned().unwrap_or_else(plan_duty);
        (duty.id, duty.name, duty.kind) = ("again".into(), "续报".into(), DutyKind::FollowUp);
        (duty.every, duty.limit) = (Some(within), Limit { within, from: Base::Graded, ..duty.limit });
        tier.duties = vec![duty];
    }
    let mut scene = found(plan, 20_000);
    scene.act(at("09:10"), tier("三级"));
    let due = |scene: &Scene| -> Vec<jiff::Timestamp> {
        let limits = scene.stored().deadlines.into_iter();
        limits.filter(|d| d.name.as_deref() == Some("续报") && d.is_open()).map(|d| d.due_at).collect()
    };
    assert_eq!(due(&scene), [at("11:00")], "neither ended nor owed twice");
    let text = "已续报".to_owned();
    scene.act(at("10:00"), Act::Complete { incident: ID, duty: "续报".to_owned(), by: by(), text });
    assert_eq!(due(&scene), [at("22:00")]);
}

fn plan_duty() -> Duty {
    let college = plan("college");
    college.tiers.iter().find_map(|tier| tier.duties.first().cloned()).unwrap()
}

#[test]
fn a_limit_of_the_lower_tier_runs_from_when_that_tier_began() {
    let mut plan = plan("college");
    let limit = |from| Limit { within: SignedDuration::from_mins(30), from, reckoning: Reckoning::Calendar };
    let low = plan.tiers.iter_mut().find(|tier| tier.name == "三级").unwrap();
    low.duties = [("told", Base::Told), ("acknowledged", Base::Acknowledged)]
        .map(|(id, from)| Duty { id: id.into(), name: id.into(), limit: limit(from), ..plan_duty() })
        .to_vec();
    let mut scene = found(plan, 20_000);
    scene.act(at("09:05"), ack("值班员"));
    scene.act(at("11:00"), tier("三级"));
    let mut due: Vec<_> = scene.stored().deadlines;
    due.retain(|d| d.is_open() && ["told", "acknowledged"].map(Some).contains(&d.name.as_deref()));
    assert_eq!(due.iter().map(|d| d.due_at).collect::<Vec<_>>(), [at("11:30"); 2], "{due:?}");
}

#[test]
fn what_came_by_a_merge_is_owed_once_when_the_tier_is_lowered() {
    let mut scene = found(plan("college"), 20_000);
    let text = "青川县人民医院停车场夜间乱收费，一晚上要四十元，保安态度恶劣，请有关部门管一管";
    scene.see(look("09:02", "bbs", SiteKind::Forum, "9", text).published(at("08:30")).views(1_500));
    let open = |scene: &Scene| {
        let limits = scene.stored().deadlines.into_iter();
        limits.filter(|d| d.name.as_deref() == Some("登记表") && d.is_open()).count()
    };
    assert_eq!((scene.incident(2).reason.tier_name.as_str(), open(&scene)), ("三级", 1));
    let (by, reason) = (by(), "同一件事".to_owned());
    scene.act(at("09:10"), Act::Merge { incident: IncidentId(2), other: ID, by, reason });
    assert_eq!(open(&scene), 1, "it goes over under the key that it had");
    scene.act(at("09:20"), tier("三级"));
    assert_eq!(open(&scene), 1, "and is not owed beside itself");
}

#[test]
fn a_limit_that_lowering_makes_earlier_is_told_although_the_later_one_was() {
    let mut plan = plan("college");
    for tier in &mut plan.tiers {
        tier.duties.clear();
        // The highest asks for none, so that of the lowest goes on under the key that it had.
        let hours = [("二级", 5), ("三级", 24)].into_iter().find(|(name, _)| tier.name == *name);
        let limit = |hours| Limit {
            within: SignedDuration::from_hours(hours),
            from: Base::Detected,
            reckoning: Reckoning::Calendar,
        };
        tier.response = hours.map(|(_, hours)| limit(hours));
    }
    let mut scene = found(plan, 1_500);
    see(&mut scene, "09:30", 60_000);
    scene.until(at("09:00") + SignedDuration::from_hours(25));
    let told = |scene: &Scene| notes(scene, NoticeKind::Overdue).iter().any(|note| note.contains("14:00"));
    assert!(!notes(&scene, NoticeKind::Overdue).is_empty() && !told(&scene), "the limit of a day has passed");
    scene.act(at("09:00") + SignedDuration::from_hours(26), tier("二级"));
    scene.until(at("09:01") + SignedDuration::from_hours(26));
    assert!(
        told(&scene),
        "that of five hours had passed long before: {:?}",
        notes(&scene, NoticeKind::Overdue)
    );
}

#[test]
fn a_split_keeps_what_runs_and_opens_what_the_lower_tier_asks_for() {
    let mut scene = Scene::with(plan("college"));
    let post = |clock: &str, id: &str, views: u64| {
        look(clock, "bbs", SiteKind::Forum, id, TEXT).published(at("08:30")).views(views)
    };
    scene.see(post("09:00", "1", 1_500));
    scene.see(post("09:01", "2", 20_000));
    assert_eq!(scene.incident(1).reason.tier_name, "二级");
    let post = PostKey { site: "bbs".into(), id: "2".into() };
    scene.act(at("09:10"), Act::Split { post, incident: None, by: by(), reason: "两回事".into() });
    assert_eq!(scene.incident(1).reason.tier_name, "三级");
    let of_first = |name: &str| {
        let mut limits = scene.stored().deadlines;
        limits.retain(|d| d.incident == ID && d.name.as_deref() == Some(name) && d.is_open());
        limits.len()
    };
    assert_eq!((of_first("处置意见表"), of_first("登记表")), (1, 1));
}

#[test]
fn a_limit_that_an_earlier_origin_moved_says_so_when_it_is_late() {
    let mut plan = plan("work-safety");
    for tier in &mut plan.tiers {
        let within = SignedDuration::from_hours(5);
        tier.response = Some(Limit { within, from: Base::Published, reckoning: Reckoning::Calendar });
    }
    let mut scene = found(plan, 20_000);
    // Published at 08:30, due at 13:30; a copy of three o'clock is found at nine past.
    scene.see(look("09:09", "news", SiteKind::News, "2", TEXT).published(at("03:00")));
    let told = scene.take(&Input::Tick, at("09:09"));
    assert!(told.contains(&"overdue → 值班员 email".to_owned()), "{told:?}");
    let said = notes(&scene, NoticeKind::Overdue);
    assert!(
        said.iter().any(|note| note.contains("公开回应时限 08:00 已过") && note.contains("溯源提前")),
        "{said:?}"
    );
    // One that nothing moved does not.
    let mut plain = found(super::scene::plan("work-safety"), 20_000);
    plain.until(at("15:00"));
    let said = notes(&plain, NoticeKind::Overdue);
    assert!(said.iter().any(|note| note.contains("公开回应时限")), "{said:?}");
    assert!(!said.iter().any(|note| note.contains("溯源提前")), "{said:?}");
}
