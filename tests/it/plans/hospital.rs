//! 人民医院 asks: the responsible department answers within a set limit and its head signs; late, missed or hidden reports are
//! traced to who owed them; everything is filed. Named local forums are watched most closely, which is said of the source.

use super::{
    common::{digested, subsides},
    stage::play,
};

const PLAN: &str = "hospital";

#[test]
fn the_head_of_the_department_must_sign() {
    let story = play(PLAN);
    // His own line: that others have confirmed does not spare him.
    assert_eq!(
        story.about("news/major").told_at("11-24 11:30"),
        [
            "alert 本单位1 值班员 email+sms",
            "alert 签收·责任部门负责人1 责任部门负责人 email+sms",
            "copy 总值班室 email+sms"
        ]
    );
    assert_eq!(story.about("news/major").owes("责任科室答复（负责人签字）"), ["11-24 11:30 → 11-24 19:30"]);
}

#[test]
fn what_is_late_is_traced() {
    let story = play(PLAN);
    assert_eq!(
        story.about("news/major").passed("责任科室答复"),
        [
            "11-24 17:54 warning 责任部门、责任部门负责人",
            "11-24 19:30 overdue 责任部门、责任部门负责人、系统管理员、考核部门",
            "11-24 21:30 overdue 责任部门、责任部门负责人、系统管理员、考核部门"
        ]
    );
    assert_eq!(
        story.about("bbs/climb").told_at("11-24 13:30"),
        [
            "escalation 本单位2 带班领导 email+sms",
            "escalation 签收·责任部门负责人1 责任部门负责人 email+sms",
            "operations 签收·责任部门负责人1 系统管理员 email+sms",
            "operations 签收·责任部门负责人1 考核部门 email+sms"
        ]
    );
}

#[test]
fn everything_is_filed() {
    let story = play(PLAN);
    assert_eq!(story.about("weibo/quiet").owes("材料归档"), ["11-26 09:00 → 11-29 09:00"]);
}

#[test]
fn what_exceeds_nothing_is_only_in_the_digest() {
    let story = play(PLAN);
    digested(&story, "weibo/quiet", "11-24 17:00 digest", &["值班员", "领导小组办公室主任"]);
    assert!(story.about("forum2/old").alerts().is_empty());
    // The department owes its answer all the same.
    assert_eq!(story.about("weibo/quiet").alerts(), ["11-28 18:36 warning", "11-29 09:00 overdue"]);
}

#[test]
fn a_missed_reply_goes_to_the_appraisal_too() {
    let story = play(PLAN);
    assert_eq!(
        story.about("news/major").passed("公开回应"),
        [
            "11-24 15:30 warning 值班员、责任部门负责人",
            "11-24 16:30 overdue 值班员、责任部门负责人、系统管理员、考核部门",
            "11-24 18:30 overdue 值班员、责任部门负责人、系统管理员、考核部门"
        ]
    );
}

#[test]
fn it_is_followed_until_it_subsides() {
    subsides(&play(PLAN), &["值班员"], &["值班员", "责任部门负责人"]);
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}
