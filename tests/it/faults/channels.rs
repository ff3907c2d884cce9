//! One way out fails while the other works: the other and the next person hear in time, the administrator is
//! told, and what waited arrives once when it can.

use yuqing::model::{DeadlineKind, DeadlineState, NoticeState};

use super::{
    gateway::Mode,
    hours::{Hours, words},
    office::{ADMINISTRATOR, CHAIN},
};
use crate::support::mail::{Act, Point};

/// Text messages to a person.
fn texts_to(hours: &Hours, phone: &str) -> usize {
    hours.gateway.taken().iter().filter(|message| message.to == phone).count()
}

async fn report_is(hours: &Hours, holds: impl Fn(&DeadlineState) -> bool) -> bool {
    let incident = hours.daemon.store().incidents(Default::default()).await.unwrap()[0].id;
    let view = hours.daemon.store().incident(incident).await.unwrap().unwrap();
    view.deadlines.iter().any(|one| one.kind == DeadlineKind::Report && holds(&one.state))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_swallows_everything_delays_no_text_message_and_no_next_step() {
    let hours = Hours::impatient().await;
    // Accepts the connection and never says a word.
    hours.mail_does(Some((Point::Connected, Act::Hang)));
    hours.push(0, 60_000).await;
    hours.settle().await;
    assert_eq!(texts_to(&hours, CHAIN[0].2), 1, "the other channel is not held up");
    hours.minutes(6).await;
    assert!(report_is(&hours, |state| *state == DeadlineState::Overdue).await, "mail was required, too");
    assert!(texts_to(&hours, ADMINISTRATOR.2) >= 1, "the administrator hears of it by the way that works");
    assert_eq!(texts_to(&hours, CHAIN[1].2), 0, "the next person's time has not come");
    hours.minutes(5).await;
    assert_eq!(texts_to(&hours, CHAIN[1].2), 1, "nobody confirmed: the next person hears in time");
    assert_eq!(hours.mail.letters(), []);

    hours.mail_does(None);
    hours.minutes(6).await;
    assert!(report_is(&hours, |state| matches!(state, DeadlineState::Met { .. })).await);
    let letters = hours.letters_to(CHAIN[0].1);
    assert_eq!(letters.len(), 1, "once");
    assert!(words(&letters[0]).contains("因发送受阻晚了"), "{}", words(&letters[0]));
    assert_eq!(hours.waiting().await, []);
    hours.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_drops_or_puts_off_gets_the_same_message_once() {
    for (point, act) in [
        (Point::Content, Act::Close),
        (Point::Data, Act::Close),
        (Point::Recipient, Act::Say("451 4.7.1 greylisted, come again")),
        (Point::Content, Act::Say("452 4.3.1 insufficient system storage")),
        (Point::Connected, Act::Say("421 4.3.2 too busy")),
    ] {
        let hours = Hours::start().await;
        hours.mail_does(Some((point, act)));
        hours.push(1, 20_000).await;
        hours.settle().await;
        assert_eq!(hours.mail.letters(), [], "{point:?} {act:?}");
        hours.mail_does(None);
        hours.minutes(2).await;
        assert_eq!(hours.letters_to(CHAIN[0].1).len(), 1, "{point:?} {act:?}");
        assert!(report_is(&hours, |state| matches!(state, DeadlineState::Met { .. })).await, "{point:?}");
        hours.minutes(2).await;
        assert_eq!(hours.mail.letters().len(), 1, "{point:?} {act:?}: nothing is sent again");
        hours.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_fails_keeps_silent_or_lies_has_told_nobody() {
    for mode in [Mode::Fails, Mode::Silent, Mode::Lies, Mode::Portal] {
        let hours = Hours::impatient().await;
        hours.gateway.is(mode);
        hours.push(2, 60_000).await;
        hours.minutes(6).await;
        assert!(report_is(&hours, |state| *state == DeadlineState::Overdue).await, "{mode:?}");
        assert!(!hours.letters_to(ADMINISTRATOR.1).is_empty(), "{mode:?}: the administrator is told by mail");
        hours.minutes(5).await;
        assert_eq!(hours.letters_to(CHAIN[1].1).len(), 1, "{mode:?}: and so is the next person");
        hours.gateway.is(Mode::Fine);
        hours.minutes(6).await;
        assert_eq!(texts_to(&hours, CHAIN[0].2), 1, "{mode:?}: once, when it works");
        assert!(report_is(&hours, |state| matches!(state, DeadlineState::Met { .. })).await, "{mode:?}");
        let refused = |state: &NoticeState| matches!(state, NoticeState::Refused { .. });
        assert!(!hours.notices().await.iter().any(|one| refused(&one.notice.state)), "{mode:?}");
        hours.stop().await;
    }
}
