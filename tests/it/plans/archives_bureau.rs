//! 市档案局 asks: a reply within 3 hours of discovering a major one; reported level by level and doubly, to the superior body and
//! to the leaders; follow-up reports while it is handled; four kinds of content, each with its handling (an inquiry or demand:
//! a proposal the same day and the result on the day it is settled); a written summary at the end.

use super::{
    common::{digested, subsides},
    stage::play,
};

const PLAN: &str = "archives-bureau";

#[test]
fn the_reply_is_due_three_hours_after_it_was_found_to_be_major() {
    let story = play(PLAN);
    // From the first instant at that tier, not from first sight; a rise keeps the earlier.
    assert_eq!(story.about("news/major").owes("response"), ["11-24 11:30 → 11-24 14:30"]);
    assert_eq!(
        story.about("weibo/repost").owes("response"),
        ["11-24 10:00 → 11-25 10:00", "11-24 10:25 → 11-24 13:25", "11-24 10:45 → 11-24 13:25"]
    );
}

#[test]
fn level_by_level_and_doubly() {
    let story = play(PLAN);
    assert_eq!(
        story.about("news/major").told_at("11-24 11:30"),
        [
            "alert 本单位1 值班员 email+sms",
            "alert 领导1 分管领导 email+sms",
            "alert 上级1 上级主管部门 email+sms"
        ]
    );
    // Nobody confirms: each line goes on by itself, and from its top when it ends.
    assert_eq!(
        story.about("bbs/climb").told_at("11-24 13:30"),
        [
            "escalation 上级1 上级主管部门 email+sms",
            "operations 上级1 系统管理员 email+sms",
            "escalation 本单位2 责任部门负责人 email+sms",
            "escalation 领导2 领导小组组长 email+sms"
        ]
    );
}

#[test]
fn follow_ups_every_four_hours() {
    let story = play(PLAN);
    assert_eq!(
        story.about("news/major").owes("续报"),
        [
            "11-24 11:30 → 11-24 15:30",
            "11-24 15:00 → 11-24 19:00",
            "11-24 19:00 → 11-24 23:00",
            "11-24 20:10 → 11-25 00:10",
            "11-25 00:05 → 11-25 04:05",
            "11-25 03:50 → 11-25 07:50",
            "11-25 07:45 → 11-25 11:45",
            "11-25 11:45 → 11-25 15:45"
        ]
    );
}

#[test]
fn each_kind_of_content_has_its_handling() {
    let story = play(PLAN);
    assert_eq!(story.about("weibo/quiet").owes("处理建议"), ["11-24 09:10 → 11-25 00:00"]);
    assert_eq!(story.about("weibo/quiet").owes("办理结果"), ["11-25 09:00 → 11-26 00:00"]);
    assert_eq!(story.about("bbs/talk").owes("处理建议"), ["11-24 18:00 → 11-25 00:00"]);
    assert_eq!(story.about("weibo/repost").owes("应对方案"), ["11-24 10:45 → 11-24 13:45"]);
    assert_eq!(story.about("news/major").owes("澄清材料"), ["11-24 11:30 → 11-24 13:30"]);
    assert_eq!(story.about("bbs/elevated").owes("建议采纳意见"), ["11-24 11:00 → 11-27 11:00"]);
    // Nothing is owed by kind before anybody has said what kind it is.
    assert!(story.about("bbs/climb").owes("澄清材料").is_empty());
}

#[test]
fn a_summary_in_writing_after_closing() {
    let story = play(PLAN);
    assert_eq!(story.about("douyin/sudden").owes("书面总结"), ["11-24 17:00 → 11-29 17:00"]);
}

#[test]
fn what_exceeds_nothing_alerts_nobody() {
    let story = play(PLAN);
    // An inquiry is owed its proposal all the same, and the one who owes it hears of it.
    assert!(story.about("forum2/old").alerts().is_empty());
    digested(&story, "weibo/quiet", "11-24 17:00 digest", &["值班员", "责任部门负责人"]);
    assert_eq!(
        story.about("weibo/quiet").alerts(),
        ["11-24 21:02 warning", "11-25 00:00 overdue", "11-25 21:00 warning", "11-26 00:00 overdue"]
    );
}

#[test]
fn a_missed_reply_is_told_to_everybody_told_so_far() {
    let story = play(PLAN);
    assert_eq!(
        story.about("news/major").passed("公开回应"),
        [
            "11-24 13:54 warning 值班员、分管领导、上级主管部门",
            "11-24 14:30 overdue 值班员、分管领导、上级主管部门、系统管理员",
            "11-24 15:30 overdue 值班员、分管领导、上级主管部门、系统管理员"
        ]
    );
}

#[test]
fn it_is_followed_until_it_subsides_and_worsening_is_told() {
    subsides(&play(PLAN), &["值班员"], &["值班员", "分管领导", "上级主管部门"]);
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}
