// The list of incidents works without this. It moves through the rows by keys, chooses all of a page, counts what is
// chosen, and says that a search is on its way.
"use strict";
(function () {
  var table = document.getElementById("cases");
  var search = document.querySelector("form.search");
  var bulk = document.getElementById("bulk");
  var at = -1;

  function rows() { return table ? Array.prototype.slice.call(table.tBodies[0].rows) : []; }

  function box(row) { return row.querySelector("input[type=checkbox]"); }

  function go(step) {
    var all = rows();
    if (all.length === 0) { return; }
    if (all[at]) { all[at].classList.remove("at"); }
    at = Math.max(0, Math.min(all.length - 1, at + step));
    all[at].classList.add("at");
    var link = all[at].querySelector("td.text a");
    if (link) { link.focus(); }
  }

  function count() {
    var chosen = rows().filter(function (row) { return box(row).checked; });
    var place = document.getElementById("chosen");
    rows().forEach(function (row) { row.classList.toggle("chosen", box(row).checked); });
    if (place && bulk) {
      if (!place.dataset.none) { place.dataset.none = place.textContent; }
      place.textContent = chosen.length === 0 ? place.dataset.none : bulk.dataset.chosen.replace("#", chosen.length);
    }
  }

  function typing(target) {
    return /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) && target.type !== "checkbox" && target.type !== "radio";
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) { return; }
    if (event.key === "/" && search) {
      event.preventDefault();
      search.querySelector("input[type=search]").focus();
    } else if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      go(event.key === "j" ? 1 : -1);
    } else if (event.key === "x" && rows()[at]) {
      event.preventDefault();
      var one = box(rows()[at]);
      one.checked = !one.checked;
      count();
    }
  });

  if (table) {
    var all = document.getElementById("all"), last = -1;
    all.hidden = false;
    all.addEventListener("change", function () {
      rows().forEach(function (row) { box(row).checked = all.checked; });
      count();
    });
    table.addEventListener("click", function (event) {
      if (event.target.type !== "checkbox" || event.target === all) { return; }
      var list = rows(), here = list.indexOf(event.target.closest("tr"));
      if (event.shiftKey && last >= 0) {
        list.slice(Math.min(last, here), Math.max(last, here) + 1).forEach(function (row) {
          box(row).checked = event.target.checked;
        });
      }
      last = here;
      count();
    });
    table.addEventListener("focusin", function (event) {
      var row = event.target.closest("tbody tr");
      if (!row) { return; }
      rows().forEach(function (other) { other.classList.toggle("at", other === row); });
      at = rows().indexOf(row);
    });
    count();
  }

  // The form by which something is entered opens when it is asked for.
  function open() {
    var enter = document.getElementById("enter");
    if (enter && window.location.hash === "#enter") {
      enter.open = true;
      enter.querySelector("input[name=gist]").focus();
    }
  }
  window.addEventListener("hashchange", open);
  open();

  if (search) {
    search.addEventListener("submit", function () {
      var button = search.querySelector("button");
      // Empty fields make no part of the address.
      search.querySelectorAll("input, select").forEach(function (field) { if (!field.value) { field.disabled = true; } });
      button.textContent = search.dataset.wait;
      search.setAttribute("aria-busy", "true");
    });
    // A page that comes back from the browser's memory must not stay disabled.
    window.addEventListener("pageshow", function (event) { if (event.persisted) { window.location.reload(); } });
  }
})();
