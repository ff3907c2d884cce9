//! Nothing shifts while one reads: the layout's own shifts, as the browser counts them, stay under a tenth while incidents
//! come and go on the living home page, at its top and further down, on a desk and on a phone.

use yuqing::{
    desk::Change,
    model::{DeadlineKind, DeadlineState, IncidentState},
};

use super::{
    Stage,
    driver::{Browser, Page},
    rows::{Outside, deadline, incident},
};

/// Adds up what shifted without anybody having pressed something.
const COUNT: &str = "window.shift = 0; window.shifts = [];
  new PerformanceObserver(function (list) { list.getEntries().forEach(function (one) {
    if (one.hadRecentInput) { return; }
    window.shift += one.value;
    window.shifts.push(one.value.toFixed(3) + ' ' + one.sources.map(function (at) {
      return (at.node && (at.node.id || at.node.className || at.node.nodeName)) + ' '
        + Math.round(at.previousRect.y) + '>' + Math.round(at.currentRect.y); }).join(', '));
  }); }).observe({ type: 'layout-shift', buffered: true });";

/// Two pictures later, and nothing glides any more.
const SETTLED: &str = "new Promise(function (done) { (function look() {
    if (document.querySelector('.glides')) { setTimeout(look, 50); return; }
    requestAnimationFrame(function () { requestAnimationFrame(function () { setTimeout(done, 0); }); });
  })(); })";

async fn shift(browser: &mut Browser, page: &Page, when: &str) {
    browser.ask(page, SETTLED).await;
    let shift = browser.ask(page, "window.shift").await.as_f64().expect("a number");
    let what = browser.ask(page, "window.shifts.join('\\n')").await;
    assert!(shift < 0.1, "{when}: {shift}\n{}", what.as_str().unwrap_or_default());
    println!("{when}: {shift:.4}");
}

/// An incident that comes before all others: its limit has passed.
async fn comes(stage: &Stage, id: u64) {
    let gist =
        Outside { gist: format!("更急的第{id}件，收费窗口排队三小时"), ..Outside::default() };
    let due = deadline(id, DeadlineKind::Acknowledge, 900, -100, DeadlineState::Overdue);
    let rows = vec![Change::Incident(Box::new(incident(id, 3, &gist))), due];
    stage.store.commit(rows).await.expect("committed");
}

async fn goes(stage: &Stage, id: u64) {
    let mut row = incident(id, 3, &Outside::default());
    (row.state, row.closed_at) = (IncidentState::Closed, Some(super::ago(0)));
    stage.store.commit(vec![Change::Incident(Box::new(row))]).await.expect("committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_on_home_shifts_nothing_under_the_eyes() {
    let stage = Stage::empty().await;
    for (id, rank) in [(1, 3), (2, 1)] {
        let row = Change::Incident(Box::new(incident(id, rank, &Outside::default())));
        stage.store.commit(vec![row]).await.expect("committed");
    }
    let mut browser = Browser::start().await;
    for (kind, size, first) in [("a desk", (1280, 800), 10), ("a phone", (360, 740), 20)] {
        let page = browser.open(&stage.base, size, COUNT).await;
        browser.wait(&page, "document.querySelector('#card-1')").await;
        shift(&mut browser, &page, &format!("{kind}, as it opens")).await;
        comes(&stage, first).await;
        browser.wait(&page, &format!("document.querySelector('#card-{first}')")).await;
        shift(&mut browser, &page, &format!("{kind}, at the top")).await;
        let there = "document.querySelector('[data-key=cards]').firstElementChild.id";
        assert!(browser.ask(&page, there).await.as_str().is_some_and(|id| id.starts_with("card-")));
        browser.ask(&page, "window.scrollTo(0, 700); 0").await;
        comes(&stage, first + 1).await;
        browser.wait(&page, &format!("document.querySelector('#card-{}')", first + 1)).await;
        shift(&mut browser, &page, &format!("{kind}, further down")).await;
        goes(&stage, first).await;
        browser.wait(&page, &format!("!document.querySelector('#card-{first}')")).await;
        shift(&mut browser, &page, &format!("{kind}, when one goes")).await;
        browser.ask(&page, "window.scrollTo(0, 0); 0").await;
        goes(&stage, first + 1).await;
        browser.wait(&page, &format!("!document.querySelector('#card-{}')", first + 1)).await;
        shift(&mut browser, &page, &format!("{kind}, when the last goes")).await;
    }
    // The measure measures: where nothing may glide, what makes room jumps.
    let jumps = "window.matchMedia = function () { return { matches: true }; };";
    let page = browser.open(&stage.base, (1280, 800), &format!("{COUNT}{jumps}")).await;
    browser.wait(&page, "document.querySelector('#card-1')").await;
    comes(&stage, 30).await;
    browser.wait(&page, "document.querySelector('#card-30') && window.shift > 0.1").await;
    stage.end().await;
}
