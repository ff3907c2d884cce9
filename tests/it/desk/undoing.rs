//! Taking a slip back where it is more than one case's own act: a phone task ticked, an entry by hand, a silence; and
//! what the refusal says where there is no way back (SEMANTICS 22, 23; issue 5).

use jiff::{SignedDuration, Timestamp};
use yuqing::model::*;

use super::{
    course::{enter, entry},
    scene::{Look, Scene, TEXT, at, look, plan},
};

const ID: IncidentId = IncidentId(1);

fn undo(who: &str) -> Act {
    Act::Undo { incident: ID, by: who.to_owned() }
}

fn after(clock: &str, seconds: i64) -> Timestamp {
    at(clock) + SignedDuration::from_secs(seconds)
}

fn hot(clock: &str, views: u64) -> Look {
    look(clock, "a.example", SiteKind::Forum, "1", TEXT).published(at("09:00")).views(views)
}

/// 值班员 is told by telephone only, so that the tick of the call is what meets `report`.
fn by_phone() -> (Scene, NoticeId) {
    let mut setup = Scene::new().setup;
    setup.contacts.get_mut("值班员").unwrap().channels = vec![ChannelKind::Phone];
    let mut scene = Scene::on_stage(setup, true);
    scene.see(hot("09:10", 12_000));
    let tasks = scene.stored().notices;
    let task = tasks.iter().find(|one| one.contact == "值班员" && one.channel == ChannelKind::Phone);
    (scene, task.expect("a phone task").id.clone())
}

fn report(scene: &Scene) -> DeadlineState {
    let limits = scene.stored().deadlines;
    limits.into_iter().find(|limit| limit.kind == DeadlineKind::Report).expect("a report limit").state
}

fn state_of(scene: &Scene, id: &NoticeId) -> NoticeState {
    scene.stored().notices.into_iter().find(|one| one.id == *id).unwrap().state
}

#[test]
fn a_call_ticked_by_slip_waits_again_and_the_limit_runs_on() {
    let (mut scene, task) = by_phone();
    assert_eq!(report(&scene), DeadlineState::Running);
    let done = Act::PhoneDone { notice: task.clone(), by: "王五".to_owned(), at: None };
    scene.act(at("09:12"), done.clone());
    assert_eq!(report(&scene), DeadlineState::Met { at: at("09:12") });
    // A second click is no second act: the first can still be taken back.
    scene.act(after("09:12", 5), done);
    assert!(scene.act(after("09:12", 10), undo("赵六"))[0].starts_with("refused: 只能撤销本人的操作"));
    let mut scene = scene.restarted(after("09:12", 15));
    scene.act(after("09:12", 20), undo("王五"));
    assert_eq!(state_of(&scene, &task), NoticeState::Pending, "the task waits again");
    assert_eq!(report(&scene), DeadlineState::Running, "and so does the limit");
    let told = scene.until(at("09:16"));
    assert!(told.iter().any(|line| line.starts_with("09:15 overdue →")), "{told:#?}");
    assert!(told.contains(&"09:15 report overdue".to_owned()), "{told:#?}");
}

#[test]
fn only_a_phone_task_can_be_ticked() {
    let mut scene = Scene::new();
    scene.channels_work = false;
    scene.see(hot("09:10", 12_000));
    let notices = scene.stored().notices;
    let mail = notices.iter().find(|one| one.channel == ChannelKind::Email).unwrap().id.clone();
    for notice in [mail, NoticeId("7/1/alert/0.0/-/值班员/phone".to_owned())] {
        let refused = scene.act(at("09:11"), Act::PhoneDone { notice, by: "王五".to_owned(), at: None });
        assert!(refused[0].starts_with("refused: 没有这个电话报告任务"), "{refused:?}");
    }
}

#[test]
fn an_entry_by_slip_is_closed_and_what_told_of_it_is_void() {
    let mut scene = Scene::with(Plan {
        monthly: Some(Monthly { name: "月报".to_owned(), day: 3, to: vec!["值班员".to_owned()] }),
        ..plan("work-safety")
    });
    scene.act(at("09:00"), enter(entry(Some("重大"))));
    assert!(scene.act(after("09:00", 10), undo("王五"))[0].starts_with("refused: 只能撤销本人的操作"));
    let told = scene.act(after("09:00", 30), undo("赵六"));
    assert!(told.contains(&"correction → 值班员 email".to_owned()), "{told:#?}");
    assert!(told.contains(&"acknowledge 本单位 undone".to_owned()), "{told:#?}");
    let row = scene.incident(1);
    assert_eq!((row.state, row.is_withdrawn()), (IncidentState::Closed, true));
    let notices = scene.stored().notices;
    let correction = notices.iter().find(|one| one.kind == NoticeKind::Correction).unwrap();
    assert!(correction.facts.note.contains("误录"), "{}", correction.facts.note);
    let opened = |scene: &Scene| scene.stored().state.unwrap().monthly["青川县人民医院"].opened.clone();
    assert_eq!(opened(&scene).into_values().sum::<u64>(), 0, "no month counts it");
    assert!(scene.until(at("11:00")).iter().all(|line| !line.contains("escalation")));
    let reopen = Act::Reopen { incident: ID, by: "赵六".to_owned(), reason: "误撤".to_owned() };
    assert!(scene.act(at("11:00"), reopen)[0].starts_with("refused: 此事为误录"));
    // The same entry, handed over again by a caller that lost the answer, changes nothing.
    assert!(scene.act(at("11:00"), enter(entry(Some("重大")))).is_empty());
    // The same words, entered rightly, begin anew; after a restart too.
    let again = HandEntry { id: "e2".to_owned(), ..entry(Some("重大")) };
    let mut restarted = scene.restarted(at("11:30"));
    for scene in [&mut scene, &mut restarted] {
        let told = scene.act(at("12:00"), enter(again.clone()));
        assert!(told.contains(&"alert → 值班员 email".to_owned()), "{told:#?}");
        assert_eq!(scene.incident(2).state, IncidentState::Open);
    }
}

