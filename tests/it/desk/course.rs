//! The course of a case: states by what happens and by people, 批办, 审定, 催办, slips taken back, the calm, entries
//! by hand.

use jiff::{SignedDuration, Timestamp};
use yuqing::{desk::Change, model::*};

use super::scene::{Look, Scene, TEXT, at, look, look_at, on, plan};

const ID: IncidentId = IncidentId(1);

fn hot(clock: &str, views: u64) -> Look {
    look(clock, "a.example", SiteKind::Forum, "1", TEXT).published(at("09:00")).views(views)
}

fn alerted() -> Scene {
    let mut scene = Scene::new();
    scene.see(hot("09:10", 12_000));
    scene
}

fn stage(scene: &Scene) -> String {
    scene.incident(1).stage().to_owned()
}

fn entries(scene: &Scene, kind: &str) -> Vec<Entry> {
    let of_kind = |change: &Change| match change {
        Change::Entry(entry) if entry.kind == kind => Some(entry.clone()),
        _ => None,
    };
    scene.changes.iter().filter_map(of_kind).collect()
}

fn acknowledge() -> Act {
    let contact = "值班员".to_owned();
    Act::Acknowledge { incident: ID, contact, rank: None, how: AckHow::Console, recorded_by: None, at: None }
}

fn by() -> String {
    "王主任".to_owned()
}

fn assign(lead: &str) -> Act {
    let (helping, instruction) =
        (vec!["总值班室".to_owned(), "宣传科".to_owned()], "两小时内核实".to_owned());
    Act::Assign { incident: ID, lead: lead.to_owned(), helping, instruction, by: by() }
}

fn submit(text: &str) -> Act {
    Act::SubmitText { incident: ID, text: text.to_owned(), by: "李四".to_owned() }
}

fn set_state(state: &str) -> Act {
    Act::SetState { incident: ID, state: state.to_owned(), by: by(), reason: String::new() }
}

#[test]
fn a_case_goes_through_its_states_with_who_and_when() {
    let mut scene = alerted();
    assert_eq!(stage(&scene), "已报");
    scene.act(at("09:12"), acknowledge());
    assert_eq!(stage(&scene), "已签收");
    scene.act(at("09:20"), set_state("会商"));
    let told = scene.act(at("09:30"), assign("带班领导"));
    assert!(told.contains(&"assigned → 带班领导 email".to_owned()), "{told:#?}");
    assert!(told.contains(&"assigned → 总值班室 email".to_owned()), "{told:#?}");
    assert_eq!(stage(&scene), "批办");
    scene.act(at("09:40"), submit("第一稿"));
    assert_eq!(stage(&scene), "审定");
    let reject = Act::RejectText { incident: ID, number: None, by: by(), reason: "数字不准".to_owned() };
    let told = scene.act(at("09:45"), reject);
    assert!(told.contains(&"assigned → 带班领导 email".to_owned()), "goes back: {told:#?}");
    assert_eq!(stage(&scene), "处置中");
    scene.act(at("09:50"), submit("第二稿"));
    assert_eq!(stage(&scene), "审定");
    scene.act(at("09:55"), Act::ApproveText { incident: ID, number: None, by: "张局".to_owned() });
    let text = "已公布 https://qingchuan.example/a.html 请见".to_owned();
    scene.act(at("10:00"), Act::Respond { incident: ID, by: by(), text });
    assert_eq!(stage(&scene), "已回应");
    scene.act(at("10:05"), Act::Close { incident: ID, by: by(), reason: "平息".to_owned() });
    let course = scene.restarted(at("10:10")).incident(1).course;
    let states: Vec<_> =
        course.states.iter().map(|one| (one.state.as_str(), one.by.as_deref().unwrap_or("-"))).collect();
    assert_eq!(
        states,
        [
            ("发现", "-"),
            ("已报", "-"),
            ("已签收", "-"),
            ("会商", "王主任"),
            ("批办", "-"),
            ("审定", "-"),
            ("处置中", "-"),
            ("审定", "-"),
            ("已回应", "-"),
            ("平息", "-")
        ]
    );
    assert_eq!(course.states[3].at, at("09:20"));
    let [first, second] = course.texts.as_slice() else { panic!("{:?}", course.texts) };
    let verdict = first.verdict.as_ref().unwrap();
    assert!(!verdict.approved && verdict.reason == "数字不准" && verdict.by == "王主任");
    let verdict = second.verdict.as_ref().unwrap();
    assert!(verdict.approved && verdict.by == "张局" && second.text == "第二稿");
    assert_eq!(course.replies[0].link.as_deref(), Some("https://qingchuan.example/a.html"));
}

