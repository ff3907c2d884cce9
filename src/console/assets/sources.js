// The list of sources works without this: the form filters it. This narrows the rows while somebody types.
"use strict";
(function () {
  var field = document.getElementById("filter");
  var table = document.getElementById("sources");
  var shown = document.getElementById("shown");
  if (!field || !table || !shown) { return; }
  var rows = Array.prototype.slice.call(table.tBodies[0].rows).map(function (row) {
    var cells = [row.cells[0], row.cells[1]];
    return { row: row, text: cells.map(function (cell) { return cell.textContent; }).join(" ").toLowerCase() };
  });

  function narrow() {
    var word = field.value.trim().toLowerCase();
    var count = 0;
    rows.forEach(function (one) {
      var fits = one.text.indexOf(word) >= 0;
      one.row.hidden = !fits;
      count += fits ? 1 : 0;
    });
    shown.textContent = shown.dataset.words.replace("#", count);
  }

  field.addEventListener("input", narrow);
})();