#[test]
fn an_alert_under_way_when_its_entry_was_taken_back_is_corrected_on_arrival() {
    let mut scene = Scene::new();
    scene.channels_work = false;
    scene.act(at("09:00"), enter(entry(Some("重大"))));
    let told = scene.act(after("09:00", 30), undo("赵六"));
    assert!(told.contains(&"cancelled 值班员 undone".to_owned()), "{told:#?}");
    assert!(!told.iter().any(|line| line.starts_with("correction")), "nobody has read it: {told:#?}");
    let notices = scene.stored().notices;
    let mail = notices.iter().find(|one| one.contact == "值班员" && one.channel == ChannelKind::Email);
    let told = scene.answer(mail.unwrap().id.clone(), after("09:00", 40), Outcome::Accepted);
    assert!(told.contains(&"correction → 值班员 email".to_owned()), "{told:#?}");
}

#[test]
fn an_entry_that_joined_is_taken_out_and_the_tier_that_it_raised_corrected() {
    let mut scene = Scene::new();
    scene.see(hot("08:50", 1_500));
    assert_eq!(scene.incident(1).reason.tier_name, "较大");
    let told = scene.act(at("09:00"), enter(entry(Some("特别重大"))));
    assert!(told.contains(&"rise → 值班员 email".to_owned()), "{told:#?}");
    let told = scene.act(after("09:00", 30), undo("赵六"));
    assert!(told.contains(&"correction → 值班员 email".to_owned()), "{told:#?}");
    let row = scene.incident(1);
    assert_eq!((row.state, row.reason.tier_name.as_str()), (IncidentState::Open, "较大"));
    assert!(row.at_least.is_none());
    let taken_out = scene.incident(2);
    assert_eq!((taken_out.state, taken_out.is_withdrawn()), (IncidentState::Closed, true));
    assert!(!told.iter().any(|line| line.starts_with("alert")), "nobody hears of the part: {told:#?}");
    // The incident goes on as if nothing had been entered.
    let told = scene.see(hot("09:20", 12_000));
    assert!(told.iter().any(|line| line.starts_with("rise → 值班员")), "{told:#?}");
}

