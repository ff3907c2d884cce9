//! A refusal on any channel leads to the contact's next one at once, and to the administrators when none is
//! left.

use std::collections::BTreeMap;

use yuqing::desk::{Change, Input};
use yuqing::model::{ChannelKind, Delivery, NoticeKind, NoticeState, Outcome, SiteKind, Way};

use crate::desk::scene::{Scene, at, look, plan};

const ORDER: [ChannelKind; 6] = [
    ChannelKind::Robot,
    ChannelKind::Webhook,
    ChannelKind::Ntfy,
    ChannelKind::Voice,
    ChannelKind::Sms,
    ChannelKind::Email,
];

#[test]
fn refusals_walk_through_all_channels_and_end_with_the_administrators() {
    let mut plan = plan("work-safety");
    for tier in &mut plan.tiers {
        tier.channels = vec![ChannelKind::Robot];
    }
    let mut setup = Scene::with(plan).setup;
    let contact = setup.contacts.get_mut("值班员").unwrap();
    contact.channels = ORDER.to_vec();
    let way = |name: &str| Way { instance: Some(name.to_owned()), detail: None };
    contact.ways = BTreeMap::from([
        (ChannelKind::Robot, way("值班群")),
        (ChannelKind::Webhook, way("指挥平台")),
        (ChannelKind::Ntfy, way("yuqing-8f3a61c0")),
    ]);
    let addresses = ORDER.map(|kind| contact.address(kind).unwrap());
    let mut scene = Scene::on_stage(setup, false);
    let text = "青川县人民医院急诊排队四小时没有人管，孩子高烧三十九度";
    let lines = scene
        .see(look("09:00", "bbs.example", SiteKind::Forum, "1", text).published(at("08:30")).views(1_500));
    assert!(lines.contains(&"alert → 值班员 robot".to_owned()), "{lines:?}");
    for (step, kind) in ORDER.into_iter().enumerate() {
        let waiting: Vec<_> = scene
            .stored()
            .notices
            .into_iter()
            .filter(|one| one.contact == "值班员" && one.state == NoticeState::Pending)
            .collect();
        let [one] = &waiting[..] else { panic!("{kind:?}: {waiting:?}") };
        assert_eq!((one.channel, &one.address), (kind, &addresses[step]));
        assert_eq!(one.kind == NoticeKind::Failover, step > 0);
        let refused = Outcome::Refused { why: format!("{} says no", kind.id()) };
        let lines = scene.answer(one.id.clone(), at("09:01"), refused);
        match ORDER.get(step + 1) {
            Some(next) => {
                let failover = format!("failover → 值班员 {}", next.id());
                assert_eq!(lines, [failover, "operations → 系统管理员 email".to_owned()]);
            }
            None => assert!(lines.iter().any(|line| line.contains("→ 系统管理员")), "{lines:?}"),
        }
    }
}

#[test]
fn the_record_says_how_many_text_messages_a_notice_took() {
    let mut scene = Scene::on_stage(Scene::new().setup, false);
    let text = "青川县人民医院急诊排队四小时没有人管，孩子高烧三十九度";
    scene.see(look("09:00", "bbs.example", SiteKind::Forum, "1", text).published(at("08:30")).views(1_500));
    let notice = scene.stored().notices.into_iter().find(|one| one.state == NoticeState::Pending).unwrap();
    let delivery =
        Delivery { notice: notice.id, at: at("09:01"), attempt: 1, outcome: Outcome::Accepted, parts: 2 };
    scene.take(&Input::Delivery(delivery), at("09:01"));
    let said = scene
        .changes
        .iter()
        .any(|change| matches!(change, Change::Entry(entry) if entry.text.contains("已受理 (短信条数 2)")));
    assert!(said, "{:?}", scene.changes);
}
