//! How every page stands in a browser: without sideways scroll on a phone and when it is zoomed, led by keys with the
//! focus in sight, and as pictures in target/screens/ for a person to look at.

use serde_json::Value;
use yuqing::locale::Locale;

use super::{
    driver::{Browser, Page},
    rows::Outside,
    sheet::{LEAVES, Sheet},
};

/// What sticks out to the right, and boxes that would have to be scrolled sideways by themselves. A text that is edited
/// keeps its lines.
const SIDEWAYS: &str = "(function () {
  var wide = document.documentElement.clientWidth, root = document.scrollingElement, out = [];
  function name(one) { return one.tagName + '.' + one.className + ' ' + one.textContent.trim().slice(0, 40); }
  if (root.scrollWidth > WIDTH) {
    document.querySelectorAll('body *').forEach(function (one) {
      if (one.getBoundingClientRect().right > WIDTH + 1 && out.length < 4) { out.push(name(one)); }
    });
    out.unshift('the page is ' + root.scrollWidth + ' wide:');
  }
  document.querySelectorAll('body *').forEach(function (one) {
    if (/TEXTAREA|PRE/.test(one.tagName) || one.closest('.editor')) { return; }
    if (/auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1) {
      out.push('a box is scrolled, ' + one.scrollWidth + ' in ' + one.clientWidth + ': ' + name(one));
    }
  });
  return out;
})()";

const UNFOLD: &str = "document.querySelectorAll('details').forEach(function (one) { one.open = true; }); 0";