#[test]
fn an_entry_that_a_source_has_confirmed_meanwhile_is_not_taken_back() {
    let mut scene = Scene::new();
    scene.act(at("09:00"), enter(entry(Some("重大"))));
    let mut found = look("09:00", "a.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(10);
    found.0.seen_at = after("09:00", 20);
    scene.see(found);
    let refused = scene.act(after("09:00", 30), undo("赵六"));
    assert!(refused[0].starts_with("refused: 录入后已有其他帖文归入"), "{refused:?}");
    assert_eq!(scene.incident(1).state, IncidentState::Open);
}

#[test]
fn merging_and_splitting_name_their_way_back() {
    let other = "青川县人民医院门诊楼电梯故障，两人被困二十分钟。";
    let mut scene = Scene::new();
    scene.see(hot("09:10", 1_500));
    scene.see(look("09:11", "b.example", SiteKind::Forum, "2", other).published(at("09:00")).views(1_500));
    let (by, reason) = ("李四".to_owned(), "同一件事".to_owned());
    let merge = Act::Merge { incident: ID, other: IncidentId(2), by: by.clone(), reason: reason.clone() };
    scene.act(at("09:12"), merge);
    assert_eq!(scene.act(after("09:12", 10), undo("李四")), ["refused: 合并不能撤销；请用拆分改回"]);
    let post = PostKey { site: "b.example".to_owned(), id: "2".to_owned() };
    scene.act(at("09:13"), Act::Split { post, incident: Some(ID), by, reason });
    assert_eq!(scene.act(after("09:13", 10), undo("李四")), ["refused: 拆分不能撤销；请用合并改回"]);
    let part = Act::Undo { incident: IncidentId(3), by: "李四".to_owned() };
    assert_eq!(scene.act(after("09:13", 10), part), ["refused: 拆分不能撤销；请用合并改回"]);
    assert!(scene.act(after("09:13", 61), undo("李四"))[0].starts_with("refused: 没有可撤销的操作"));
}

#[test]
fn a_drill_is_not_merged_with_what_is_real() {
    let mut scene = Scene::new();
    scene.see(hot("09:10", 1_500));
    let text = "演练编号一，请按预案签收。".to_owned();
    scene.act(at("09:11"), enter(HandEntry { drill: true, gist: text.clone(), text, ..entry(Some("重大")) }));
    let (by, reason) = ("李四".to_owned(), "误点".to_owned());
    let merge = Act::Merge { incident: ID, other: IncidentId(2), by, reason };
    assert_eq!(scene.act(at("09:12"), merge), ["refused: 演练不能与真实事件合并"]);
}

#[test]
fn a_silence_begun_by_slip_ends_with_what_it_held_back() {
    let mut scene = Scene::new();
    let silence = Act::Silence {
        unit: "青川县人民医院".to_owned(),
        group: None,
        up_to: "较大".to_owned(),
        from: None,
        until: at("20:00"),
        by: "王主任".to_owned(),
        reason: "误点".to_owned(),
    };
    scene.act(at("09:10"), silence);
    scene.see(hot("09:10", 1_500));
    assert!(scene.act(after("09:10", 20), undo("李四"))[0].starts_with("refused"), "another's");
    let told = scene.act(after("09:10", 30), undo("王主任"));
    assert!(told.contains(&"alert → 值班员 email".to_owned()), "{told:#?}");
    assert!(scene.stored().state.unwrap().silences.is_empty());
}

fn confirmed(at: Option<Timestamp>) -> Act {
    Act::Acknowledge {
        incident: ID,
        contact: "值班员".to_owned(),
        rank: None,
        how: AckHow::Phone,
        recorded_by: Some("王五".to_owned()),
        at,
    }
}

#[test]
fn a_confirmation_by_telephone_counts_from_when_it_was_given() {
    let mut scene = Scene::new();
    scene.see(hot("09:10", 12_000));
    let refused = scene.act(at("09:15"), confirmed(Some(at("09:16"))));
    assert_eq!(refused, ["refused: 时间晚于现在"]);
    let refused = scene.act(at("09:15"), confirmed(Some(at("09:09"))));
    assert_eq!(refused, ["refused: 时间早于通知发出的时间 09:10"]);
    // Typed at 09:25; the limit of 09:20 has passed, but the word was given in time.
    scene.until(at("09:25"));
    let told = scene.act(at("09:25"), confirmed(Some(at("09:18"))));
    assert!(told.contains(&"acknowledge 本单位 met".to_owned()), "{told:#?}");
    let limits = scene.stored().deadlines;
    let mut met = limits.iter().filter(|limit| limit.line.as_deref() == Some("本单位"));
    assert!(met.all(|limit| limit.state == DeadlineState::Met { at: at("09:18") }), "{limits:#?}");
    let ack = scene.incident(1).acks.remove(0);
    assert_eq!((ack.at, ack.recorded_by.as_deref()), (at("09:18"), Some("王五")));
}

#[test]
fn a_confirmation_given_before_a_rise_is_of_the_tier_that_was_told_then() {
    let mut scene = Scene::new();
    scene.see(hot("09:10", 1_500));
    scene.see(hot("09:20", 12_000));
    scene.act(at("09:25"), confirmed(Some(at("09:15"))));
    assert_eq!(scene.incident(1).acks[0].rank, 1);
    let told = scene.until(at("09:31"));
    assert!(
        told.iter().any(|line| line.starts_with("09:30 escalation")),
        "the rise is unconfirmed: {told:#?}"
    );
}

#[test]
fn a_call_meets_the_limit_when_it_was_answered() {
    let (mut scene, task) = by_phone();
    scene.until(at("09:20"));
    assert_eq!(report(&scene), DeadlineState::Overdue);
    let done = |at| Act::PhoneDone { notice: task.clone(), by: "王五".to_owned(), at: Some(at) };
    assert_eq!(scene.act(at("09:20"), done(at("09:21"))), ["refused: 时间晚于现在"]);
    assert_eq!(scene.act(at("09:20"), done(at("09:05"))), ["refused: 时间早于通知发出的时间 09:10"]);
    scene.act(at("09:20"), done(at("09:13")));
    assert_eq!(report(&scene), DeadlineState::Met { at: at("09:13") });
}

#[test]
fn what_was_taken_back_can_be_forgotten() {
    let mut scene = Scene::new();
    scene.act(at("09:00"), enter(entry(Some("重大"))));
    scene.act(after("09:00", 30), undo("赵六"));
    let (by, reason) = ("王主任".to_owned(), "当事人要求".to_owned());
    scene.act(at("10:00"), Act::Forget { post: entry(None).key(), by, reason });
    assert_eq!(scene.incident(1).gist, "（已遗忘）");
}
