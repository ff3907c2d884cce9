//! 学校 asks: an opinion on the same day, follow-up reports, the result circulated to the units concerned.

use super::{
    common::{digested, subsides},
    stage::play,
};

const PLAN: &str = "school";

#[test]
fn an_opinion_on_the_same_day() {
    let story = play(PLAN);
    assert_eq!(story.about("news/major").owes("处理意见"), ["11-24 11:30 → 11-25 00:00"]);
    // What is found after 17:30 has until noon of the next working day.
    assert_eq!(story.about("bbs/talk").owes("处理意见"), ["11-24 17:31 → 11-25 12:00"]);
}

#[test]
fn follow_ups_while_it_is_open() {
    let story = play(PLAN);
    assert_eq!(
        story.about("bbs/elevated").owes("续报"),
        [
            "11-24 11:00 → 11-24 17:00",
            "11-24 17:00 → 11-25 05:00",
            "11-25 05:00 → 11-25 17:00",
            "11-25 12:00 → 11-26 00:00"
        ]
    );
}

#[test]
fn the_result_is_circulated() {
    let story = play(PLAN);
    assert_eq!(story.about("news/major").owes("结果通报有关部门"), ["11-24 19:10 → 11-25 12:00"]);
    assert_eq!(
        story.about("news/major").passed("结果通报有关部门"),
        ["11-25 08:38 warning 值班员、责任部门", "11-25 12:00 overdue 值班员、责任部门、系统管理员"]
    );
}

#[test]
fn the_superior_hears_of_the_gravest() {
    let story = play(PLAN);
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:00"),
        ["alert 本单位1 值班员 email+sms", "alert 上级1 上级主管部门 email+sms", "copy 责任部门 email+sms"]
    );
}

#[test]
fn what_exceeds_nothing_is_only_in_the_digest() {
    let story = play(PLAN);
    digested(&story, "weibo/quiet", "11-24 17:00 digest", &["值班员", "分管领导"]);
    assert!(story.about("forum2/old").alerts().is_empty());
}

#[test]
fn an_opinion_that_is_missed() {
    let story = play(PLAN);
    assert_eq!(
        story.about("bbs/elevated").passed("处理意见"),
        ["11-24 21:24 warning 责任部门负责人", "11-25 00:00 overdue 责任部门负责人、系统管理员"]
    );
}

#[test]
fn it_is_followed_until_it_subsides() {
    subsides(&play(PLAN), &["值班员"], &["值班员"]);
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}
