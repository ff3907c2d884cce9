//! The whole demo, three times as fast: county, daemon, people, and what the store says at the end.

use std::{net::SocketAddr, sync::Arc};

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use yuqing::{
    app::{
        daemon::{Daemon, Options},
        demo::{County, DemoFolder, People, Summary, office_files},
    },
    config::Folder,
    store::SqliteStore,
    time::{Scaled, SharedClock},
};

/// How much faster than the machine's business time runs here.
const TIMES: u32 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_minute_of_the_demo_tells_every_tier_and_the_mailbox_agrees() {
    if std::env::var_os("SHOW_LOG").is_some() {
        let _ = tracing_subscriber::fmt().with_env_filter("yuqing=debug").with_test_writer().try_init();
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let seed = std::env::var("DEMO_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let clock: SharedClock =
        Arc::new(Scaled::from("2026-11-21T06:00:00Z".parse().expect("an instant"), TIMES));
    let county = County::start(Arc::clone(&clock), seed).await.expect("a county");
    let folder = DemoFolder::new().expect("a folder");
    let console = {
        // A free port, as the demo itself takes one.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address")
    };
    office_files(&county, folder.path(), console).expect("written");
    let options = Options {
        journal: Default::default(),
        folder: Folder::Disk(folder.path().to_owned()),
        state_dir: folder.path().join("state"),
        listen: Some(console),
        clock: Arc::clone(&clock),
        post_room: Some(county.post_room()),
        link_to_self: true,
    };
    let started = county.started_at;
    let daemon = Daemon::start(options).await.expect("a daemon");
    let address: SocketAddr = daemon.address();
    let stop = CancellationToken::new();
    let people = People::new(&county, Arc::clone(&clock), &format!("http://{address}")).expect("people");
    let people = tokio::spawn(people.run(stop.clone()));

    clock.sleep_until(started + SignedDuration::from_secs(60)).await;
    stop.cancel();
    people.await.expect("joined");
    daemon.stop().await;
    let store = SqliteStore::open(&folder.path().join("state/yuqing.db")).expect("the store");
    let summary = Summary::of(&store).await.expect("a summary").beside(&county.mailbox);
    let text = summary.to_text(started);
    if std::env::var_os("SHOW_MAILS").is_some() {
        for mail in county.mailbox.mails() {
            println!("== {} {:?} {}\n{}", mail.at, mail.to, mail.subject(), mail.text());
        }
    }
    println!("{text}");

    assert_eq!(summary.tiers_reached().len(), 4, "{text}");
    for tier in ["一般", "较大", "重大", "特别重大"] {
        let told = |line: &&yuqing::app::demo::summary::NoticeLine| {
            line.state == "accepted" && (line.tier == tier || tier == "一般" && line.kind == "digest")
        };
        assert!(summary.notices.iter().any(|line| told(&line)), "nobody was told of {tier}: {text}");
    }
    let main = summary.incidents.first().expect("an incident");
    assert_eq!(main.sites, 4, "{text}");
    assert!(main.responded_at.is_some(), "{text}");
    let first = main.tiers.iter().find(|tier| tier.tier == "elevated").expect("elevated");
    assert!(first.at.duration_since(started) < SignedDuration::from_secs(30), "{text}");
    assert!(summary.notices.iter().any(|line| line.kind == "escalation"), "the chain went on: {text}");
    assert!(summary.agrees(), "{text}");
    assert!(
        county.mailbox.mails().iter().all(|mail| mail.subject().contains("演示")),
        "every subject is marked"
    );
    county.stop().await;
}