#[test]
fn states_are_the_plans_own_and_may_be_skipped() {
    let states = ["发现", "处置中", "已回应", "平息"].map(str::to_owned).to_vec();
    let mut scene = Scene::with(Plan { states, ..plan("work-safety") });
    scene.see(hot("09:10", 12_000));
    scene.act(at("09:12"), acknowledge());
    assert_eq!(stage(&scene), "发现");
    assert!(scene.act(at("09:13"), set_state("会商"))[0].starts_with("refused: 预案没有这个状态"));
    assert!(scene.act(at("09:13"), set_state("平息"))[0].starts_with("refused: 办结请用关闭事件"));
    scene.act(at("09:14"), set_state("处置中"));
    scene.act(at("09:15"), Act::Respond { incident: ID, by: by(), text: "已回应".to_owned() });
    assert_eq!(stage(&scene), "已回应");
    // What a person puts back stays there: the same happening does not move it twice.
    scene.act(at("09:16"), set_state("处置中"));
    scene.see(hot("09:20", 12_100));
    assert_eq!(stage(&scene), "处置中");
}

#[test]
fn a_plan_may_call_a_state_otherwise_and_the_case_still_goes_on() {
    let states = ["线索", "上报", "办结"].map(str::to_owned).to_vec();
    let state_names = [("已报", "上报"), ("平息", "办结")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    let mut scene = Scene::with(Plan { states, state_names, ..plan("work-safety") });
    scene.see(hot("09:10", 12_000));
    assert_eq!(stage(&scene), "上报");
    assert!(scene.act(at("09:14"), set_state("办结"))[0].starts_with("refused: 办结请用关闭事件"));
    scene.act(at("09:15"), Act::Close { incident: ID, by: by(), reason: "已答复".to_owned() });
    assert_eq!(stage(&scene), "办结");
}

#[test]
fn the_lead_is_urged_and_may_hand_over() {
    let mut scene = alerted();
    let urge = |text: &str| Act::Urge { incident: ID, by: by(), text: text.to_owned() };
    let told = scene.act(at("09:15"), urge("请回话"));
    assert!(told.contains(&"urged → 值班员 email".to_owned()), "nobody leads yet: {told:#?}");
    assert!(scene.act(at("09:16"), assign("没有此人"))[0].starts_with("refused: 没有这个联系人"));
    scene.act(at("09:17"), assign("带班领导"));
    let told = scene.act(at("09:18"), urge("快"));
    assert!(told.contains(&"urged → 带班领导 email".to_owned()), "{told:#?}");
    let reason = "出差".to_owned();
    let to = "领导小组办公室主任".to_owned();
    let told = scene.act(at("09:19"), Act::HandOver { incident: ID, to, by: by(), reason });
    assert!(told.contains(&"assigned → 领导小组办公室主任 email".to_owned()), "{told:#?}");
    let assignment = scene.incident(1).course.assignment.unwrap();
    assert_eq!(assignment.lead, "领导小组办公室主任");
    assert_eq!(assignment.instruction, "两小时内核实");
    let again = scene.act(at("09:20"), urge("快"));
    assert!(again.contains(&"urged → 领导小组办公室主任 email".to_owned()), "{again:#?}");
    assert_eq!(scene.incident(1).course.urged, 3);
}

fn after(seconds: i64) -> Timestamp {
    at("09:12") + SignedDuration::from_secs(seconds)
}

fn undo(who: &str) -> Act {
    Act::Undo { incident: ID, by: who.to_owned() }
}

#[test]
fn a_slip_is_taken_back_within_a_minute_by_who_did_it() {
    let mut scene = alerted();
    scene.act(at("09:12"), acknowledge());
    assert!(scene.act(after(10), undo("王主任"))[0].starts_with("refused: 只能撤销本人的操作"));
    assert!(scene.act(after(61), undo("值班员"))[0].starts_with("refused: 没有可撤销的操作"));
    let mut scene = alerted();
    scene.act(at("09:12"), acknowledge());
    let mut scene = scene.restarted(after(20));
    scene.act(after(60), undo("值班员"));
    assert!(scene.incident(1).acks.is_empty());
    assert_eq!(stage(&scene), "已报");
    let told = scene.until(at("09:25"));
    assert!(told.contains(&"09:20 escalation → 带班领导 email".to_owned()), "the chain goes on: {told:#?}");
    assert_eq!(entries(&scene, "undone")[0].by.as_deref(), Some("值班员"));
    assert!(scene.act(after(60), undo("值班员"))[0].starts_with("refused"), "once only");
}

#[test]
fn a_closed_case_is_open_again_when_that_was_a_slip() {
    let mut scene = alerted();
    scene.act(at("09:12"), Act::Close { incident: ID, by: by(), reason: "误点".to_owned() });
    scene.act(after(30), undo("王主任"));
    let row = scene.incident(1);
    assert_eq!((row.state, row.closed_at), (IncidentState::Open, None));
    assert_eq!(row.stage(), "已报");
    let told = scene.until(at("09:25"));
    assert!(told.contains(&"09:20 escalation → 带班领导 email".to_owned()), "{told:#?}");
}

#[test]
fn what_went_out_is_corrected_and_what_did_not_is_stopped() {
    let lower = || {
        let reason = "误点".to_owned();
        Act::Override { incident: ID, tier: "一般".to_owned(), by: by(), reason }
    };
    let mut scene = alerted();
    scene.act(at("09:12"), lower());
    assert_eq!(scene.incident(1).rank, 0);
    let told = scene.act(after(30), undo("王主任"));
    assert!(told.contains(&"correction → 值班员 email".to_owned()), "{told:#?}");
    assert_eq!(scene.incident(1).reason.tier_name, "重大");
    assert!(scene.incident(1).overridden.is_none());
    let mut scene = alerted();
    scene.channels_work = false;
    scene.act(at("09:12"), lower());
    let told = scene.act(after(30), undo("王主任"));
    assert!(told.contains(&"cancelled 值班员 undone".to_owned()), "{told:#?}");
    assert!(!told.iter().any(|line| line.starts_with("correction →")), "{told:#?}");
    assert_eq!(scene.incident(1).reason.tier_name, "重大");
}

#[test]
fn a_tier_raised_by_slip_goes_back_with_its_limits() {
    let mut scene = Scene::new();
    scene.see(hot("09:10", 1_500));
    let reason = "误点".to_owned();
    let told =
        scene.act(at("09:12"), Act::Override { incident: ID, tier: "特别重大".to_owned(), by: by(), reason });
    assert!(told.iter().any(|line| line.starts_with("rise → 值班员")), "{told:#?}");
    let told = scene.act(after(30), undo("王主任"));
    assert!(told.contains(&"correction → 值班员 email".to_owned()), "{told:#?}");
    assert!(told.contains(&"acknowledge 上级 undone".to_owned()), "{told:#?}");
    assert_eq!(scene.incident(1).reason.tier_name, "较大");
    let told = scene.until(at("10:15"));
    assert!(told.contains(&"10:10 escalation → 带班领导 email".to_owned()), "the old limit: {told:#?}");
    // A later rise is told as ever.
    let told = scene.see(hot("10:20", 12_000));
    assert!(told.iter().any(|line| line.starts_with("rise → 值班员")), "{told:#?}");
}

#[test]
fn a_person_opens_a_closed_case_again() {
    let mut scene = alerted();
    let reopen = |reason: &str| Act::Reopen { incident: ID, by: by(), reason: reason.to_owned() };
    assert!(scene.act(at("09:12"), reopen("线下又有人"))[0].starts_with("refused: 事件没有关闭"));
    scene.act(at("09:13"), Act::Close { incident: ID, by: by(), reason: "平息".to_owned() });
    assert!(scene.act(at("09:14"), reopen(" "))[0].starts_with("refused"));
    scene.act(at("09:15"), reopen("线下又有人"));
    let row = scene.incident(1);
    assert_eq!((row.state, row.reopened, row.stage()), (IncidentState::Open, 1, "发现"));
}

fn calm(hours: i64, by_plan: bool) -> Scene {
    let subsides = Some(Subsides { growth_below: 50, span: SignedDuration::from_hours(hours), by_plan });
    let mut scene = Scene::with(Plan { subsides, ..plan("work-safety") });
    scene.see(hot("09:10", 12_000));
    scene.act(at("09:12"), acknowledge());
    scene.see(hot("10:30", 12_000));
    scene
}

fn later(day: i64, clock: &str, views: u64) -> Look {
    look_at(on(day, clock), "a.example", SiteKind::Forum, "1", TEXT).published(at("09:00")).views(views)
}

#[test]
fn a_calm_is_proposed_and_a_tier_reached_again_is_told_as_worse() {
    let mut scene = calm(26, false);
    scene.see(later(22, "12:00", 12_000));
    let told = scene.until(on(22, "13:00"));
    assert!(told.contains(&"12:30 subsided → 值班员 email".to_owned()), "{told:#?}");
    assert_eq!(scene.incident(1).state, IncidentState::Open, "a person confirms");
    let told = scene.see(later(22, "14:00", 12_900));
    assert!(!told.iter().any(|line| line.starts_with("worsened")), "900 is no tier: {told:#?}");
    let told = scene.see(later(22, "14:30", 13_500));
    assert!(told.contains(&"worsened → 值班员 email".to_owned()), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("acknowledge 本单位 in")), "confirmed anew: {told:#?}");
    let told = scene.see(later(22, "14:40", 13_600));
    assert!(!told.iter().any(|line| line.starts_with("worsened")), "once: {told:#?}");
}

