// The living part of home and of the big screen. The server says by `/events` that something changed; this asks for
// the part anew and puts it in piece by piece, so that nothing is taken from under the hands of whoever reads or
// fills in a form. Where events do not come it asks every few seconds. When nothing fresh came for too long it says
// so: silence must not look like calm.
"use strict";
(function () {
  var POLL = 5000, LEAST = 1000, SLOW = 5000, DEAF = 35000, AGAIN = 60000, STEADY = 600, GLIDE = 350;
  var live = document.getElementById("live");
  if (!live || !window.fetch) { return; }
  var stale = document.getElementById("stale"), newer = document.getElementById("newer");
  var build = document.body.dataset.build, outdated = false;
  var fresh = now(), heard = now(), grace = 0;

  function now() { return window.performance.now(); }
  // A page that nobody sees asks for nothing, unless it is to call somebody.
  function resting() { return document.hidden && !(yuqing.alerts && yuqing.alerts.on()); }

  // --- what is under somebody's hands -----------------------------------------------------------------------------

  function filled(node) {
    return Array.prototype.some.call(node.querySelectorAll("input, textarea"), function (field) {
      return field.type !== "hidden" && field.value !== field.defaultValue;
    });
  }

  function held(node) {
    if (node.querySelector("details[open]") || node.querySelector("form.sending") || filled(node)) { return true; }
    var at = document.activeElement, picked = window.getSelection();
    if (at && node.contains(at) && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)) { return true; }
    return Boolean(picked && !picked.isCollapsed && picked.containsNode(node, true));
  }

  // --- putting the new part in, piece by piece --------------------------------------------------------------------

  var behind = false;

  // A piece without what the clocks write into it by themselves.
  function essence(node) {
    var copy = node.cloneNode(true);
    copy.querySelectorAll("[data-due]").forEach(function (clock) {
      clock.className = "";
      clock.querySelector(".face").textContent = "";
    });
    copy.querySelectorAll("[data-at]").forEach(function (at) { at.textContent = ""; });
    return copy.outerHTML;
  }

  function replace(old, young) {
    var touch = "a, button, summary", at = -1;
    if (old.contains(document.activeElement)) {
      at = Array.prototype.indexOf.call(old.querySelectorAll(touch), document.activeElement);
    }
    old.replaceWith(young);
    var again = at < 0 ? null : young.querySelectorAll(touch)[at];
    if (again) { again.focus({ preventScroll: true }); }
  }

  // Answers the node that now stands for `young`.
  function update(old, young) {
    if (young.hasAttribute("data-parts") && old.hasAttribute("data-parts")) {
      Array.prototype.slice.call(old.attributes).forEach(function (one) {
        if (!young.hasAttribute(one.name)) { old.removeAttribute(one.name); }
      });
      Array.prototype.forEach.call(young.attributes, function (one) {
        if (old.getAttribute(one.name) !== one.value) { old.setAttribute(one.name, one.value); }
      });
      merge(old, young);
      return old;
    }
    var text = essence(young);
    if (old.essence === undefined) { old.essence = essence(old); }
    if (old.essence === text) { return old; }
    if (held(old)) { behind = true; return old; }
    var node = document.importNode(young, true);
    node.essence = text;
    replace(old, node);
    return node;
  }

  function merge(old, young) {
    var mine = {}, wanted = {};
    Array.prototype.forEach.call(young.children, function (one) { wanted[one.dataset.key] = true; });
    Array.prototype.slice.call(old.children).forEach(function (one) {
      var key = one.dataset.key;
      if (wanted[key]) { mine[key] = one; return; }
      if (held(one)) { behind = true; } else { one.remove(); }
    });
    var place = old.firstElementChild;
    Array.prototype.forEach.call(young.children, function (one) {
      var known = mine[one.dataset.key], here = known === place;
      if (known && here) { place = place.nextElementSibling; }
      var node = known ? update(known, one) : document.importNode(one, true);
      if (!known || !here) { move(old, node, place); }
    });
  }

  // Moving a node takes the focus from what is in it.
  function move(into, node, before) {
    var at = document.activeElement, inside = at && node.contains(at) ? at : null;
    into.insertBefore(node, before);
    if (inside && document.activeElement !== inside) { inside.focus({ preventScroll: true }); }
  }

  function cards() { return Array.prototype.slice.call(live.querySelectorAll("[data-key^='card-']")); }
  function names(list) { return list.map(function (one) { return one.dataset.key; }); }

  var unseen = {}, shifted = 0;

  // --- what has to make room glides there -------------------------------------------------------------------------

  var calmly = window.matchMedia("(prefers-reduced-motion: reduce)"), gliding = [], landing = 0;

  // The pieces that move as wholes: the parts of home, its cards and calls, and what stands below.
  function pieces() {
    var below = [], one = live.nextElementSibling;
    for (; one; one = one.nextElementSibling) { below.push(one); }
    return Array.prototype.slice.call(live.querySelectorAll(":scope > :not([data-parts]), :scope > [data-parts] > *")).concat(below);
  }

  function places() {
    var held = new Map();
    if (newer && !calmly.matches) { pieces().forEach(function (one) { held.set(one, one.getBoundingClientRect().top); }); }
    return held;
  }

  // Each piece is put back to where it was seen and let go from there, so that an eye can follow it.
  function glide(held) {
    var moved = [];
    // Whatever still glides is measured where it will land.
    gliding.forEach(function (one) { one.style.transition = "none"; });
    held.forEach(function (stood, one) {
      var by = one.isConnected ? stood - one.getBoundingClientRect().top : 0;
      if (Math.abs(by) < 1 || Math.min(stood, stood - by) > window.innerHeight) { return; }
      one.style.transition = "none";
      one.style.transform = "translateY(" + by + "px)";
      one.classList.add("glides");
      moved.push(one);
    });
    live.getBoundingClientRect();
    gliding = gliding.filter(function (one) { return one.isConnected && moved.indexOf(one) < 0; }).concat(moved);
    gliding.forEach(function (one) { one.style.transition = ""; one.style.transform = ""; });
    window.clearTimeout(landing);
    landing = window.setTimeout(function () {
      gliding.forEach(function (one) { one.classList.remove("glides"); });
      gliding = [];
    }, GLIDE);
  }

  // --- what is new ------------------------------------------------------------------------------------------------

  var GRAVITY = ["minor", "general", "elevated", "major", "critical"], known = null;

  function gravity(card) {
    return GRAVITY.reduce(function (most, name, at) { return card.classList.contains(name) ? at : most; }, 0);
  }

  function words(card, what) {
    var at = card.querySelector(what);
    return at ? at.textContent.trim() : "";
  }

  // What is new or rose since the last look and was not told by an event: events may have been missed, or not come.
  function notice() {
    var list = [], seen = {};
    cards().forEach(function (card) {
      var key = card.dataset.key, at = gravity(card);
      seen[key] = at;
      if (known !== null && !(known[key] >= at)) {
        list.push({ id: key.slice(5), class: GRAVITY[at], rose: key in known, tier: words(card, ".tier"), unit: words(card, ".unit"), gist: words(card, "h2") });
      }
    });
    known = seen;
    if (list.length > 0 && yuqing.alerts) { yuqing.alerts.raised(list); }
  }

  function patch(html) {
    var young = document.createElement("template");
    young.innerHTML = html;
    var before = names(cards()), top = window.pageYOffset;
    // What stands first in the window stays where it is.
    var anchor = top > 120 ? cards().filter(function (one) { return one.getBoundingClientRect().bottom > 0; })[0] : null;
    var stood = anchor ? anchor.getBoundingClientRect().top : 0;
    var held = places();
    behind = false;
    merge(live, young.content);
    var after = cards();
    if (anchor && anchor.isConnected) { window.scrollBy(0, anchor.getBoundingClientRect().top - stood); }
    glide(held);
    if (names(after).join() !== before.join()) { shifted = now(); }
    after.forEach(function (one) { if (before.indexOf(one.dataset.key) < 0) { unseen[one.dataset.key] = true; } });
    count();
    var at = live.querySelector("[data-ms]");
    if (at) { yuqing.set(Number(at.dataset.ms)); }
    yuqing.tick();
    notice();
    if (yuqing.alerts) { yuqing.alerts.looked(live); }
  }

  // "2 条新的 ↑": those above the window.
  function count() {
    var above = cards().filter(function (one) {
      var key = one.dataset.key;
      if (unseen[key] && one.getBoundingClientRect().bottom > 0) { delete unseen[key]; }
      return unseen[key];
    });
    if (!newer) { return; }
    newer.hidden = above.length === 0;
    newer.textContent = above.length + newer.dataset.word;
  }

  // --- asking -----------------------------------------------------------------------------------------------------

  var timer = null, due = 0, asked = -LEAST, asking = false;

  function wish(wait) {
    var at = Math.max(now() + wait, asked + LEAST);
    if (timer !== null && due <= at) { return; }
    window.clearTimeout(timer);
    due = at;
    timer = window.setTimeout(ask, at - now());
  }

  function ask() {
    timer = null;
    if (resting()) { return; }
    if (asking) { wish(LEAST); return; }
    if (outdated && !held(document.body)) { window.location.reload(); return; }
    asking = true;
    asked = now();
    var patience = window.AbortController ? new AbortController() : null;
    var bound = window.setTimeout(function () { if (patience) { patience.abort(); } }, 20000);
    fetch(live.dataset.refresh, {
      credentials: "same-origin", redirect: "manual", cache: "no-store", signal: patience ? patience.signal : undefined
    })
      .then(function (answer) {
        // The session is over: the way to the login.
        if (answer.type === "opaqueredirect") { window.location.reload(); }
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.text();
      })
      .then(function (html) { fresh = now(); patch(html); })
      .catch(function () { /* the banner tells when it lasts */ })
      .then(function () { window.clearTimeout(bound); asking = false; watch(); });
  }

  function watch() {
    if (resting() || now() < grace) { return; }
    stale.hidden = now() - fresh <= DEAF;
  }

  // --- hearing ----------------------------------------------------------------------------------------------------

  var source = null, polling = null, greeted = false;

  function poll(on) {
    if (on && polling === null) { polling = window.setInterval(function () { wish(0); }, POLL); }
    if (!on && polling !== null) { window.clearInterval(polling); polling = null; }
  }

  function raised(list) {
    (list || []).forEach(function (one) {
      unseen["card-" + one.id] = true;
      if (known !== null) { known["card-" + one.id] = GRAVITY.indexOf(one.class); }
    });
    if (yuqing.alerts && list && list.length > 0) { yuqing.alerts.raised(list); }
  }

  function hear(name, then) {
    source.addEventListener(name, function (event) {
      var said = JSON.parse(event.data);
      heard = now();
      then(said);
    });
  }

  function listen() {
    if (source !== null || resting()) { return; }
    if (!window.EventSource) { poll(true); return; }
    source = new EventSource("/events");
    hear("hello", function (said) {
      poll(false);
      outdated = said.build !== build;
      raised(said.raised);
      if (greeted || outdated) { wish(0); }
      greeted = true;
    });
    hear("changed", function (said) {
      raised(said.raised);
      // Many pages do not ask in the same instant.
      wish(said.desk ? Math.random() * 200 : SLOW);
    });
    hear("beat", function () { wish(Math.random() * 1000); });
    hear("leave", function () { window.location.reload(); });
    source.onerror = function () {
      poll(true);
      if (source !== null && source.readyState === 2) { hang(); window.setTimeout(listen, AGAIN * (1 + Math.random())); }
    };
  }

  function hang() {
    if (source !== null) { source.close(); source = null; }
  }

  // A connection may be dead without anybody saying so.
  function attend() {
    watch();
    if (source !== null && now() - heard > DEAF) { heard = now(); hang(); poll(true); listen(); }
  }

  // --- acting -----------------------------------------------------------------------------------------------------

  function say(form, words) {
    var at = form.querySelector(".failed");
    if (!at) {
      at = document.createElement("p");
      at.className = "failed bad";
      at.setAttribute("role", "alert");
      form.appendChild(at);
    }
    at.textContent = words;
  }

  // The words of a page that says why something was not done.
  function reason(html) {
    var page = new DOMParser().parseFromString(html, "text/html"), at = page.querySelector("main");
    return at ? at.textContent.trim().split(/\s*\n\s*/).slice(0, 2).join("：") : live.dataset.failed;
  }

  function send(form) {
    if (form.classList.contains("sending")) { return; }
    form.classList.add("sending");
    fetch(form.action, {
      method: "POST", credentials: "same-origin", redirect: "manual", cache: "no-store",
      body: new URLSearchParams(new FormData(form))
    })
      .then(function (answer) {
        form.classList.remove("sending");
        if (answer.type !== "opaqueredirect") { return answer.text().then(function (html) { say(form, reason(html)); }); }
        var open = form.closest("details[open]");
        if (open) { form.reset(); open.open = false; }
        asked = -LEAST;
        wish(0);
        return undefined;
      })
      .catch(function () { form.classList.remove("sending"); say(form, live.dataset.failed); });
  }

  live.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-quick") && window.URLSearchParams) { event.preventDefault(); send(event.target); }
  });

  // A card that has just moved under the pointer is not what one meant to press.
  live.addEventListener("click", function (event) {
    if (event.detail > 0 && now() - shifted < STEADY && event.target.closest("button")) { event.preventDefault(); event.stopPropagation(); }
  }, true);

  // What was held back comes when the hands are off.
  function released() { if (behind) { wish(300); } }
  live.addEventListener("toggle", released, true);
  live.addEventListener("focusout", released);
  document.addEventListener("selectionchange", released);

  if (newer) {
    newer.addEventListener("click", function () { window.scrollTo(0, 0); unseen = {}; count(); live.focus({ preventScroll: true }); });
    live.tabIndex = -1;
    window.addEventListener("scroll", count, { passive: true });
  }

  document.addEventListener("visibilitychange", function () {
    if (resting()) { hang(); poll(false); greeted = true; return; }
    grace = now() + 4000;
    heard = now();
    listen();
    wish(0);
  });

  notice();
  listen();
  window.setInterval(attend, 1000);
  if (yuqing.alerts) { yuqing.alerts.looked(live); }
})();
