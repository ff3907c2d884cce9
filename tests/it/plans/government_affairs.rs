//! 市机关事务管理中心 asks: four levels of response, each with who leads (特别重大: the head of the group with the superior body;
//! 重大、较大: the leading group, reported upward; 一般: the group's office with the units; 影响较小: the units, after asking the office); consultation and
//! an agreed text that the superior approves; a public reply within 12 hours of the event; worsening told at once; watched
//! until it subsides; round the clock in an emergency; an evaluation at the end.

use yuqing::model::ReportKind;

use super::{
    common::{digested, handled, minor_waits_for_the_week, subsides},
    stage::play,
};

const PLAN: &str = "government-affairs";

#[test]
fn the_reply_is_due_twelve_hours_after_the_event() {
    let story = play(PLAN);
    assert_eq!(story.about("douyin/sudden").owes("response"), ["11-24 12:30 → 11-25 00:30"]);
    // Also of what is told in a digest only.
    assert_eq!(story.about("bbs/talk").owes("response"), ["11-24 17:30 → 11-25 05:30"]);
}

#[test]
fn the_gravest_is_led_by_the_head_of_the_group_with_the_superior() {
    let story = play(PLAN);
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:00"),
        [
            "alert 本单位1 值班员 email+sms",
            "alert 本单位1 领导小组组长 email+sms",
            "alert 上级1 上级主管部门 email+sms",
            "copy 责任部门 email+sms"
        ]
    );
    handled(&story, "douyin/sudden", "特别重大", ReportKind::Special, "领导小组组长");
    handled(&story, "news/major", "重大", ReportKind::Special, "领导小组");
    handled(&story, "bbs/elevated", "较大", ReportKind::Brief, "领导小组");
}

#[test]
fn worsening_is_told_at_once_and_starts_round_the_clock_watch() {
    let story = play(PLAN);
    assert_eq!(
        story.about("weibo/repost").alerts(),
        [
            "11-24 10:05 alert",
            "11-24 10:25 rise",
            "11-24 10:25 copy",
            "11-24 10:45 rise",
            "11-24 10:45 copy",
            "11-26 21:36 warning",
            "11-27 12:00 overdue",
            "11-28 12:00 overdue",
            "11-29 12:00 overdue",
            "11-30 12:00 overdue",
            "12-01 12:00 overdue"
        ]
    );
    assert_eq!(
        story.operations(),
        [
            "11-24 10:45 系统管理员 示范单位: 开启应急值守至 11-25 10:45。事件 #4 达到特别重大（预案）",
            "11-24 13:00 系统管理员 示范单位: 开启应急值守至 11-25 13:00。事件 #7 达到特别重大（预案）",
            "11-24 14:20 系统管理员 示范单位: 开启应急值守至 11-25 14:20。事件 #1 达到特别重大（预案）",
            "11-25 14:20 系统管理员 示范单位: 结束应急值守。到了设定的结束时间（yuqing）"
        ]
    );
}

#[test]
fn consultation_then_a_text_that_the_superior_approves() {
    let story = play(PLAN);
    assert_eq!(story.about("douyin/sudden").owes("会商研判"), ["11-24 13:00 → 11-24 15:00"]);
    assert_eq!(story.about("douyin/sudden").owes("通稿报上级审定"), ["11-24 13:00 → 11-24 19:00"]);
    assert_eq!(
        story.about("news/major").passed("通稿报上级审定"),
        [
            "11-24 16:18 warning 领导小组办公室主任、新闻发言人",
            "11-24 17:30 overdue 领导小组办公室主任、新闻发言人、系统管理员",
            "11-24 19:30 overdue 领导小组办公室主任、新闻发言人、系统管理员"
        ]
    );
}

#[test]
fn three_working_days_after_closing_it_is_evaluated() {
    let story = play(PLAN);
    // Closed on Tuesday at 17:00: half an hour, two days of seven hours, six and a half hours.
    assert_eq!(story.about("douyin/sudden").owes("总结评估"), ["11-24 17:00 → 11-27 17:00"]);
}

#[test]
fn what_is_minor_waits_for_the_week() {
    let story = play(PLAN);
    // The units handle it themselves, but ask the group's office first: it reads the same.
    minor_waits_for_the_week(&story, &["领导小组办公室主任", "责任部门负责人"]);
    // 11 comments, or a second site, are general.
    digested(&story, "bbs/talk", "11-25 08:30 digest", &["值班员", "领导小组办公室主任"]);
    digested(&story, "bbs/park", "11-25 08:30 digest", &["值班员", "领导小组办公室主任"]);
}

#[test]
fn a_reply_that_is_not_given_is_warned_of_told_and_told_again() {
    let story = play(PLAN);
    assert_eq!(
        story.about("bbs/climb").passed("公开回应"),
        [
            "11-24 17:06 warning 值班员、领导小组组长、领导小组办公室主任、上级主管部门、上级总值班室",
            "11-24 19:30 overdue 值班员、领导小组组长、领导小组办公室主任、上级主管部门、上级总值班室、系统管理员",
            "11-24 20:30 overdue 值班员、领导小组组长、领导小组办公室主任、上级主管部门、上级总值班室、系统管理员"
        ]
    );
}

#[test]
fn it_is_followed_until_it_subsides_and_worsening_is_told() {
    subsides(
        &play(PLAN),
        &["值班员", "领导小组办公室主任"],
        &["值班员", "领导小组办公室主任", "上级主管部门"],
    );
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}
