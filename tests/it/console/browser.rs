//! The pages in a real browser: headless Chromium lays them out, runs the script, and writes pictures to
//! target/screens/ for a person to look at.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tokio::process::Command;

use super::{
    Stage,
    driver::{MISSING, chromium},
};

/// Opens an address in a fresh browser and gives what it wrote to its output.
pub(super) async fn open(url: &str, more: &[&str]) -> String {
    let profile = tempfile::tempdir().expect("a folder");
    let output = Command::new(chromium())
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--no-proxy-server",
            "--virtual-time-budget=1500",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(more)
        .arg(url)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(120), output)
        .await
        .expect("the browser ends")
        .unwrap_or_else(|error| panic!("{MISSING}: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(super) async fn picture(url: &str, name: &str, size: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(format!("{name}.png"));
    let _ = std::fs::remove_file(&file);
    open(url, &[&format!("--screenshot={}", file.display()), &format!("--window-size={size}")]).await;
    let written = std::fs::metadata(&file).map_or(0, |file| file.len());
    assert!(written > 10_000, "{name}: a picture of {written} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_duty_officers_pages_stand_in_a_browser() {
    let stage = Stage::busy().await;
    stage.change(|settings| settings.mark = Some("演示".into()));
    let home = stage.base.clone();

    // Home stays alive and is seen in `living`; the others stand still.
    let dom = open(&format!("{home}/incidents/1"), &["--dump-dom"]).await;
    assert!(dom.contains("特别重大") && dom.contains("排队三小时"), "{dom}");
    assert!(dom.contains("<polyline"), "the curve is drawn");
    assert!(dom.contains("role=\"alert\" hidden="), "the script found its page alive: {dom}");

    let claim = yuqing::dispatch::Claim {
        incident: yuqing::model::IncidentId(1),
        rank: 3,
        contact: "值班员".into(),
        expires_at: super::ago(-600),
    };
    let confirm = format!("{home}/confirm/{}", stage.key.token(&claim));
    picture(&format!("{home}/incidents/1"), "incident", "1280,2300").await;
    picture(&format!("{home}/incidents/1"), "incident-phone", "500,3600").await;
    picture(&confirm, "confirm-phone", "500,900").await;
    picture(&format!("{home}/notices"), "notices", "1280,700").await;
    picture(&format!("{home}/sources"), "sources", "1280,600").await;
    picture(&format!("{home}/mailbox"), "mailbox", "1280,600").await;
    stage.end().await;
}
