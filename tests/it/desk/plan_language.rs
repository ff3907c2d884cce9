//! What a plan can say beyond views and reposts: conditions together, growth, kinds, limits of its own in calendar
//! and working time, warnings, reminders, steps that come whatever was confirmed, quiet hours, everybody confirms.

use jiff::{SignedDuration, civil::time};
use yuqing::{
    config::{holidays, plan, sheet::Sheet, shipped},
    model::*,
};

use super::scene::{Scene, TEXT, at, look, on};

const HEAD: &str = "title = \"试验预案\"\nadministrators = [\"系统管理员\"]\n[digest]\nat = [\"08:30\"]\n";
const GENERAL: &str = "[[tier]]\nid = \"general\"\nname = \"一般\"\ntelling = \"动态\"\n\
    lines = [{ name = \"本单位\", steps = [[\"值班员\"]] }]\nchannels = [\"邮件\"]\n";
const CRITICAL: &str = "[[tier]]\nid = \"critical\"\nname = \"特别重大\"\nviews_over = 50000\ntelling = \"立即\"\n\
    lines = [{ name = \"本单位\", steps = [[\"组长\"]] }]\nchannels = [\"邮件\"]\nreport = \"5min\"\n\
    acknowledge = \"10min\"\n";

/// A plan whose middle tier is `elevated`, written as a file.
fn plan_of(top: &str, elevated: &str, general: &str) -> Plan {
    let text = format!(
        "{top}\n{HEAD}{CRITICAL}[[tier]]\nid = \"elevated\"\nname = \"较大\"\ntelling = \"及时\"\n\
        channels = [\"邮件\"]\n{elevated}\n{GENERAL}{general}\n"
    );
    let path = std::path::Path::new("plans/trial.toml");
    let sheet = Sheet::new(path, &text);
    let read = plan::read(&sheet, "trial", None);
    let (faults, _) = sheet.into_findings();
    assert!(faults.is_empty(), "{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    read.unwrap()
}

const LINE: &str = "lines = [{ name = \"本单位\", steps = [[\"值班员\"], [\"主任\"]] }]\nreport = \"15min\"\n\
    acknowledge = \"60min\"\n";

fn scene(plan: Plan) -> Scene {
    let mut scene = Scene::with(plan);
    let (days, _) = holidays::of(&yuqing::config::Folder::Shipped).unwrap();
    scene.setup.workdays = std::sync::Arc::new(days);
    Scene::on_stage(scene.setup, true)
}

fn hot(scene: &mut Scene, clock: &str, views: u64) -> Vec<String> {
    scene.see(look(clock, "a.example", SiteKind::Forum, "1", TEXT).published(at(clock)).views(views))
}

fn acknowledged(scene: &mut Scene, clock: &str, contact: &str) -> Vec<String> {
    let act = Act::Acknowledge {
        incident: IncidentId(1),
        contact: contact.to_owned(),
        rank: None,
        how: AckHow::Console,
        recorded_by: None,
        at: None,
    };
    scene.act(at(clock), act)
}

fn has(lines: &[String], part: &str) -> bool {
    lines.iter().any(|line| line.contains(part))
}

#[test]
fn conditions_written_together_must_all_hold() {
    let mut scene =
        scene(plan_of("", &format!("{LINE}when = [{{ views_over = 500, comments_over = 20 }}]"), ""));
    let with = |views: u64, comments: u64, minute: &str| {
        let mut look =
            look(minute, "a.example", SiteKind::Forum, "1", TEXT).published(at("09:00")).views(views);
        look.0.counters.comments = Some(Count::exact(comments));
        look
    };
    assert!(!has(&scene.see(with(800, 20, "09:01")), "较大"));
    let told = scene.see(with(900, 21, "09:02"));
    assert!(has(&told, "较大: 24 小时浏览 900 > 500 且 评论 21 > 20"), "{told:#?}");
}

#[test]
fn views_gained_in_an_hour_can_raise() {
    let mut scene = scene(plan_of("", &format!("{LINE}growth_over = 300"), ""));
    hot(&mut scene, "09:00", 250);
    assert!(!has(&hot(&mut scene, "11:00", 550), "较大"), "150 an hour");
    let told = hot(&mut scene, "11:30", 800);
    assert!(has(&told, "较大: 一小时新增浏览 325 > 300"), "{told:#?}");
}

#[test]
fn a_kind_that_a_person_decides_can_raise() {
    let mut scene = scene(plan_of("", &format!("{LINE}kinds = [\"虚假信息\"]"), ""));
    hot(&mut scene, "09:00", 10);
    let decided = Act::SetKind {
        incident: IncidentId(1),
        kind: Kind::Fabrication,
        by: "王主任".to_owned(),
        reason: "已核实".to_owned(),
    };
    let told = scene.act(at("09:10"), decided);
    assert!(has(&told, "较大: 内容: 虚假信息") && has(&told, "alert → 值班员 email"), "{told:#?}");
}

#[test]
fn own_limits_run_from_their_event_warn_and_are_told_when_late() {
    let limits = "remind = \"2h\"\nlimit = [\n\
        { kind = \"反馈\", name = \"处置意见表\", within = \"2h\", from = \"签收\", to = [\"主任\"] },\n\
        { kind = \"续报\", name = \"续报\", within = \"4h\", every = \"4h\", from = \"定级\" }]";
    let mut scene = scene(plan_of("warn_at = [50, 75]", &format!("{LINE}views_over = 100\n{limits}"), ""));
    let told = hot(&mut scene, "09:00", 200);
    assert!(has(&told, "follow_up in 240 min") && !has(&told, "feedback"), "{told:#?}");
    let told = acknowledged(&mut scene, "09:30", "值班员");
    assert!(has(&told, "feedback in 120 min"), "it runs from the confirmation: {told:#?}");
    let told = scene.until(at("12:29"));
    let expected = [
        "10:30 warning → 主任 email",
        "11:00 warning → 主任 email",
        "11:00 warning → 值班员 email",
        "11:30 feedback overdue",
        "11:30 overdue → 主任 email",
        "11:30 overdue → 系统管理员 email",
        "12:00 warning → 值班员 email",
    ];
    assert_eq!(told, expected);
    let completed = |clock: &str, duty: &str, scene: &mut Scene| {
        let (incident, text) = (IncidentId(1), "已报送".to_owned());
        let act = Act::Complete { incident, duty: duty.to_owned(), by: "李四".to_owned(), text };
        scene.act(at(clock), act)
    };
    assert_eq!(
        completed("12:30", "续报", &mut scene),
        ["follow_up met", "follow_up in 240 min"],
        "owed again"
    );
    let told = scene.until(at("14:00"));
    assert!(has(&told, "13:30 overdue → 主任 email"), "reminded every two hours: {told:#?}");
    assert_eq!(completed("14:00", "处置意见表", &mut scene), ["feedback met"]);
    assert!(
        completed("14:01", "处置意见表", &mut scene)[0]
            .starts_with("refused: 没有待办的事项: 处置意见表 (续报)")
    );
    let told = scene.until(at("23:59"));
    assert!(!has(&told, "feedback"), "{told:#?}");
    assert_eq!(
        told.iter().filter(|line| line.contains("follow_up overdue")).count(),
        2,
        "16:30 and 20:30: {told:#?}"
    );
}

#[test]
fn of_several_follow_up_reports_that_are_owed_only_the_last_is_reminded_of() {
    let limits = "remind = \"1h\"\nlimit = [\n\
        { kind = \"续报\", name = \"续报\", within = \"2h\", every = \"2h\", from = \"定级\" }]";
    let mut scene = scene(plan_of("warn_at = []", &format!("{LINE}views_over = 100\n{limits}"), ""));
    hot(&mut scene, "09:00", 200);
    acknowledged(&mut scene, "09:05", "值班员");
    let told = scene.until(at("18:30"));
    let clocks: Vec<&str> =
        told.iter().filter_map(|line| line.strip_suffix(" overdue → 值班员 email")).collect();
    // 11:00 the first is late, 12:00 reminded of, 13:00 the second is late and speaks for both…
    assert_eq!(clocks, ["11:00", "12:00", "13:00", "14:00", "15:00", "16:00", "17:00", "18:00"], "{told:#?}");
}

#[test]
fn working_time_skips_nights_weekends_and_holidays_and_works_for_them() {
    let (days, _) = holidays::of(&yuqing::config::Folder::Shipped).unwrap();
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let hours = OfficeHours::default();
    let instant = |text: &str| format!("{text}:00+08:00").parse::<jiff::Timestamp>().unwrap();
    let after = |from: &str, minutes: i64| {
        let due = hours.after(instant(from), SignedDuration::from_mins(minutes), &days, &zone);
        due.to_zoned(zone.clone()).strftime("%m-%d %H:%M").to_string()
    };
    assert_eq!(after("2026-11-20T16:30", 120), "11-23 09:30", "Friday to Monday");
    assert_eq!(after("2026-11-20T11:00", 90), "11-20 14:30", "over lunch");
    assert_eq!(after("2026-02-13T17:00", 60), "02-14 09:00", "a Saturday that is worked");
    assert_eq!(after("2026-02-14T17:00", 60), "02-24 09:00", "over the Spring Festival");
    assert_eq!(after("2026-11-21T23:00", 10), "11-23 08:40", "from a Saturday night");
}

#[test]
fn the_same_day_ends_at_midnight_and_after_the_cutoff_at_noon_of_the_next_working_day() {
    let general = "views_over = 5\nresponse = { within = \"当日\", from = \"发现\" }\n";
    let own = "same_day_cutoff = \"16:00\"";
    let elevated = format!("{LINE}views_over = 1000");
    let due = |day: i64, clock: &str| {
        let mut scene = scene(plan_of(own, &elevated, general));
        scene.see(super::scene::look_at(on(day, clock), "a.example", SiteKind::Forum, "1", TEXT).views(9));
        let limits = scene.stored().deadlines;
        let due = limits.first().unwrap().due_at.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap());
        due.strftime("%d %H:%M").to_string()
    };
    assert_eq!(due(20, "15:59"), "21 00:00");
    assert_eq!(due(20, "16:01"), "23 12:00", "Friday evening to Monday noon");
    assert_eq!(due(21, "10:00"), "22 00:00", "a Saturday is a day too");
}

