//! 县政府 asks: browsed daily, at home and abroad; reported to the leading group at the first moment with a proposal; 特别重大 goes
//! to the county committee's and the government's offices, then upward.

use super::{
    common::{only_in_the_digest, subsides, the_chain_goes_on_to},
    stage::play,
};

const PLAN: &str = "county-office";

#[test]
fn to_the_leading_group_at_the_first_moment() {
    let story = play(PLAN);
    assert_eq!(
        story.about("news/major").told_at("11-24 11:30"),
        ["alert 本单位1 值班员 email+sms", "alert 本单位1 领导小组 email+sms", "copy 责任部门 email+sms"]
    );
}

#[test]
fn the_gravest_goes_to_both_offices_and_then_upward_whoever_confirmed() {
    let story = play(PLAN);
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:00"),
        [
            "alert 本单位1 值班员 email+sms",
            "alert 本单位1 领导小组 email+sms",
            "alert 上级1 县委办公室 email+sms",
            "alert 上级1 县政府办公室 email+sms",
            "copy 协同处置单位 email+sms"
        ]
    );
    // Both lines were confirmed at 13:06.
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:30"),
        [
            "overdue 值班员 email+sms",
            "overdue 责任部门负责人 email+sms",
            "overdue 系统管理员 email+sms",
            "escalation 上级2 上级总值班室 email+sms"
        ]
    );
}

#[test]
fn a_proposal_goes_with_the_report() {
    let story = play(PLAN);
    assert_eq!(story.about("news/major").owes("处置建议"), ["11-24 11:30 → 11-24 12:00"]);
    assert_eq!(
        story.about("news/major").passed("处置建议"),
        [
            "11-24 11:54 warning 值班员、责任部门负责人",
            "11-24 12:00 overdue 值班员、责任部门负责人、系统管理员"
        ]
    );
}

#[test]
fn what_exceeds_nothing_is_only_in_the_digest() {
    only_in_the_digest(&play(PLAN), &["值班员", "领导小组"]);
}

#[test]
fn a_chain_that_nobody_confirms_begins_again() {
    let story = play(PLAN);
    the_chain_goes_on_to(&story, "领导小组办公室主任");
    assert_eq!(
        story.about("bbs/climb").told_at("11-24 13:50"),
        [
            "escalation 本单位1 值班员 email+sms",
            "escalation 本单位1 领导小组 email+sms",
            "operations 本单位1 系统管理员 email+sms",
            "overdue 值班员 email+sms",
            "overdue 责任部门负责人 email+sms",
            "overdue 系统管理员 email+sms"
        ]
    );
}

#[test]
fn it_is_followed_until_it_subsides_and_worsening_is_told() {
    subsides(&play(PLAN), &["值班员", "领导小组"], &["值班员", "领导小组"]);
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}