#[test]
fn what_was_proposed_and_closed_flares_up_and_has_not_worsened_as_well() {
    let mut scene = calm(26, false);
    scene.see(later(22, "12:00", 12_000));
    scene.until(on(22, "13:00"));
    assert!(scene.incident(1).course.subsiding.is_some());
    scene.act(on(22, "13:10"), Act::Close { incident: ID, by: by(), reason: "平息".to_owned() });
    scene.see(later(22, "13:30", 12_010));
    let told = scene.see(later(22, "16:30", 24_500));
    assert!(told.contains(&"reopened → 值班员 email".to_owned()), "{told:#?}");
    assert!(!told.iter().any(|line| line.starts_with("worsened")), "{told:#?}");
}

#[test]
fn nobody_looking_is_no_calm() {
    let mut scene = calm(26, false);
    let told = scene.until(on(23, "12:00"));
    assert!(!told.iter().any(|line| line.contains("subsided")), "{told:#?}");
    let mut scene = calm(6, false);
    scene.see(later(21, "14:00", 12_500));
    let told = scene.until(on(21, "17:00"));
    assert!(!told.iter().any(|line| line.contains("subsided")), "140 an hour are no calm: {told:#?}");
}

#[test]
fn the_plan_itself_may_confirm_once_nothing_is_owed() {
    let mut scene = calm(6, true);
    scene.see(later(21, "14:00", 12_010));
    scene.until(on(21, "16:45"));
    let row = scene.incident(1);
    assert!(row.course.subsiding.is_some());
    assert_eq!(row.state, IncidentState::Open, "the public answer is still owed");
    scene.act(on(21, "16:50"), Act::Respond { incident: ID, by: by(), text: "已回应".to_owned() });
    let row = scene.incident(1);
    assert_eq!((row.state, row.stage()), (IncidentState::Closed, "平息"));
}

