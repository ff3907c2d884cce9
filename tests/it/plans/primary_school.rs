//! 小学 asks: inquiries are answered on the same day; followed until it subsides.

use super::{
    common::{digested, subsides},
    stage::play,
};

const PLAN: &str = "primary-school";

#[test]
fn an_inquiry_is_answered_on_the_same_day() {
    let story = play(PLAN);
    assert_eq!(story.about("weibo/quiet").owes("答复咨询"), ["11-24 09:10 → 11-25 00:00"]);
    // A suggestion is none.
    assert!(story.about("bbs/talk").owes("答复咨询").is_empty());
}

#[test]
fn followed_until_it_is_closed() {
    let story = play(PLAN);
    assert_eq!(
        story.about("bbs/elevated").owes("跟踪情况"),
        ["11-24 11:00 → 11-24 23:00", "11-24 23:00 → 11-25 23:00", "11-25 12:00 → 11-26 12:00"]
    );
}

#[test]
fn an_inquiry_that_is_missed() {
    let story = play(PLAN);
    assert_eq!(
        story.about("weibo/quiet").passed("答复咨询"),
        [
            "11-24 21:02 warning 值班员、责任部门负责人",
            "11-25 00:00 overdue 值班员、责任部门负责人、系统管理员"
        ]
    );
}

#[test]
fn the_gravest_goes_up_at_once() {
    let story = play(PLAN);
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:00"),
        ["alert 本单位1 值班员 email+sms", "alert 上级1 上级主管部门 email+sms"]
    );
    assert_eq!(story.about("douyin/sudden").owes("response"), ["11-24 13:00 → 11-24 18:00"]);
}

#[test]
fn what_exceeds_nothing_is_only_in_the_digest() {
    let story = play(PLAN);
    assert!(story.about("bbs/talk").alerts().is_empty());
    digested(&story, "bbs/talk", "11-25 08:30 digest", &["值班员", "分管领导"]);
    assert!(story.about("forum2/old").alerts().is_empty());
}

#[test]
fn it_is_followed_until_it_subsides_and_worsening_is_told() {
    subsides(&play(PLAN), &["值班员"], &["值班员"]);
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}
