//! 学院 asks: 一级, 二级, 三级; the third answered within 24 hours with a registration form (登记表), the first and second reported at
//! once with a factual account within 2 hours (处置意见表); a person can raise or lower a tier with a reason; a report of each
//! month by the 3rd of the next, moved past holidays, and a zero report (零报告) when there was nothing.

use yuqing::model::ReportKind;

use super::{
    common::{backlog_rings_nobody, handled, subsides},
    stage::{play, play_story},
};

const PLAN: &str = "college";

#[test]
fn the_third_level_is_answered_in_a_day_with_a_form() {
    let story = play(PLAN);
    assert_eq!(story.about("bbs/elevated").owes("response"), ["11-24 11:00 → 11-25 11:00"]);
    assert_eq!(story.about("bbs/elevated").owes("登记表"), ["11-24 11:00 → 11-25 11:00"]);
    assert_eq!(story.about("bbs/elevated").told_at("11-24 11:00"), ["alert 本单位1 值班员 email"]);
    assert!(story.about("bbs/elevated").owes("处置意见表").is_empty());
}

#[test]
fn the_first_and_second_at_once_with_an_account_in_two_hours() {
    let story = play(PLAN);
    assert_eq!(story.about("news/major").owes("处置意见表"), ["11-24 11:30 → 11-24 13:30"]);
    assert_eq!(story.about("douyin/sudden").owes("处置意见表"), ["11-24 13:00 → 11-24 15:00"]);
    assert_eq!(
        story.about("news/major").told_at("11-24 11:30"),
        ["alert 本单位1 值班员 email+sms", "copy 责任部门 email+sms"]
    );
    handled(&story, "douyin/sudden", "一级", ReportKind::Special, "领导小组组长");
    handled(&story, "bbs/elevated", "三级", ReportKind::Brief, "责任部门负责人");
}

#[test]
fn an_old_thread_alerts_nobody() {
    backlog_rings_nobody(&play(PLAN), &["值班员"]);
}

#[test]
fn what_was_closed_stays_closed_until_somebody_speaks_again() {
    let story = play(PLAN);
    // A look at 13:00 on the next day shows nothing new; a new post on the day after does.
    let mut after = story.about("news/major").alerts();
    after.retain(|line| line.as_str() > "11-25 12:30");
    assert_eq!(after, ["11-26 10:00 reopened"]);
}

#[test]
fn an_account_and_a_form_that_are_missed() {
    let story = play(PLAN);
    assert_eq!(
        story.about("news/major").passed("处置意见表"),
        [
            "11-24 13:06 warning 责任部门负责人、领导小组办公室主任",
            "11-24 13:30 overdue 责任部门负责人、领导小组办公室主任、系统管理员",
            "11-24 15:30 overdue 责任部门负责人、领导小组办公室主任、系统管理员"
        ]
    );
    assert_eq!(
        story.about("bbs/elevated").passed("登记表"),
        ["11-25 06:12 warning 责任部门负责人", "11-25 11:00 overdue 责任部门负责人、系统管理员"]
    );
}

#[test]
fn the_month_is_reported_by_the_third_and_urged_until_it_is() {
    // December the 3rd is a Thursday; on Friday it is handed up, and Monday is silent.
    assert_eq!(
        play(PLAN).operations(),
        [
            "12-01 08:30 领导小组办公室主任 2026-11 舆情月报须于 12-03 17:30 前报送；本月共 6 件",
            "12-03 17:30 领导小组办公室主任 2026-11 舆情月报应于 17:30 前报送，尚未登记；本月共 6 件",
            "12-03 17:30 系统管理员 2026-11 舆情月报应于 17:30 前报送，尚未登记；本月共 6 件",
            "12-04 08:30 领导小组办公室主任 2026-11 舆情月报应于 12-03 17:30 前报送，尚未登记；本月共 6 件",
            "12-04 08:30 系统管理员 2026-11 舆情月报应于 12-03 17:30 前报送，尚未登记；本月共 6 件",
        ]
    );
}

#[test]
fn a_month_without_anything_is_a_zero_report_after_the_holidays() {
    // October the 1st to the 7th are a holiday, so the 3rd becomes the 8th; Saturday the 10th is worked.
    assert_eq!(
        play_story(PLAN, "zero_report").operations(),
        [
            "10-08 08:30 领导小组办公室主任 2026-09 舆情月报须于 17:30 前报送；本月没有舆情事件，须报零报告",
            "10-08 17:30 领导小组办公室主任 2026-09 舆情月报应于 17:30 前报送，尚未登记；本月没有舆情事件，须报零报告",
            "10-08 17:30 系统管理员 2026-09 舆情月报应于 17:30 前报送，尚未登记；本月没有舆情事件，须报零报告",
            "10-09 08:30 领导小组办公室主任 2026-09 舆情月报应于 10-08 17:30 前报送，尚未登记；本月没有舆情事件，须报零报告",
            "10-09 08:30 系统管理员 2026-09 舆情月报应于 10-08 17:30 前报送，尚未登记；本月没有舆情事件，须报零报告",
            "10-10 08:30 领导小组办公室主任 2026-09 舆情月报应于 10-08 17:30 前报送，尚未登记；本月没有舆情事件，须报零报告",
            "10-10 08:30 系统管理员 2026-09 舆情月报应于 10-08 17:30 前报送，尚未登记；本月没有舆情事件，须报零报告",
        ]
    );
}

#[test]
fn it_is_followed_until_it_subsides_and_worsening_is_told() {
    subsides(&play(PLAN), &["值班员"], &["值班员"]);
}

#[test]
fn the_whole_story() {
    insta::assert_snapshot!(play(PLAN).timeline());
}