#[test]
fn the_long_form_of_a_line_waits_as_written_and_tells_some_whatever_was_confirmed() {
    let line = "report = \"15min\"\nacknowledge = \"60min\"\nviews_over = 100\n[[tier.lines]]\nname = \"本单位\"\nsteps = [\
        { notify = [\"值班员\"] }, { wait = \"10min\" }, { notify_if_unacknowledged = [\"主任\"] }, \
        { wait = \"20min\" }, { notify = [\"组长\"] }, { repeat = true }]\n";
    let plan = plan_of("", line, "");
    let mut silent = scene(plan.clone());
    hot(&mut silent, "09:00", 200);
    let told: Vec<String> = silent.until(at("10:00")).into_iter().filter(|line| line.contains('→')).collect();
    assert_eq!(told, ["09:10 escalation → 主任 email", "09:30 escalation → 组长 email"]);
    let mut confirmed = scene(plan);
    hot(&mut confirmed, "09:00", 200);
    acknowledged(&mut confirmed, "09:05", "值班员");
    let told: Vec<String> =
        confirmed.until(at("10:00")).into_iter().filter(|line| line.contains('→')).collect();
    assert_eq!(told, ["09:30 escalation → 组长 email"], "the head is told in any case");
}

#[test]
fn everybody_named_must_confirm_for_himself() {
    let tier = "views_over = 100\neveryone = [\"主任\", \"组长\"]\nreport = \"15min\"\nacknowledge = \"60min\"\n\
        lines = [{ name = \"本单位\", steps = [[\"值班员\"]] }]";
    let mut scene = scene(plan_of("", tier, ""));
    let told = hot(&mut scene, "09:00", 200);
    assert_eq!(told.iter().filter(|line| line.starts_with("alert → ")).count(), 3, "{told:#?}");
    acknowledged(&mut scene, "09:10", "主任");
    acknowledged(&mut scene, "09:11", "值班员");
    let told = scene.until(at("10:00"));
    assert!(has(&told, "10:00 escalation → 组长 email") && !has(&told, "主任"), "{told:#?}");
}

