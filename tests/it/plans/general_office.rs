//! 单位通用制度 asks: what was found goes to the leading group; internal bulletins regularly (the digest) and ad hoc (copies to
//! every department); a full record after the crisis.

use super::{
    common::{only_in_the_digest, subsides, the_chain_goes_on_to},
    stage::play,
};

const PLAN: &str = "general-office";

#[test]
fn bulletins_regular_and_ad_hoc() {
    let story = play(PLAN);
    assert_eq!(
        story.about("bbs/elevated").told_at("11-24 11:00"),
        ["alert 本单位1 值班员 email", "copy 领导小组 email", "copy 各部门 email"]
    );
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:00"),
        [
            "alert 本单位1 值班员 email+sms",
            "alert 上级1 上级总值班室 email+sms",
            "copy 领导小组 email+sms",
            "copy 各部门 email+sms"
        ]
    );
}

#[test]
fn a_full_record_after_the_crisis() {
    let story = play(PLAN);
    assert_eq!(story.about("douyin/sudden").owes("完整记录"), ["11-24 17:00 → 12-01 17:00"]);
    assert!(story.about("bbs/elevated").owes("完整记录").is_empty());
}

#[test]
fn what_exceeds_nothing_is_only_in_the_digest() {
    only_in_the_digest(&play(PLAN), &["值班员", "领导小组"]);
}

#[test]
fn nobody_confirms_and_nobody_answers() {
    let story = play(PLAN);
    the_chain_goes_on_to(&story, "领导小组办公室主任");
    assert_eq!(
        story.about("news/major").passed("公开回应"),
        ["11-24 15:30 warning 值班员", "11-24 16:30 overdue 值班员、系统管理员"]
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
