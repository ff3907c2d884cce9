//! Messages that came back after they had been accepted (SEMANTICS 22): what is owed again, and what is not.

use jiff::Timestamp;
use yuqing::{
    desk::Input,
    model::{Act, ChannelKind, Fate, IncidentId, Notice, NoticeKind, NoticeState, Receipt, SiteKind},
};

use super::scene::{Scene, TEXT, at, look};

/// A major incident of 09:00 whose first report everybody has.
fn reported() -> Scene {
    let mut scene = Scene::new();
    let lines = scene.see(look("09:00", "weibo.example", SiteKind::Microblog, "1", TEXT).views(12_000));
    assert!(lines.contains(&"report met".to_owned()), "{lines:?}");
    scene
}

/// The newest accepted notice of a kind.
fn accepted(scene: &Scene, kind: NoticeKind) -> Notice {
    let of = |notice: &Notice| notice.kind == kind && matches!(notice.state, NoticeState::Accepted { .. });
    let notices = scene.stored().notices;
    notices.into_iter().filter(of).max_by_key(|notice| notice.created_at).expect("an accepted notice")
}

fn comes_back(scene: &mut Scene, notice: Notice, now: Timestamp) -> Vec<String> {
    let fate = Fate::Returned { why: "550 5.1.1".to_owned() };
    scene.take(&Input::Receipt(Box::new(Receipt { notice, at: now, fate })), now)
}

#[test]
fn what_came_back_is_owed_again_and_told_by_the_next_channel() {
    let mut scene = reported();
    let alert = accepted(&scene, NoticeKind::Alert);
    scene.channels_work = false;
    let lines = comes_back(&mut scene, alert, at("09:02"));
    assert!(lines.iter().any(|line| line.starts_with("report in 3 min")), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("failover → ")), "{lines:?}");
}

/// Days later the mail about an overdue answer comes back: the first report was told by another, and stays so.
#[test]
fn a_message_that_told_no_first_report_leaves_it_met_when_it_comes_back() {
    let mut scene = reported();
    let lines = scene.until(at("23:00"));
    assert!(lines.iter().any(|line| line.contains("overdue → ")), "{lines:?}");
    // The first report's own mail has been lost from the books of the present contacts meanwhile: another address now.
    for contact in scene.setup.contacts.values_mut() {
        contact.phone = Some(format!("new-{}", contact.name));
    }
    scene.desk.reconfigure(scene.setup.clone(), at("23:00"));
    let overdue = accepted(&scene, NoticeKind::Overdue);
    let lines = comes_back(&mut scene, overdue, at("23:01"));
    assert!(!lines.iter().any(|line| line.starts_with("report ")), "{lines:?}");
}

/// Owed again after its time, the report is overdue at once; and again when the next message comes back too.
#[test]
fn a_report_that_is_owed_again_late_is_told_each_time() {
    let mut scene = reported();
    let mail = |notice: &Notice| notice.channel == ChannelKind::Email && notice.contact == "值班员";
    let first = scene
        .stored()
        .notices
        .into_iter()
        .find(|one| one.kind == NoticeKind::Alert && mail(one))
        .expect("a mail");
    let lines = comes_back(&mut scene, first.clone(), at("09:30"));
    let told =
        |lines: &[String]| lines.iter().filter(|line| line.starts_with("overdue → 系统管理员")).count();
    assert!(lines.contains(&"report overdue".to_owned()) && told(&lines) > 0, "{lines:?}");
    // The office strikes the dead mailbox out: the text message had told the contact. Then that one comes back as well.
    let contact = scene.setup.contacts.get_mut(&first.contact).expect("the contact");
    contact.email = None;
    scene.desk.reconfigure(scene.setup.clone(), at("09:30"));
    let call = scene.stored().notices.into_iter().find(|one| one.kind == NoticeKind::Failover);
    let done =
        Act::PhoneDone { notice: call.expect("a call to make").id, by: "王值班".to_owned(), at: None };
    let lines = scene.act(at("09:31"), done);
    assert!(lines.contains(&"report met".to_owned()), "{lines:?}");
    let of_text = |notice: &Notice| notice.channel == ChannelKind::Sms && notice.contact == first.contact;
    let text = scene.stored().notices.into_iter().find(|one| one.kind == NoticeKind::Alert && of_text(one));
    let lines = comes_back(&mut scene, text.expect("the text message"), at("09:32"));
    assert!(lines.contains(&"report overdue".to_owned()) && told(&lines) > 0, "{lines:?}");
    assert_eq!(scene.stored().incidents[0].id, IncidentId(1));
}
