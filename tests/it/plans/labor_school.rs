//! 学校（劳动保障）asks: four levels of response (特别重大: the head of the group, asking the superior; 重大、较大: the group, the
//! information office with the units; 一般: the group's office with the units; 影响较小: the units under that office); a watch
//! round the clock when a mass event breaks out.

use yuqing::model::ReportKind;

use super::{
    common::{digested, handled, minor_waits_for_the_week, subsides, the_chain_goes_on_to},
    stage::play,
};

const PLAN: &str = "labor-school";

#[test]
fn who_leads_at_each_level() {
    let story = play(PLAN);
    handled(&story, "douyin/sudden", "特别重大", ReportKind::Special, "领导小组组长");
    handled(&story, "news/major", "重大", ReportKind::Special, "领导小组");
    handled(&story, "bbs/elevated", "较大", ReportKind::Brief, "领导小组");
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:00"),
        [
            "alert 本单位1 值班员 email+sms",
            "alert 本单位1 领导小组组长 email+sms",
            "alert 上级1 上级主管部门 email+sms",
            "copy 协同处置单位 email+sms"
        ]
    );
    assert_eq!(
        story.about("news/major").told_at("11-24 11:30"),
        [
            "alert 本单位1 值班员 email+sms",
            "alert 本单位1 领导小组 email+sms",
            "copy 新闻发言人 email+sms",
            "copy 责任部门 email+sms"
        ]
    );
}

#[test]
fn a_watch_round_the_clock_begins_by_itself() {
    let story = play(PLAN);
    assert_eq!(
        story.operations(),
        [
            "11-24 10:25 系统管理员 示范单位: 开启应急值守至 11-25 10:25。事件 #4 达到重大（预案）",
            "11-24 10:45 系统管理员 示范单位: 开启应急值守至 11-26 10:45。事件 #4 达到特别重大（预案）",
            "11-24 13:00 系统管理员 示范单位: 开启应急值守至 11-26 13:00。事件 #7 达到特别重大（预案）",
            "11-24 14:20 系统管理员 示范单位: 开启应急值守至 11-26 14:20。事件 #1 达到特别重大（预案）",
            "11-26 14:20 系统管理员 示范单位: 结束应急值守。到了设定的结束时间（yuqing）"
        ]
    );
}

#[test]
fn what_is_minor_waits_for_the_week() {
    let story = play(PLAN);
    minor_waits_for_the_week(&story, &["领导小组办公室主任", "责任部门负责人"]);
    digested(&story, "bbs/park", "11-25 08:30 digest", &["值班员", "领导小组办公室主任"]);
}

#[test]
fn nobody_confirms_and_nobody_answers() {
    let story = play(PLAN);
    the_chain_goes_on_to(&story, "领导小组办公室主任");
    assert_eq!(
        story.about("news/major").passed("公开回应"),
        ["11-24 15:30 warning 值班员、领导小组", "11-24 16:30 overdue 值班员、领导小组、系统管理员"]
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