pub fn entry(tier: Option<&str>) -> HandEntry {
    HandEntry {
        id: "e1".to_owned(),
        unit: "青川县人民医院".to_owned(),
        gist: "急诊排队三小时无人理会".to_owned(),
        text: TEXT.to_owned(),
        source: "12345 热线".to_owned(),
        tier: tier.map(str::to_owned),
        url: None,
        views: None,
        reposts: None,
        comments: None,
        happened_at: Some(at("08:30")),
        by: "赵六".to_owned(),
        missed: "论坛不在信源表内".to_owned(),
        drill: false,
    }
}

pub fn enter(entry: HandEntry) -> Act {
    Act::Enter { entry: Box::new(entry) }
}

#[test]
fn what_is_entered_by_hand_is_told_like_any_other_and_found_later() {
    let mut scene = Scene::new();
    let told = scene.act(at("09:00"), enter(entry(Some("重大"))));
    assert!(told.contains(&"alert → 值班员 email".to_owned()), "{told:#?}");
    assert!(told.contains(&"acknowledge 本单位 in 10 min".to_owned()), "{told:#?}");
    let row = scene.incident(1);
    assert_eq!(row.reason.tier_name, "重大");
    assert_eq!(row.published_at, Some(at("08:30")));
    let missed = entries(&scene, "missed");
    assert_eq!((missed.len(), missed[0].text.as_str()), (1, "论坛不在信源表内"));
    assert!(scene.act(at("09:01"), enter(entry(Some("重大")))).is_empty(), "the same entry once");
    let told = scene.until(at("09:12"));
    assert!(told.contains(&"09:10 escalation → 带班领导 email".to_owned()), "{told:#?}");
    scene.see(hot("09:20", 300));
    let row = scene.incident(1);
    assert_eq!(row.course.entered.unwrap().found_at, Some(at("09:20")));
    assert_eq!(scene.stored().incidents.len(), 1, "it joined");
    assert_eq!(entries(&scene, "missed").len(), 2);
}

