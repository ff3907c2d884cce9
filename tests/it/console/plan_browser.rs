//! The pages of plans and contacts in a real browser: pictures for a person to look at, and no sideways scroll on a phone.

use std::fs;

use super::{driver::Browser, keywords_edit::Editing};

/// A rota and a contact with every kind of address.
const ROTA: &str = "[[rota]]\ncontact = \"值班员\"\nhandover = \"08:30\"\n\
     week = { \"周一\" = \"带班领导\", \"周三\" = \"总值班室\" }\n\
     swaps = [{ from = 2026-11-21, to = 2026-11-23, who = \"分管领导\" }]\ndeputy = \"带班领导\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_plans_fit_screen_and_phone() {
    let editing = Editing::new().await;
    fs::write(editing.folder.path().join("rota.toml"), ROTA).unwrap();
    editing.take_up();
    let mut browser = Browser::start().await;
    let plan = yuqing::config::edit::id_of("plans/work-safety.toml");
    for (name, path) in [
        ("plan", "/plan".to_owned()),
        ("contacts", "/plan/contacts".to_owned()),
        ("rota", "/plan/rota".to_owned()),
        ("holidays", "/plan/holidays".to_owned()),
        ("limits", "/plan/limits?plan=work-safety".to_owned()),
        ("trial", "/plan/trial".to_owned()),
        ("file", format!("/files/{plan}")),
    ] {
        for (kind, size) in [("", (1280, 900)), ("-phone", (360, 740))] {
            let page = browser.open(&format!("{}{path}", editing.stage.base), size, "").await;
            browser.wait(&page, "document.readyState === 'complete' && document.querySelector('main')").await;
            if name == "trial" {
                browser.ask(&page, "document.querySelector('main button[value=play]').click(); 0").await;
                browser.wait(&page, "document.querySelector('.timeline')").await;
            }
            if name == "contacts" {
                browser.ask(&page, "document.querySelector('tr.forms details').open = true; 0").await;
            }
            let wide = browser.ask(&page, "document.documentElement.scrollWidth - innerWidth").await;
            assert!(wide.as_f64().unwrap() <= 0.0, "{name}{kind} scrolls sideways by {wide}");
            browser.picture(&page, &format!("plan-{name}{kind}")).await;
        }
    }
    editing.stage.end().await;
}
