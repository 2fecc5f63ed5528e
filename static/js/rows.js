// Lists of staff: j and k move between rows, x ticks one, Enter opens it, as the link of the row has the focus.
(function () {
  "use strict";
  function rows() {
    return Array.from(document.querySelectorAll("#result_list tbody tr, .queues tbody tr, .decision-body tbody tr"))
      .filter(function (row) { return row.querySelector("a") && row.offsetParent; });
  }
  document.addEventListener("keydown", function (event) {
    var off = false;
    try { off = localStorage.getItem("shortcuts") === "off"; } catch (blocked) { /* Shortcuts stay on. */ }
    if (off || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    var typing = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (typing || ["j", "k", "x"].indexOf(event.key) < 0) return;
    var all = rows();
    var at = all.findIndex(function (row) { return row.contains(document.activeElement); });
    if (event.key === "x") {
      var box = at < 0 ? null : all[at].querySelector("input.action-select");
      if (box) { event.preventDefault(); box.click(); }
      return;
    }
    var next = all[Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), all.length - 1)];
    if (next) { event.preventDefault(); (next.querySelector("th a") || next.querySelector("a")).focus(); }
  });
})();
