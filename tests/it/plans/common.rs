//! What the stories of all plans have in common, so that a plan's own file holds what its clause adds: the same posts
//! come to the same tiers in each, and only names and limits differ.

use yuqing::model::{NoticeKind, ReportKind};

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

/// It grows by 40 views an hour until the evening of the 25th and by 39 from the morning of the 26th: a day after that
/// it is proposed that it has subsided, to those on duty. Where anybody is named for it, it grows again an hour later, which
/// is told as 恶化 to whoever is told of its tier.
#[track_caller]
pub fn subsides(story: &Played, duty: &[&str], worsened: &[&str]) {
    let case = story.about("bbs/calm");
    let at = |at: &str, names: &[&str]| names.iter().map(|name| format!("{at} {name}")).collect::<Vec<_>>();
    assert_eq!(case.told_as(NoticeKind::Subsided), at("11-27 08:00", duty));
    assert_eq!(case.told_as(NoticeKind::Worsened), at("11-27 09:00", worsened));
    let note = &case.notices.iter().find(|notice| notice.kind == NoticeKind::Subsided).unwrap().facts.note;
    assert_eq!(note, "24 小时内每小时新增浏览少于 40，建议平息");
}
