// Sound and notifications, both on request only. A short tone for an incident that is new or rose at one of the three
// upper tiers; every half minute while one of the highest tier is confirmed by nobody, until it is or until it is
// muted for ten minutes. What was chosen stays in this browser. Browsers let no page sound before it was touched:
// then it says so.
"use strict";
yuqing.alerts = (function () {
  var UPPER = ["critical", "major", "elevated"], AGAIN = 30000, MUTE = 600000;
  var box = document.getElementById("alerts"), say = document.getElementById("alerts-say");
  var buttons = { sound: document.getElementById("sound"), notify: document.getElementById("notify"), mute: document.getElementById("mute") };
  var words = (box || say || document.body).dataset;
  var speech = { sound: (words.sound || "").split("|"), notify: (words.notify || "").split("|"), mute: (words.mute || "").split("|") };
  var Context = window.AudioContext || window.webkitAudioContext, context = null, unconfirmed = false;

  // A browser may forbid keeping; then the choice holds for this page.
  var kept = {};
  function keep(name, value) {
    kept[name] = String(value);
    try { window.localStorage.setItem("yuqing." + name, String(value)); } catch (error) { /* for this page only */ }
  }
  function get(name) {
    try { return window.localStorage.getItem("yuqing." + name) || ""; } catch (error) { return kept[name] || ""; }
  }

  function sounds() { return get("sound") === "1" && Boolean(Context); }
  function notifies() { return get("notify") === "1" && "Notification" in window && window.Notification.permission === "granted"; }
  function muted() { return Number(get("muted")) > Date.now(); }

  function tell(text) { if (say && say.textContent !== text) { say.textContent = text; } }

  // --- the tone ---------------------------------------------------------------------------------------------------

  function note(at, pitch) {
    var tone = context.createOscillator(), volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.22);
    tone.connect(volume);
    volume.connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  }

  function play(grave) {
    var at = context.currentTime + 0.05;
    (grave ? [880, 660, 880, 660] : [660, 880]).forEach(function (pitch, nth) { note(at + nth * 0.25, pitch); });
  }

  function ring(grave) {
    if (!sounds() || muted()) { return; }
    // One of several open pages is enough.
    if (Date.now() - Number(get("rung")) < 2000) { return; }
    keep("rung", Date.now());
    if (context === null) { context = new Context(); }
    if (context.state === "running") { play(grave); return; }
    tell(speech.sound[2]);
    context.resume().then(function () { show(); play(grave); }).catch(function () { /* it was said */ });
  }

  // Any touch lets a page sound that was told to.
  function touched() {
    if (!sounds()) { return; }
    if (context === null) { context = new Context(); }
    if (context.state !== "running") { context.resume().then(show).catch(function () { /* it was said */ }); }
  }
  document.addEventListener("pointerdown", touched);
  document.addEventListener("keydown", touched);

  // --- notifications ----------------------------------------------------------------------------------------------

  function notify(one) {
    if (!notifies()) { return; }
    try {
      var rose = one.rose && words.risen ? words.risen + " " : "";
      var note = new window.Notification(rose + one.tier + " · " + one.unit, { body: one.gist, tag: "yuqing-" + one.id, renotify: true });
      note.onclick = function () { window.focus(); window.location.hash = "card-" + one.id; note.close(); };
    } catch (error) { /* some phones want a service worker; the page and the sound remain */ }
  }

  // --- the buttons ------------------------------------------------------------------------------------------------

  function press(button, on, label) {
    if (!button) { return; }
    button.setAttribute("aria-pressed", on ? "true" : "false");
    button.textContent = label;
  }

  function show() {
    var blocked = sounds() && (context === null || context.state !== "running");
    press(buttons.sound, sounds(), sounds() ? "🔔 " + speech.sound[1] : speech.sound[0]);
    press(buttons.notify, notifies(), notifies() ? "✉ " + speech.notify[1] : speech.notify[0]);
    press(buttons.mute, muted(), muted() ? speech.mute[1] : speech.mute[0]);
    if (buttons.mute) { buttons.mute.hidden = !sounds(); }
    tell(blocked ? speech.sound[2] : "");
  }

  function choose_sound() {
    if (!Context) { tell(speech.sound[3]); return; }
    keep("sound", sounds() ? "0" : "1");
    if (sounds()) {
      keep("muted", 0);
      if (context === null) { context = new Context(); }
      context.resume().then(function () { play(false); show(); }).catch(show);
    }
    show();
  }

  function choose_notify() {
    if (notifies()) { keep("notify", "0"); show(); return; }
    if (!("Notification" in window) || window.isSecureContext === false) { tell(speech.notify[3]); return; }
    window.Notification.requestPermission().then(function (answer) {
      keep("notify", answer === "granted" ? "1" : "0");
      show();
      if (answer !== "granted") { tell(speech.notify[2]); }
    });
  }

  function choose_mute() { keep("muted", muted() ? 0 : Date.now() + MUTE); show(); }

  if (box) {
    box.hidden = false;
    buttons.sound.addEventListener("click", choose_sound);
    buttons.notify.addEventListener("click", choose_notify);
    buttons.mute.addEventListener("click", choose_mute);
  }
  if (sounds()) { context = new Context(); }
  show();

  window.setInterval(function () {
    if (buttons.mute && sounds() && (buttons.mute.getAttribute("aria-pressed") === "true") !== muted()) { show(); }
    if (unconfirmed && Date.now() - Number(get("rung")) >= AGAIN) { ring(true); }
  }, 1000);

  return {
    // Whether a page that nobody sees has to go on listening.
    on: function () { return sounds() || notifies(); },
    // Incidents that are new or rose.
    raised: function (list) {
      var upper = list.filter(function (one) { return UPPER.indexOf(one.class) >= 0; });
      if (upper.length === 0) { return; }
      ring(upper.some(function (one) { return one.class === "critical"; }));
      upper.forEach(notify);
    },
    // The living part as it stands now.
    looked: function (live) { unconfirmed = live.querySelector(".critical[data-waits]") !== null; }
  };
})();
