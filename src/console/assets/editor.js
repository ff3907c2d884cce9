// The editor works without this. It numbers the lines, checks the text while somebody types, shows what is wrong
// beside its line, leads from the list to the line, and warns before what was typed would be lost.
"use strict";
(function () {
  var PAUSE = 600, LINE = 22, TOP = 6, MOST = 500000;
  var editor = document.getElementById("editor"), text = document.getElementById("text");
  if (!editor || !text) { return; }
  var gutter = editor.querySelector(".gutter"), marks = editor.querySelector(".marks");
  var findings = document.getElementById("findings"), form = document.getElementById("edit");
  var found = [], numbered = 0, timer = 0, asked = 0, dirty = editor.dataset.dirty === "1", sending = false;

  function number() {
    var lines = text.value.split("\n").length;
    if (lines !== numbered) {
      var all = [];
      for (var i = 1; i <= lines; i += 1) { all.push(i); }
      gutter.textContent = all.join("\n");
      numbered = lines;
      mark();
    }
    scroll();
  }

  function scroll() {
    gutter.scrollTop = text.scrollTop;
    var shift = "translate(" + -text.scrollLeft + "px," + -text.scrollTop + "px)";
    Array.prototype.forEach.call(marks.children, function (line) { line.style.transform = shift; });
  }

  function mark() {
    var lines = text.value.split("\n"), told = {};
    marks.textContent = "";
    Array.prototype.forEach.call(gutter.querySelectorAll("b"), function (old) { gutter.removeChild(old); });
    found.forEach(function (one) {
      if (one.line < 1 || one.line > lines.length || told[one.line]) { return; }
      told[one.line] = true;
      var row = document.createElement("div"), words = document.createElement("span");
      var said = document.createElement("em"), sign = document.createElement("b");
      row.className = sign.className = one.waits ? "waits" : "bad";
      words.textContent = lines[one.line - 1];
      said.textContent = (one.waits ? "⚠ " : "✗ ") + one.message;
      row.style.top = TOP + (one.line - 1) * LINE + "px";
      row.appendChild(words);
      row.appendChild(said);
      marks.appendChild(row);
      sign.textContent = one.waits ? "⚠" : "✗";
      sign.style.top = TOP + (one.line - 1) * LINE + "px";
      gutter.appendChild(sign);
    });
    scroll();
  }

  function go(line) {
    var lines = text.value.split("\n"), at = 0;
    for (var i = 0; i < line - 1 && i < lines.length; i += 1) { at += lines[i].length + 1; }
    text.focus();
    text.setSelectionRange(at, at + (lines[line - 1] || "").length);
    text.scrollTop = Math.max(0, (line - 4) * LINE);
    text.scrollIntoView({ block: "nearest" });
  }

  function item(one, sign) {
    var li = document.createElement("li"), small = document.createElement("small");
    li.className = one.waits ? "waits" : "bad";
    if (sign) { li.appendChild(document.createTextNode(sign)); }
    if (one.line > 0) {
      var link = document.createElement("a");
      link.href = "#text";
      link.dataset.line = one.line;
      link.textContent = one.place;
      li.appendChild(link);
    } else {
      li.appendChild(document.createTextNode(one.place));
    }
    li.appendChild(document.createTextNode(" " + one.message + " "));
    if (one.text) {
      var code = document.createElement("code");
      code.textContent = one.text;
      li.appendChild(code);
    }
    if (one.hint) {
      small.textContent = " " + editor.dataset.mend + ": " + one.hint;
      li.appendChild(small);
    }
    return li;
  }

  function say(words, kind) {
    var p = document.createElement("p"), b = document.createElement("b");
    p.className = kind;
    b.textContent = words;
    p.appendChild(b);
    findings.textContent = "";
    findings.appendChild(p);
  }

  function show(answer) {
    found = answer.faults.concat(answer.warnings.map(function (one) { one.waits = true; return one; }));
    if (answer.ok) {
      say("✓ " + editor.dataset.good, "good");
    } else {
      say("✗ " + answer.faults.length + " " + editor.dataset.bad, "bad");
    }
    [[answer.faults, "ol", ""], [answer.warnings, "ul", "⚠ "]].forEach(function (part) {
      if (part[0].length === 0) { return; }
      var list = document.createElement(part[1]);
      list.className = "faults";
      part[0].forEach(function (one) { list.appendChild(item(one, part[2])); });
      findings.appendChild(list);
    });
    mark();
  }

  function check() {
    if (text.value.length > MOST) { return; }
    asked += 1;
    var mine = asked;
    editor.setAttribute("aria-busy", "true");
    fetch(editor.dataset.check, {
      method: "POST", body: text.value, credentials: "same-origin", redirect: "error", cache: "no-store",
      headers: { "Content-Type": "text/plain; charset=utf-8" }
    }).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.json();
    }).then(function (answer) {
      if (mine === asked) { editor.removeAttribute("aria-busy"); show(answer); }
    }).catch(function () {
      if (mine === asked) { editor.removeAttribute("aria-busy"); say(editor.dataset.lost, "note"); }
    });
  }

  text.addEventListener("input", function () {
    dirty = true;
    // Marks stand where their lines stood; they come back with the next answer.
    found = [];
    number();
    mark();
    window.clearTimeout(timer);
    timer = window.setTimeout(check, PAUSE);
  });
  text.addEventListener("scroll", scroll);
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("[data-line]") : null;
    if (link) {
      event.preventDefault();
      go(Number(link.dataset.line));
    }
  });
  form.addEventListener("submit", function () { sending = true; });
  window.addEventListener("beforeunload", function (event) {
    if (dirty && !sending) {
      event.preventDefault();
      event.returnValue = editor.dataset.leave;
    }
  });
  gutter.hidden = false;
  number();
  check();
})();