#[test]
fn quiet_hours_hold_what_may_wait_and_never_past_the_report_limit() {
    let tier = "views_over = 100\nquiet = \"22:00-07:00\"\nreport = \"12h\"\nacknowledge = \"24h\"\ncopies = [\"抄送处\"]\n\
        lines = [{ name = \"本单位\", steps = [[\"值班员\"]] }]";
    let plan = plan_of("", tier, "");
    let mut night = scene(plan.clone());
    let told = hot(&mut night, "01:00", 200);
    assert!(!has(&told, "alert →"), "{told:#?}");
    let told: Vec<String> = night.until(at("07:30")).into_iter().filter(|line| line.contains('→')).collect();
    assert_eq!(told, ["07:00 copy → 抄送处 email", "07:00 alert → 值班员 email"]);
    assert!(has(&hot(&mut night, "07:40", 60_000), "rise → 组长 email"), "the graver tier never waits");
    let mut short = scene(Plan {
        tiers: plan
            .tiers
            .iter()
            .cloned()
            .map(|mut tier| {
                tier.report = tier.quiet.map_or(tier.report, |_| Some(SignedDuration::from_hours(2)));
                tier
            })
            .collect(),
        ..plan
    });
    hot(&mut short, "01:00", 200);
    assert!(has(&short.until(at("03:00")), "02:30 alert → 值班员 email"), "a quarter of the limit is left");
}