fn lines(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_is_scrolled_sideways_on_a_phone_or_when_it_is_zoomed() {
    let long = format!(
        "<b>{}</b> 青禾县人民医院收费窗口排队三小时，自助机全部停用，{} https://example.invalid/{}",
        "W".repeat(60),
        "没有一个工作人员出来解释".repeat(6),
        "path".repeat(30)
    );
    let sheet = Sheet::full(&Outside::all(&long)).await;
    let mut browser = sheet.browser().await;
    let page = browser.open("about:blank#", (360, 740), "").await;
    let mut wrong = Vec::new();
    let pages = [Locale::ZhCn, Locale::En]
        .into_iter()
        .flat_map(|locale| LEAVES.iter().map(move |leaf| (locale, leaf)));
    for (locale, leaf) in pages {
        sheet.stage().change(|settings| settings.locale = locale);
        sheet.show(&mut browser, &page, leaf).await;
        browser.ask(&page, UNFOLD).await;
        // A phone, and half of a desk's width: zoomed to 200 %.
        for (width, scale) in [(360, 1), (640, 2)] {
            browser.size(&page, (width, 740), scale).await;
            let found = browser.ask(&page, &SIDEWAYS.replace("WIDTH", &width.to_string())).await;
            let found = lines(&found);
            // Tables of figures may be scrolled in their box on a desk, not on a phone.
            let found = found.iter().filter(|one| width == 360 || !one.starts_with("a box"));
            wrong.extend(found.map(|one| format!("{} {locale:?} at {width}: {one}", leaf.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    sheet.editing.stage.end().await;
}

/// Notes which stops the keys reach, and whether each shows that it has the focus.
const STOPS: &str = "(function () {
  document.querySelectorAll('details').forEach(function (one) { one.open = true; });
  var groups = {};
  window.stops = [].filter.call(document.querySelectorAll(
      'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"]'), function (one) {
    if (one.disabled || !one.checkVisibility({ visibilityProperty: true })) { return false; }
    if (one.type !== 'radio') { return true; }
    var name = (one.form ? one.form.action : '') + one.name;
    if (groups[name]) { return false; }
    groups[name] = true;
    return true;
  });
  window.reached = []; window.dim = [];
  document.addEventListener('focusin', function (event) {
    var at = event.target, box = at.getBoundingClientRect();
    reached.push(stops.indexOf(at));
    // The editor's ring is round the lines' numbers, too.
    var ringed = [at, at.closest('.editor')].some(function (one) {
      var style = one && getComputedStyle(one);
      return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    });
    if (!ringed || box.width === 0 || box.bottom < 0 || box.top > innerHeight) { dim.push(at.outerHTML.slice(0, 120)); }
  });
  if (document.activeElement !== document.body) { document.activeElement.blur(); }
  getSelection().removeAllRanges(); window.scrollTo(0, 0);
  return stops.length;
})()";

const MISSED: &str = "stops.filter(function (one, at) { return reached.indexOf(at) < 0; })
  .map(function (one) { return one.outerHTML.slice(0, 120); })";

/// Walks a page by the tabulator key and says what is not reached or does not show it.
async fn walked(browser: &mut Browser, page: &Page, name: &str) -> Vec<String> {
    let stops = browser.ask(page, STOPS).await.as_u64().expect("a number");
    // Fields of a date have several stops of their own.
    let dates = "document.querySelectorAll('[type=date], [type=datetime-local]').length";
    let dates = browser.ask(page, dates).await.as_u64().expect("a number");
    for _ in 0..stops + dates * 6 + 2 {
        browser.press(page, "Tab").await;
    }
    let missed = lines(&browser.ask(page, MISSED).await);
    let dim = lines(&browser.ask(page, "dim").await);
    let missed = missed.into_iter().map(|one| format!("{name}: no key reaches {one}"));
    missed.chain(dim.into_iter().map(|one| format!("{name}: the focus is not seen on {one}"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_control_is_reached_by_keys_and_shows_it() {
    let sheet = Sheet::full(&Outside::default()).await;
    let mut browser = sheet.browser().await;
    let page = browser.open("about:blank#", (1280, 800), "").await;
    let mut wrong = Vec::new();
    for leaf in LEAVES.iter().filter(|leaf| leaf.then.is_empty()) {
        sheet.show(&mut browser, &page, leaf).await;
        wrong.extend(walked(&mut browser, &page, leaf.name).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    sheet.editing.stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_incidents_is_led_by_keys() {
    let sheet = Sheet::full(&Outside::default()).await;
    let mut browser = sheet.browser().await;
    let page = browser.open(&format!("{}/incidents", sheet.stage().base), (1280, 800), "").await;
    let at = "[].findIndex.call(document.querySelectorAll('#cases tbody tr'), function (row) { return row.contains(document.activeElement); })";
    for (key, row) in [("j", 0), ("j", 1), ("j", 2), ("k", 1)] {
        browser.press(&page, key).await;
        assert_eq!(browser.ask(&page, at).await, row, "after {key}");
    }
    browser.press(&page, "x").await;
    let chosen = "document.querySelectorAll('#cases tbody tr')[1].querySelector('input').checked && document.querySelector('#chosen').textContent";
    assert_eq!(browser.ask(&page, chosen).await, "已选 1 件");
    browser.press(&page, "/").await;
    assert_eq!(browser.ask(&page, "document.activeElement.name").await, "q", "and no slash is typed");
    assert_eq!(browser.ask(&page, "document.activeElement.value").await, "");
    browser.ask(&page, "document.activeElement.blur(); window.left = 1; 0").await;
    browser.press(&page, "k").await;
    browser.press(&page, "Enter").await;
    browser.wait(&page, "window.left === undefined && /^.incidents.\\d+$/.test(location.pathname)").await;
    sheet.editing.stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_drawn_for_a_person_to_look_at() {
    let sheet = Sheet::full(&Outside::default()).await;
    let mut browser = sheet.browser().await;
    for (kind, size) in [("desk", (1280, 800)), ("phone", (360, 740))] {
        let page = browser.open("about:blank#", size, "").await;
        for leaf in LEAVES {
            sheet.show(&mut browser, &page, leaf).await;
            browser.whole_picture(&page, &format!("{kind}-{}", leaf.name)).await;
        }
    }
    sheet.editing.stage.end().await;
    let empty = Sheet::empty().await;
    let mut browser = empty.browser().await;
    let page = browser.open("about:blank#", (1280, 800), "").await;
    for leaf in LEAVES.iter().filter(|leaf| leaf.then.is_empty() && !leaf.path.contains("/incidents/")) {
        empty.show(&mut browser, &page, leaf).await;
        browser.whole_picture(&page, &format!("empty-{}", leaf.name)).await;
    }
    empty.editing.stage.end().await;
}
