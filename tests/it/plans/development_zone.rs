//! 开发区管委会 asks: a case register; assigned by a leader who names one lead; tracked and urged (督办、催办); replies approved
//! (审定); filed; units that neither answered nor explained are named in a circular (通报).

use yuqing::model::ReportKind;

use super::{
    common::{backlog_rings_nobody, digested, handled, subsides},
    stage::play,
};

const PLAN: &str = "development-zone";

#[test]
fn a_leader_assigns_it_within_the_hour() {
    let story = play(PLAN);
    assert_eq!(story.about("news/major").owes("领导批办"), ["11-24 11:30 → 11-24 12:30"]);
    assert_eq!(
        story.about("news/major").passed("领导批办"),
        ["11-24 12:18 warning 分管领导", "11-24 12:30 overdue 分管领导、系统管理员"]
    );
    handled(&story, "news/major", "重大", ReportKind::Special, "分管领导");
}

#[test]
fn what_the_leader_assigned_in_time_is_not_asked_for() {
    let story = play(PLAN);
    // Assigned at 11:00, due at 11:45, risen through three tiers: nobody registers it, nobody is reminded.
    assert!(story.about("weibo/repost").passed("领导批办").is_empty());
    assert!(story.about("weibo/repost").passed("答复审定").is_empty());
    // Assigned after it had passed: urged once, at the hour, and not again four hours later.
    assert_eq!(
        story.about("bbs/elevated").passed("领导批办"),
        ["11-24 11:48 warning 分管领导", "11-24 12:00 overdue 分管领导、系统管理员"]
    );
}

#[test]
fn the_unit_answers_or_is_urged_and_named_in_a_circular() {
    let story = play(PLAN);
    // Confirmed at 11:35: due four hours later, urged every four hours, named after four more. Until 15:00 nobody has
    // been named to lead.
    assert_eq!(story.about("news/major").owes("承办单位答复"), ["11-24 11:35 → 11-24 15:35"]);
    assert_eq!(
        story.about("news/major").passed("承办单位答复"),
        [
            "11-24 14:47 warning 责任部门、责任部门负责人",
            "11-24 15:35 overdue 协同处置单位、系统管理员",
            "11-24 19:35 overdue 协同处置单位、系统管理员、领导小组、各部门",
            "11-24 23:35 overdue 协同处置单位、系统管理员"
        ]
    );
    assert_eq!(
        story.about("news/major").told_at("11-24 19:35"),
        [
            "overdue 协同处置单位 email+sms",
            "overdue 系统管理员 email+sms",
            "overdue 领导小组 email+sms",
            "overdue 各部门 email+sms"
        ]
    );
}

#[test]
fn the_circular_names_the_unit_that_was_assigned() {
    let story = play(PLAN);
    let about = story.about("news/major");
    let circulars: Vec<&str> = about
        .notices
        .iter()
        .filter(|notice| notice.contact == "各部门")
        .map(|notice| notice.facts.note.as_str())
        .collect();
    assert_eq!(circulars, ["通报: 协同处置单位 未在 15:35 前完成承办单位答复，也未说明原因"; 2]);
}

#[test]
fn an_explanation_before_the_circular_stops_it() {
    let story = play(PLAN);
    // Due at 15:20, explained at 18:00; the circular would have gone out at 19:20. Assigned at 12:10.
    assert_eq!(
        story.about("bbs/elevated").passed("承办单位答复"),
        ["11-24 14:32 warning 协同处置单位", "11-24 15:20 overdue 协同处置单位、系统管理员"]
    );
}

#[test]
fn replies_are_approved_and_the_case_is_filed() {
    let story = play(PLAN);
    assert_eq!(story.about("news/major").owes("答复审定"), ["11-24 11:35 → 11-24 16:35"]);
    assert_eq!(story.about("douyin/sudden").owes("归档"), ["11-24 17:00 → 11-26 17:00"]);
}

#[test]
fn what_exceeds_nothing_is_only_in_the_digest() {
    let story = play(PLAN);
    // 1,000 views and 100 reposts exceed nothing.
    let mut alerts = story.about("weibo/quiet").alerts();
    // It was closed then, and is owed to the register.
    alerts.retain(|line| line.as_str() < "11-26 09:00");
    assert!(alerts.is_empty());
    digested(&story, "weibo/quiet", "11-24 17:00 digest", &["值班员", "领导小组办公室主任"]);
    backlog_rings_nobody(&story, &["值班员", "领导小组办公室主任"]);
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}

#[test]
fn it_is_followed_until_it_subsides_and_worsening_is_told() {
    subsides(&play(PLAN), &["值班员", "领导小组办公室主任"], &["值班员", "领导小组办公室主任"]);
}
