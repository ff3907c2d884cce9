//! 国务院办公厅 in 2016: of especially serious and serious events authoritative information within 5 hours at the latest and a press
//! conference within 24 hours; everything else is answered within 48 hours.

use yuqing::model::ReportKind;

use super::{
    common::{digested, handled, subsides},
    stage::play,
};

const PLAN: &str = "national";

#[test]
fn information_in_five_hours_and_a_press_conference_in_a_day() {
    let story = play(PLAN);
    assert_eq!(story.about("douyin/sudden").owes("response"), ["11-24 13:00 → 11-24 18:00"]);
    assert_eq!(story.about("news/major").owes("response"), ["11-24 11:30 → 11-24 16:30"]);
    assert_eq!(story.about("douyin/sudden").owes("新闻发布会"), ["11-24 13:00 → 11-25 13:00"]);
    assert_eq!(story.about("news/major").owes("新闻发布会"), ["11-24 11:30 → 11-25 11:30"]);
    handled(&story, "news/major", "重大", ReportKind::Special, "新闻发言人");
}

#[test]
fn everything_else_in_two_days() {
    let story = play(PLAN);
    assert_eq!(story.about("bbs/elevated").owes("response"), ["11-24 11:00 → 11-26 11:00"]);
    assert_eq!(story.about("weibo/quiet").owes("response"), ["11-24 09:10 → 11-26 09:10"]);
    assert!(story.about("bbs/elevated").owes("新闻发布会").is_empty());
}

#[test]
fn the_gravest_goes_up_at_once() {
    let story = play(PLAN);
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:00"),
        [
            "alert 本单位1 值班员 email+sms",
            "alert 本单位1 新闻发言人 email+sms",
            "alert 上级1 上级总值班室 email+sms",
            "copy 责任部门 email+sms"
        ]
    );
}

#[test]
fn a_press_conference_that_is_missed() {
    let story = play(PLAN);
    assert_eq!(
        story.about("news/major").passed("新闻发布会"),
        [
            "11-25 06:42 warning 新闻发言人、领导小组组长",
            "11-25 11:30 overdue 新闻发言人、领导小组组长、系统管理员",
            "11-25 12:30 overdue 新闻发言人、领导小组组长、系统管理员"
        ]
    );
    assert_eq!(
        story.about("bbs/elevated").passed("公开回应"),
        ["11-26 01:24 warning 值班员、新闻发言人", "11-26 11:00 overdue 值班员、新闻发言人、系统管理员"]
    );
}

#[test]
fn what_exceeds_nothing_alerts_nobody() {
    let story = play(PLAN);
    digested(&story, "weibo/quiet", "11-24 17:00 digest", &["值班员", "领导小组办公室主任"]);
    assert!(story.about("forum2/old").alerts().is_empty());
    // Only when its two days are nearly over.
    assert_eq!(story.about("weibo/quiet").alerts(), ["11-25 23:34 warning", "11-26 09:10 overdue"]);
}

#[test]
fn it_is_followed_until_it_subsides_and_worsening_is_told() {
    subsides(&play(PLAN), &["值班员", "新闻发言人"], &["值班员", "新闻发言人"]);
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}
