//! The live pages in a real browser: what comes appears by itself, and nothing is taken from under anybody's hands.

use yuqing::{
    desk::Change,
    model::{Act, DeadlineKind, DeadlineState},
};

use super::{
    Stage,
    driver::{Browser, Page},
    rows::{Outside, deadline, incident},
};

fn saying(gist: &str) -> Outside {
    Outside { gist: gist.into(), ..Outside::default() }
}

/// The page must be the same as when it was marked: it was not loaded anew.
async fn same(browser: &mut Browser, page: &Page) {
    assert_eq!(browser.ask(page, "window.mark").await, 1, "the page was loaded anew");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_appears_and_an_open_form_stays_as_it_was() {
    let stage = Stage::busy().await;
    let mut browser = Browser::start().await;
    let page = browser.open(&stage.base, (1280, 800), "").await;
    browser.wait(&page, "document.querySelector('#card-1 .confirm')").await;
    browser.picture(&page, "home").await;
    let fill = "window.mark = 1;
        document.querySelector('#card-1 .confirm details').open = true;
        window.field = document.querySelector('#card-1 input[name=by]');
        field.focus(); field.value = '张三'; field.setSelectionRange(1, 1); 0";
    browser.ask(&page, fill).await;

    // Another incident, and this one's words change.
    let rows = [incident(1, 3, &saying("改过的概要")), incident(3, 3, &saying("新来的一件"))];
    stage.store.commit(rows.map(|row| Change::Incident(Box::new(row))).to_vec()).await.expect("committed");
    browser.wait(&page, "document.querySelector('#card-3')").await;
    browser.wait(&page, "document.querySelector('#card-1 h2').textContent.includes('改过的概要')").await;
    same(&mut browser, &page).await;
    for untouched in [
        "field.isConnected && field.closest('details').open",
        "document.activeElement === field",
        "field.value === '张三' && field.selectionStart === 1",
    ] {
        assert_eq!(browser.ask(&page, untouched).await, true, "the form is as it was: {untouched}");
    }

    // Scrolled down, something graver comes: what one reads stays where it is, and a bar says what came.
    browser.ask(&page, "window.scrollTo(0, 900); window.stood = document.querySelector('#card-3').getBoundingClientRect().top; 0").await;
    let due = deadline(4, DeadlineKind::Acknowledge, 900, -100, DeadlineState::Overdue);
    let rows = vec![Change::Incident(Box::new(incident(4, 3, &saying("更急的一件")))), due];
    stage.store.commit(rows).await.expect("committed");
    browser.wait(&page, "!document.querySelector('#newer').hidden").await;
    assert_eq!(browser.ask(&page, "document.querySelector('#newer').textContent").await, "1 条新的 ↑");
    let moved = "Math.abs(document.querySelector('#card-3').getBoundingClientRect().top - stood)";
    assert!(browser.ask(&page, moved).await.as_f64().expect("a number") < 2.0, "nothing jumped");
    let first = "document.querySelector('[data-key=cards]').firstElementChild.id";
    assert_eq!(browser.ask(&page, first).await, "card-4");
    browser.picture(&page, "home-scrolled").await;
    browser.ask(&page, "document.querySelector('#newer').click()").await;
    browser.wait(&page, "document.querySelector('#newer').hidden && window.pageYOffset === 0").await;
    same(&mut browser, &page).await;

    // One press, and the card says who confirmed.
    browser.ask(&page, "field.value = ''; field.closest('details').open = false; field.blur(); getSelection().removeAllRanges(); 0").await;
    browser.ask(&page, "document.querySelector('#card-1 .confirm > form button').click()").await;
    browser
        .wait(&page, "document.querySelector('#card-1 .acks').textContent.includes('已签收：值班员')")
        .await;
    browser.wait(&page, "!document.querySelector('#card-1 .confirm')").await;
    same(&mut browser, &page).await;
    assert!(matches!(stage.acts().as_slice(), [Act::Acknowledge { recorded_by: None, .. }]));

    // A second browser presses for what has been withdrawn meanwhile: it is told why, on the card.
    let wrong = "var form = document.querySelector('#card-4 form');
        if (!form) { form = document.createElement('form'); form.method = 'post'; form.setAttribute('data-quick', '');
          document.querySelector('#card-4 .body > div').appendChild(form);
          form.innerHTML = '<input name=contact value=值班员>'; }
        form.action = '/incidents/99/acknowledge'; form.requestSubmit(); 0";
    browser.ask(&page, wrong).await;
    browser.wait(&page, "document.querySelector('.failed') && document.querySelector('.failed').textContent.includes('没有这个事件')").await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sound_is_asked_for_and_rings_for_what_is_new() {
    let stage = Stage::empty().await;
    let mut browser = Browser::start().await;
    let page = browser.open(&stage.base, (1280, 700), "").await;
    browser.wait(&page, "!document.querySelector('#alerts').hidden").await;
    assert_eq!(browser.ask(&page, "localStorage.length").await, 0, "nothing is on by itself");
    browser.ask(&page, "document.querySelector('#sound').click()").await;
    browser.wait(&page, "document.querySelector('#sound').getAttribute('aria-pressed') === 'true'").await;
    browser.wait(&page, "!document.querySelector('#mute').hidden").await;
    let rung = "Number(localStorage.getItem('yuqing.rung') || 0)";
    // A general one is none to ring for; it shows all the same.
    stage
        .store
        .commit(vec![Change::Incident(Box::new(incident(1, 0, &saying("小事"))))])
        .await
        .expect("committed");
    browser.wait(&page, "document.querySelector('#card-1')").await;
    assert_eq!(browser.ask(&page, rung).await, 0);
    stage
        .store
        .commit(vec![Change::Incident(Box::new(incident(2, 1, &saying("较大的事"))))])
        .await
        .expect("committed");
    browser.wait(&page, &format!("{rung} > 0")).await;
    browser.ask(&page, "document.querySelector('#mute').click()").await;
    assert_eq!(
        browser.ask(&page, "Number(localStorage.getItem('yuqing.muted')) > Date.now() + 590000").await,
        true
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_events_the_page_asks_by_itself() {
    let stage = Stage::empty().await;
    let mut browser = Browser::start().await;
    let page = browser.open(&stage.base, (1280, 700), "delete window.EventSource").await;
    browser.ask(&page, "window.mark = 1; document.querySelector('#sound').click(); 0").await;
    stage
        .store
        .commit(vec![Change::Incident(Box::new(incident(1, 3, &saying("新来的一件"))))])
        .await
        .expect("committed");
    browser.wait(&page, "document.querySelector('#card-1')").await;
    browser.wait(&page, "Number(localStorage.getItem('yuqing.rung')) > 0").await;
    same(&mut browser, &page).await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_lives_and_fits_its_screen() {
    let stage = Stage::busy().await;
    let mut browser = Browser::start().await;
    for (name, size) in [("wall-1080", (1920, 1080)), ("wall-4k", (3840, 2160)), ("wall-768", (1366, 768))] {
        let page = browser.open(&format!("{}/wall", stage.base), size, "").await;
        browser.wait(&page, "document.querySelectorAll('.bill').length === 2").await;
        let fits = "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth
            && [].every.call(document.querySelectorAll('.bill, .state'), function (one) { return one.scrollHeight <= one.clientHeight + 1; })";
        assert_eq!(browser.ask(&page, fits).await, true, "{name}: nothing is cut off");
        browser.picture(&page, name).await;
    }
    let page = browser.open(&format!("{}/wall", stage.base), (1920, 1080), "").await;
    browser.ask(&page, "window.mark = 1").await;
    for id in 3..=14 {
        let gist = saying(&format!("第{id}件，收费窗口排队三小时，自助机全部停用"));
        stage
            .store
            .commit(vec![Change::Incident(Box::new(incident(id, 3, &gist)))])
            .await
            .expect("committed");
    }
    browser.wait(&page, "document.querySelectorAll('.bill').length === 14").await;
    same(&mut browser, &page).await;
    let seen = "[].every.call(document.querySelectorAll('.bill'), function (one) {
        var at = one.getBoundingClientRect(); return at.bottom <= innerHeight && at.height > 30; })";
    assert_eq!(browser.ask(&page, seen).await, true, "all are on the screen");
    browser.picture(&page, "wall-many").await;
    let phone = browser.open(&stage.base, (390, 844), "").await;
    browser.wait(&phone, "document.querySelector('#card-1')").await;
    assert_eq!(
        browser.ask(&phone, "document.documentElement.scrollWidth <= innerWidth").await,
        true,
        "no sideways scroll"
    );
    browser.picture(&phone, "home-phone").await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_hears_nothing_says_so_and_its_clocks_go_on() {
    let stage = Stage::busy().await;
    let mut browser = Browser::start().await;
    let time = "window.jump = 0; var real = performance.now.bind(performance);
        performance.now = function () { return real() + window.jump; };";
    let page = browser.open(&stage.base, (1280, 700), time).await;
    let other = browser.open(&format!("{}/wall", stage.base), (1280, 700), time).await;
    for page in [&page, &other] {
        browser.wait(page, "document.querySelector('.clock.over .face')").await;
        browser.ask(page, "window.face = document.querySelector('.clock.over .face').textContent").await;
        assert_eq!(browser.ask(page, "document.querySelector('#stale').hidden").await, true);
    }
    stage.end().await;
    for page in [&page, &other] {
        browser.ask(page, "window.jump = 36000").await;
        browser.wait(page, "!document.querySelector('#stale').hidden").await;
        browser.wait(page, "document.querySelector('.clock.over .face').textContent !== window.face").await;
    }
    browser.picture(&page, "home-stale").await;
}
