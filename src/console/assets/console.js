// The pages work without scripts. This one moves what tells time on every page: clocks of limits, "so long ago", the
// time of day. What other scripts need of it stands in `yuqing`.
"use strict";
var yuqing = (function () {
  var page = document.body.dataset;
  var skew = Number(page.now) - Date.now();
  var ago = (page.ago || "").split("|");

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

  function since(ms) {
    var s = Math.max(0, Math.floor(ms / 1000));
    if (s < 60) { return s + " " + ago[0]; }
    if (s < 3600) { return Math.floor(s / 60) + " " + ago[1]; }
    return s < 86400 ? Math.floor(s / 3600) + " " + ago[2] : Math.floor(s / 86400) + " " + ago[3];
  }

  function write(node, text) { if (node.textContent !== text) { node.textContent = text; } }

  // The day with its weekday, and the time of day, in the office's zone.
  var day = null, hand = null;
  try {
    var language = document.documentElement.lang;
    day = new Intl.DateTimeFormat(language, { timeZone: page.zone, month: "long", day: "numeric", weekday: "long" });
    hand = new Intl.DateTimeFormat("en-GB", { timeZone: page.zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  } catch (error) { day = null; }

  function face(now) {
    var at = document.getElementById("now");
    if (!at || !day || !hand) { return; }
    var parts = {}, zh = document.documentElement.lang.indexOf("zh") === 0;
    day.formatToParts(now).forEach(function (part) { parts[part.type] = part.value; });
    var month = zh && !/月$/.test(parts.month) ? parts.month + "月" : parts.month;
    var date = zh ? month + parts.day + "日 " + parts.weekday : parts.weekday + " " + parts.day + " " + parts.month;
    if (at.dataset.split === undefined) { write(at, date + " " + hand.format(now)); return; }
    write(at.querySelector(".day"), date);
    write(at.querySelector(".hand"), hand.format(now));
  }

  function tick() {
    var now = Date.now() + skew;
    document.querySelectorAll(".clock[data-due]").forEach(function (clock) {
      var due = Number(clock.dataset.due), base = Number(clock.dataset.base);
      var words = due >= now ? page.left : page.over, name = "clock " + level(base, due, now);
      write(clock.querySelector(".face"), words + span(Math.abs(due - now)));
      if (clock.className !== name) { clock.className = name; }
    });
    document.querySelectorAll("[data-at]").forEach(function (node) {
      write(node, since(now - Number(node.dataset.at)));
    });
    face(now);
  }

  tick();
  window.setInterval(tick, 1000);
  return {
    tick: tick,
    // The server's clock, as it was told just now.
    set: function (ms) { skew = ms - Date.now(); }
  };
})();
