//! What the stories of all plans have in common, so that a plan's own file holds what its clause adds: the same posts
//! come to the same tiers in each, and only names and limits differ.

use yuqing::model::ReportKind;

use super::stage::Played;

/// Which digests carried a post: `11-24 17:00 digest`, read by these in the order of the plan.
#[track_caller]
pub fn digested(story: &Played, post: &str, digest: &str, readers: &[&str]) {
    let expected: Vec<String> = readers.iter().map(|reader| format!("{digest} {reader}")).collect();
    assert_eq!(story.about(post).digests(), expected, "{post}");
}

/// An old thread that a look finds is backlog, whatever its views.
#[track_caller]
pub fn backlog_rings_nobody(story: &Played, readers: &[&str]) {
    assert!(story.about("forum2/old").alerts().is_empty());
    digested(story, "forum2/old", "11-24 17:00 backlog_digest", readers);
}

/// What exceeds nothing rings nobody and is read in the next digest; so is backlog.
#[track_caller]
pub fn only_in_the_digest(story: &Played, readers: &[&str]) {
    // 1,000 views and 100 reposts exceed nothing.
    assert!(story.about("weibo/quiet").alerts().is_empty());
    digested(story, "weibo/quiet", "11-24 17:00 digest", readers);
    backlog_rings_nobody(story, readers);
}

/// In plans of five tiers 100 views, 10 comments and one site exceed nothing and wait for the digest of Monday.
#[track_caller]
pub fn minor_waits_for_the_week(story: &Played, readers: &[&str]) {
    assert!(story.about("forum2/quiet").alerts().is_empty());
    digested(story, "forum2/quiet", "11-30 08:30 digest", readers);
}

/// By which paper a post is reported at a tier, and who leads there.
#[track_caller]
pub fn handled(story: &Played, post: &str, tier: &str, paper: ReportKind, led_by: &str) {
    assert_eq!(story.about(post).handling(tier), Some((Some(paper), Some(led_by.to_owned()))), "{post}");
}

/// Nobody confirms what climbs: at the end of the limit the next of the line is told.
#[track_caller]
pub fn the_chain_goes_on_to(story: &Played, contact: &str) {
    let expected = format!("escalation 本单位2 {contact} email+sms");
    assert_eq!(story.about("bbs/climb").told_at("11-24 13:30"), [expected]);
}