#[test]
fn quiet_hours_are_refused_where_the_report_is_urgent() {
    let text = format!("{HEAD}{CRITICAL}quiet = \"22:00-07:00\"\n{CRITICAL}{GENERAL}");
    let path = std::path::Path::new("plans/trial.toml");
    let sheet = Sheet::new(path, &text);
    let _ = plan::read(&sheet, "trial", None);
    let (faults, _) = sheet.into_findings();
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|fault| fault.contains("特别重大 必须在 5min 内报告，不能有静默时段")),
        "{said:#?}"
    );
}

#[test]
fn holidays_that_contradict_themselves_are_named() {
    let wrong = shipped::file("holidays.toml").unwrap().replace("\"2026-02-14\"", "\"2026-02-16\"");
    let path = std::path::Path::new("holidays.toml");
    let sheet = Sheet::new(path, &wrong);
    let _ = holidays::read(&sheet);
    let (faults, _) = sheet.into_findings();
    assert!(faults[0].to_string().contains("2026-02-16 既放假又上班"), "{}", faults[0]);
    assert_eq!(OfficeHours::default().0.len(), 2);
    assert_eq!(OfficeHours::default().0[0].0, time(8, 30, 0, 0));
}

#[test]
fn after_an_outage_what_is_overdue_is_told_once_and_again_only_at_the_next_time() {
    let limits = "remind = \"2h\"\nlimit = [\n\
        { kind = \"反馈\", name = \"处置意见表\", within = \"1h\", from = \"定级\", to = [\"主任\"] }]";
    let mut scene = scene(plan_of("", &format!("{LINE}views_over = 100\n{limits}"), ""));
    hot(&mut scene, "09:00", 200);
    acknowledged(&mut scene, "09:10", "值班员");
    // Nobody ran from 09:10 to 16:30: the limit passed at 10:00, three repeats with it.
    let mut told = scene.take(&yuqing::desk::Input::Tick, at("16:30"));
    while scene.desk.next_due().is_some_and(|due| due <= at("16:30")) {
        told.extend(scene.take(&yuqing::desk::Input::Tick, at("16:30")));
    }
    let to_chief = told.iter().filter(|line| line.contains("overdue → 主任 email")).count();
    assert_eq!(to_chief, 1, "{told:#?}");
    assert!(has(&scene.until(at("18:00")), "18:00 overdue → 主任 email"), "and again in its time");
}

#[test]
fn what_is_owed_again_runs_from_the_time_before_not_from_an_earlier_origin() {
    let limits = "limit = [\n\
        { kind = \"续报\", name = \"续报\", within = \"4h\", every = \"4h\", from = \"发布\" }]";
    let mut scene = scene(plan_of("", &format!("{LINE}views_over = 100\n{limits}"), ""));
    hot(&mut scene, "09:00", 200);
    acknowledged(&mut scene, "09:10", "值班员");
    scene.until(at("13:30"));
    // The first fell due at 13:00, the second is due at 17:00; every further look leaves it there.
    for clock in ["13:31", "13:40"] {
        let look = look(clock, "b.example", SiteKind::Forum, clock, TEXT).published(at("08:00")).views(10);
        assert!(!has(&scene.see(look), "follow_up"), "at {clock}");
        assert!(!has(&scene.until(at(clock)), "overdue"), "at {clock}");
    }
    assert!(has(&scene.until(at("17:00")), "17:00 follow_up overdue"));
}
