//! Three hours without anything: no source, no mail, no text messages. Then all is back.

use std::collections::BTreeMap;

use yuqing::model::{NoticeKind, NoticeState};

use super::{
    gateway::Mode,
    hours::{Hours, words},
    office::{ADMINISTRATOR, CHAIN},
};
use crate::support::mail::{Act, Point};

/// A source that is asked every minute; nobody is at its address.
fn dead_source(port: u16) -> String {
    format!(
        "[[feed]]\nname = \"新闻\"\npreset = \"rss\"\nurl = \"http://127.0.0.1:{port}/atom.xml\"\nsite = \"新闻\"\n\
         interval = \"1min\"\nallow_private = true\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_three_hours_of_nothing_all_is_told_at_once_by_gravity_and_without_a_storm() {
    let hours = Hours::start().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    std::fs::write(hours.folder.path().join("sources.d/feed.toml"), dead_source(nobody)).unwrap();
    hours.daemon.reload().await.unwrap();
    hours.mail_does(Some((Point::Connected, Act::Close)));
    hours.gateway.is(Mode::Fails);
    // The light one first: by its limits alone it would be told first.
    hours.push(0, 2_000).await;
    hours.minutes(12).await;
    hours.push(1, 20_000).await;
    hours.minutes(2).await;
    hours.push(2, 60_000).await;
    hours.minutes(180).await;
    assert_eq!((hours.mail.letters().len(), hours.gateway.taken().len()), (0, 0));
    let owed = hours.waiting().await;
    let chain = owed.iter().filter(|one| one.notice.kind == NoticeKind::Escalation).count();
    assert!(chain >= 60, "the chains went on: {chain} of {}", owed.len());

    hours.mail_does(None);
    hours.gateway.is(Mode::Fine);
    let back = hours.now();
    // One attempt of each channel falls into these five minutes at the latest; all others follow at once.
    let mut minutes = 0;
    while hours.waiting().await.iter().any(|one| one.notice.created_at <= back) {
        hours.minutes(1).await;
        minutes += 1;
        assert!(minutes <= 6, "still waiting: {:#?}", hours.waiting().await.first());
    }
    let letters = hours.mail.letters();
    let mut each: BTreeMap<String, usize> = BTreeMap::new();
    for letter in &letters {
        *each.entry(letter.to[0].clone()).or_default() += 1;
    }
    println!(
        "{} notices were owed; {} letters and {} text messages told them",
        owed.len(),
        letters.len(),
        hours.gateway.taken().len()
    );
    // Three incidents, and what is new in the minutes of the recovery; the administrator also hears of the source.
    assert!(each.values().all(|letters| *letters <= 8), "{each:?}");
    assert!(hours.gateway.taken().len() <= 24, "{:?}", hours.gateway.taken());
    assert!(!hours.letters_to(ADMINISTRATOR.1).is_empty());
    for (_, local, _) in CHAIN {
        let all: Vec<String> = hours.letters_to(local).iter().map(words).collect();
        for tier in ["特别重大", "重大", "较大"] {
            assert!(all.iter().any(|text| text.contains(tier)), "{local} knows nothing of {tier}: {all:?}");
        }
        assert!(all.iter().any(|text| text.contains("因发送受阻晚了")), "{all:?}");
    }
    // The true lateness: the alert of the gravest was due at 08:19 and comes 2 hours and 55 minutes or so later.
    let gravest: Vec<String> =
        hours.letters_to(CHAIN[0].1).iter().map(words).filter(|text| text.contains("特别重大")).collect();
    let lateness =
        (175..183).map(|minutes| format!("本通知应于 08:19 前送达，因发送受阻晚了 {}", late(minutes)));
    let lateness: Vec<String> = lateness.collect();
    let told = gravest.iter().any(|text| lateness.iter().any(|lateness| text.contains(lateness)));
    assert!(told, "{gravest:?}");

    let accepted = |state: &NoticeState| matches!(state, NoticeState::Accepted { .. });
    let all = hours.notices().await;
    let lost: Vec<_> = all
        .iter()
        .filter(|one| one.notice.created_at <= back && !accepted(&one.notice.state))
        .map(|one| (&one.notice.id, &one.notice.state))
        .collect();
    assert_eq!(lost, [], "nothing that was due is lost");
    let ids: std::collections::BTreeSet<_> = letters.iter().map(|one| one.raw_header("Message-ID")).collect();
    assert_eq!(ids.len(), letters.len(), "no letter came twice");
    // The limits go on as if nothing had been: the chains of the next quarter of an hour are on time.
    let before = hours.mail.letters().len();
    hours.minutes(15).await;
    assert!(hours.mail.letters().len() > before, "the chain never falls silent");
    assert_eq!(hours.waiting().await, []);
    hours.stop().await;
}

fn late(minutes: usize) -> String {
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours} 小时"),
        (hours, rest) => format!("{hours} 小时 {rest} 分钟"),
    }
}
