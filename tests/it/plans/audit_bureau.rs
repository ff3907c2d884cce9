//! 审计局 asks: found early, reported early, handled early; late, false, hidden or missed reports count in the yearly appraisal.

use super::{
    common::{only_in_the_digest, subsides},
    stage::play,
};

const PLAN: &str = "audit-bureau";

#[test]
fn every_limit_that_passes_is_told_to_those_who_appraise() {
    let story = play(PLAN);
    assert_eq!(
        story.about("news/major").passed("公开回应"),
        [
            "11-24 14:00 warning 值班员",
            "11-24 15:30 warning 值班员",
            "11-24 16:30 overdue 值班员、系统管理员、考核部门",
            "11-24 17:30 overdue 值班员、系统管理员、考核部门"
        ]
    );
    assert_eq!(
        story.about("news/major").passed("处理意见"),
        [
            "11-24 13:30 warning 责任部门负责人",
            "11-24 14:42 warning 责任部门负责人",
            "11-24 15:30 overdue 责任部门负责人、系统管理员、考核部门",
            "11-24 16:30 overdue 责任部门负责人、系统管理员、考核部门"
        ]
    );
}

#[test]
fn a_chain_that_nobody_confirms_is_told_to_them_too() {
    let story = play(PLAN);
    assert_eq!(
        story.about("bbs/climb").told_at("11-24 13:50"),
        [
            "escalation 本单位1 值班员 email+sms",
            "operations 本单位1 系统管理员 email+sms",
            "operations 本单位1 考核部门 email+sms"
        ]
    );
}

#[test]
fn handled_early() {
    let story = play(PLAN);
    assert_eq!(story.about("news/major").owes("处理意见"), ["11-24 11:30 → 11-24 15:30"]);
    assert_eq!(story.about("bbs/elevated").owes("response"), ["11-24 11:00 → 11-24 23:00"]);
}

#[test]
fn the_gravest_goes_up_at_once() {
    let story = play(PLAN);
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:00"),
        ["alert 本单位1 值班员 email+sms", "alert 上级1 上级主管部门 email+sms", "copy 责任部门 email+sms"]
    );
}

#[test]
fn what_exceeds_nothing_is_only_in_the_digest() {
    only_in_the_digest(&play(PLAN), &["值班员", "领导小组办公室主任"]);
}

#[test]
fn it_is_followed_until_it_subsides() {
    subsides(&play(PLAN), &["值班员"], &["值班员"]);
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}
