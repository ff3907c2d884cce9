//! 国家安监总局 asks: over 1,000, 10,000 and 50,000 views in a day or 100, 300 and 500 reposts grade a statement; 一般 goes into the
//! digest, 较大 is reported promptly with a brief, 重大 and above at once with a special report, with copies to the bodies that must
//! cooperate; a fresh accident goes to the duty room at once, whatever its counts; followed until it subsides.

use yuqing::model::ReportKind;

use super::{
    common::{digested, only_in_the_digest, subsides, the_chain_goes_on_to},
    stage::play,
};

const PLAN: &str = "work-safety";

#[test]
fn strictly_more_than_the_numbers_grade_it() {
    let story = play(PLAN);
    let case = story.about("bbs/climb");
    let tiers: Vec<String> = case.notices.iter().map(|n| n.facts.tier_name.clone()).collect();
    assert!(tiers.contains(&"特别重大".to_owned()));
    assert_eq!(
        story.about("weibo/repost").alerts(),
        ["11-24 10:05 alert", "11-24 10:25 rise", "11-24 10:25 copy", "11-24 10:45 rise", "11-24 10:45 copy"]
    );
    assert_eq!(
        story.about("weibo/repost").owes("report"),
        ["11-24 10:05 → 11-24 10:20", "11-24 10:25 → 11-24 10:30", "11-24 10:45 → 11-24 10:50"]
    );
}

#[test]
fn papers_and_copies_by_tier() {
    let story = play(PLAN);
    assert_eq!(story.about("bbs/elevated").handling("较大"), Some((Some(ReportKind::Brief), None)));
    assert_eq!(story.about("news/major").handling("重大"), Some((Some(ReportKind::Special), None)));
    assert_eq!(story.about("bbs/elevated").told_at("11-24 11:00"), ["alert 本单位1 值班员 email"]);
    assert_eq!(
        story.about("douyin/sudden").told_at("11-24 13:00"),
        [
            "alert 本单位1 值班员 email+sms",
            "alert 上级1 上级总值班室 email+sms",
            "copy 总值班室 email+sms",
            "copy 协同处置单位 email+sms"
        ]
    );
}

#[test]
fn a_fresh_accident_goes_to_the_duty_room_at_once() {
    let story = play(PLAN);
    // Three reposts, 120 views: the tier stays general.
    assert_eq!(story.about("weibo/accident").told_at("11-24 19:00"), ["direct 总值班室 email"]);
    assert_eq!(story.about("weibo/accident").alerts(), ["11-24 19:00 direct"]);
}

#[test]
fn what_exceeds_nothing_is_only_in_the_digest() {
    only_in_the_digest(&play(PLAN), &["值班员", "领导小组办公室主任"]);
}

#[test]
fn shares_of_short_video_are_no_reposts() {
    let story = play(PLAN);
    assert!(story.about("douyin/video").alerts().is_empty());
}

#[test]
fn thirty_days_of_silence_part_the_same_words() {
    let story = play(PLAN);
    // Twenty days later it is the same statement, told already; thirty-five days after that it is a new one.
    digested(&story, "forum2/van", "11-25 08:30 digest", &["值班员", "领导小组办公室主任"]);
    digested(&story, "forum2/van3", "01-18 17:00 digest", &["值班员", "领导小组办公室主任"]);
}

#[test]
fn nobody_confirms_and_nobody_answers() {
    let story = play(PLAN);
    the_chain_goes_on_to(&story, "带班领导");
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
