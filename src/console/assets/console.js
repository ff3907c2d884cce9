// The pages work without this. It moves the clocks each second and fetches the living part of the home
// page every few seconds; when that fails it says so, for silence must not look like calm.
"use strict";
(function () {
  var EVERY = 3000;
  var skew = Number(document.body.dataset.now) - Date.now();

  function pad(number) { return (number < 10 ? "0" : "") + number; }

  function span(ms) {
    var s = Math.floor(ms / 1000), h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60);
    return h > 0 ? h + ":" + pad(m) + ":" + pad(s % 60) : m + ":" + pad(s % 60);
  }

  function level(base, due, now) {
    var whole = Math.max(1, due - base), left = due - now;
    if (left < 0) { return "over"; }
    if (left * 10 <= whole * 2) { return "red"; }
    return left * 10 <= whole * 5 ? "amber" : "green";
  }

  function tick() {
    var now = Date.now() + skew;
    document.querySelectorAll(".clock[data-due]").forEach(function (clock) {
      var due = Number(clock.dataset.due), base = Number(clock.dataset.base);
      var words = due >= now ? document.body.dataset.left : document.body.dataset.over;
      clock.querySelector(".face").textContent = words + span(Math.abs(due - now));
      clock.className = "clock " + level(base, due, now);
    });
  }

  // Nothing is replaced under the hands of somebody who is filling in a form.
  function busy(live) {
    if (live.querySelector("details[open]")) { return true; }
    var at = document.activeElement;
    return at !== null && live.contains(at) && /^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(at.tagName);
  }

  function refresh(live) {
    var stale = document.getElementById("stale");
    if (busy(live) || document.hidden) { return Promise.resolve(); }
    return fetch(live.dataset.refresh, { credentials: "same-origin", redirect: "error", cache: "no-store" })
      .then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.text();
      })
      .then(function (page) {
        if (busy(live)) { return; }
        live.innerHTML = page;
        var state = live.querySelector("[data-ms]");
        skew = Number(state.dataset.ms) - Date.now();
        document.getElementById("now").textContent = state.dataset.time;
        stale.hidden = true;
        tick();
      })
      .catch(function () { stale.hidden = false; });
  }

  function again(live) {
    window.setTimeout(function () { refresh(live).then(function () { again(live); }); }, EVERY);
  }

  tick();
  window.setInterval(tick, 1000);
  var live = document.getElementById("live");
  if (live) {
    again(live);
    document.addEventListener("visibilitychange", function () { if (!document.hidden) { refresh(live); } });
  }
})();