#[test]
fn what_a_source_had_already_is_not_missed() {
    let mut scene = Scene::new();
    scene.see(hot("09:10", 300));
    scene.act(at("09:20"), enter(entry(None)));
    assert_eq!(scene.stored().incidents.len(), 1);
    assert!(entries(&scene, "missed").is_empty());
    assert_eq!(entries(&scene, "entered").len(), 1);
    let refused = scene.act(at("09:21"), enter(HandEntry { id: "e2".to_owned(), ..entry(Some("无此级")) }));
    assert!(refused[0].starts_with("refused: 没有这个等级"), "{refused:?}");
}

#[test]
fn old_news_by_hand_is_graded_by_its_numbers_and_opened() {
    let mut scene = Scene::new();
    let old = HandEntry { happened_at: Some(on(18, "08:00")), ..entry(None) };
    scene.act(at("09:00"), enter(old));
    assert_eq!(scene.incident(1).state, IncidentState::Open);
    let mut scene = Scene::new();
    let told = scene.act(at("09:00"), enter(HandEntry { views: Some(60_000), ..entry(None) }));
    assert!(told.iter().any(|line| line.starts_with("#1 特别重大")), "{told:#?}");
}

#[test]
fn a_drill_is_marked_and_every_act_is_on_record() {
    let mut scene = Scene::new();
    scene.act(at("09:00"), enter(HandEntry { drill: true, ..entry(Some("重大")) }));
    let marks: Vec<_> = scene.stored().notices.into_iter().map(|notice| notice.facts.mark.clone()).collect();
    assert!(!marks.is_empty() && marks.iter().all(|mark| mark.as_deref() == Some("演练")), "{marks:?}");
    assert!(entries(&scene, "missed").is_empty());
    let told = scene.see(look(
        "09:30",
        "b.example",
        SiteKind::Forum,
        "2",
        "青川县人民医院门诊楼电梯故障，两人被困二十分钟。",
    ));
    assert!(!told.iter().any(|line| line.contains("演练")));
    assert!(scene.incident(2).plan.exercise_mark.is_none(), "the next one is real");
    scene.act(at("09:31"), acknowledge());
    scene.act(at("09:32"), set_state("没有的状态"));
    let acts: Vec<String> = entries(&scene, "act").into_iter().map(|entry| entry.text).collect();
    assert_eq!(acts.len(), 2, "a refused act changes nothing: {acts:#?}");
    assert!(acts[1].contains("\"act\":\"acknowledge\"") && acts[1].contains("值班员"), "{acts:#?}");
}
