//! The demo's office reads without fault and watches all four sites, for any seed.

use std::net::SocketAddr;

use yuqing::{
    app::demo::{DemoFolder, Place, office, office_files},
    config::{self, Folder, channels::SmsService, fitness},
    keyword::Matcher,
};

use super::county;

#[tokio::test]
async fn the_files_read_without_fault_for_every_story() {
    for seed in 0..8 {
        let (county, _clock) = county(seed).await;
        let folder = DemoFolder::new().expect("a folder");
        let console: SocketAddr = "127.0.0.1:18686".parse().expect("an address");
        office_files(&county, folder.path(), console).expect("written");
        let loaded = config::load(&Folder::Disk(folder.path().to_owned()));
        let (office, _) = loaded.unwrap_or_else(|faults| {
            panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });

        assert_eq!(office.units.len(), 1);
        assert_eq!(office.units[0].name, county.story.unit);
        assert_eq!(
            office.plan_of(county.story.unit).and_then(|plan| plan.exercise_mark.clone()).as_deref(),
            Some("演示")
        );
        assert!(!office.exercises_only(), "the demo's mails are sent");
        assert_eq!(office.sources.iter().filter(|source| source.enabled && source.allow_private).count(), 4);
        assert_eq!(office.settings.console.public_url.as_deref(), Some("http://127.0.0.1:18686"));
        assert!(office.settings.sms.as_ref().is_some_and(|sms| {
            let signs = matches!(&sms.service, SmsService::Gateway(one) if one.hmac_key.is_some());
            signs && sms.reply_secret.is_some()
        }));
        let faults = fitness::demands(&office);
        assert!(faults.is_empty(), "{faults:?}");

        // Everybody whom the plan names can be reached, and nobody else is in the book.
        let plan = office.plan_of(county.story.unit).expect("a plan");
        let named = plan.tiers.iter().flat_map(|tier| {
            tier.lines.iter().flat_map(|line| line.steps.iter().flatten()).chain(&tier.copies)
        });
        for name in named.chain(&plan.administrators) {
            assert!(office::mailbox_of(name).is_some(), "{name}");
            assert!(office.contacts.shared.iter().any(|contact| contact.name == *name), "{name}");
        }
        county.stop().await;
    }
}

#[tokio::test]
async fn keywords_hit_the_story_and_leave_the_noise() {
    let (county, _clock) = county(3).await;
    let folder = DemoFolder::new().expect("a folder");
    let console: SocketAddr = "127.0.0.1:18686".parse().expect("an address");
    office_files(&county, folder.path(), console).expect("written");
    let (office, _) = config::load(&Folder::Disk(folder.path().to_owned())).expect("no faults");
    let matcher = Matcher::new(office.lists.clone());
    let terms: Vec<_> = matcher.search_terms().into_iter().map(|term| term.word).collect();
    assert_eq!(terms, [county.story.unit], "the sites are asked for the unit's name, once a round");
    let (hit, missed): (Vec<_>, Vec<_>) = county
        .story
        .posts
        .iter()
        .filter(|post| post.repost_of.is_none())
        .partition(|post| !matcher.hits(&format!("{}\n{}", post.title, post.text), "").is_empty());
    assert_eq!(missed.len(), 12, "the noise and nothing else: {missed:?}");
    assert!(hit.iter().any(|post| post.place == Place::News));
    county.stop().await;
}

#[test]
fn the_folder_is_gone_when_it_is_dropped() {
    let folder = DemoFolder::new().expect("a folder");
    let path = folder.path().to_owned();
    std::fs::write(path.join("yuqing.db"), "x").expect("written");
    drop(folder);
    assert!(!path.exists());
}

#[test]
fn a_contact_is_found_by_mailbox_and_number() {
    let mailbox = office::mailbox_of("值班员").expect("a mailbox");
    assert_eq!(office::contact_at(&mailbox), Some("值班员"));
    assert_eq!(office::contact_at("19900000007"), Some("上级总值班室"));
    assert_eq!(office::contact_at("stranger@elsewhere.invalid"), None);
}
