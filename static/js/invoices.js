// The invoice list: the selection, kept across pages of the list, and the keys j, k and x.
(function () {
  "use strict";
  function form() { return document.getElementById("invoice-form"); }
  function key() { return "selected:" + (form() ? form().dataset.supplier : ""); }
  function read() {
    try { return new Set(JSON.parse(sessionStorage.getItem(key()) || "[]")); } catch (blocked) { return new Set(); }
  }
  function write(ids) {
    try { sessionStorage.setItem(key(), JSON.stringify(Array.from(ids))); } catch (blocked) { /* It lasts for this page. */ }
  }
  function boxes() { return form() ? Array.from(form().querySelectorAll('input[type=checkbox][name="invoice"]')) : []; }

  // Ticks the boxes of this page; what is selected on other pages goes into hidden fields.
  function show(ids) {
    var here = new Set();
    boxes().forEach(function (box) { here.add(box.value); box.checked = ids.has(box.value); });
    var elsewhere = document.getElementById("selected-elsewhere");
    if (!elsewhere) return;
    elsewhere.replaceChildren();
    ids.forEach(function (id) {
      if (here.has(id)) return;
      var field = document.createElement("input");
      field.type = "hidden"; field.name = "invoice"; field.value = id;
      elsewhere.append(field);
    });
  }
  function ask() { document.body.dispatchEvent(new CustomEvent("selection-changed")); }
  function restore() {
    if (!form()) return;
    var ids = read();
    boxes().forEach(function (box) { if (box.checked) ids.add(box.value); });
    write(ids);
    show(ids);
    if (ids.size) ask();
  }
  document.addEventListener("change", function (event) {
    if (event.target.name !== "invoice" || event.target.type !== "checkbox") return;
    var ids = read();
    if (event.target.checked) ids.add(event.target.value); else ids.delete(event.target.value);
    write(ids);
    show(ids);
    ask();
  });
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-clear-selection]")) return;
    write(new Set());
    show(new Set());
    ask();
  });
  function currentQuery() {
    document.querySelectorAll("[data-current-query]").forEach(function (field) {
      field.value = window.location.search.slice(1);
    });
  }
  // Settled, not swapped: only then does htmx listen to the new bar, which is told what is selected.
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.detail.target.id !== "invoice-list") return;
    currentQuery();
    restore();
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id !== "selection") return;
    // The server says which of them can be requested: others are dropped.
    var found = event.detail.target.querySelector("[data-ids]");
    var ids = new Set(found ? found.dataset.ids.split(" ").filter(Boolean) : []);
    write(ids);
    show(ids);
  });
  document.addEventListener("htmx:pushedIntoHistory", currentQuery);
  document.addEventListener("keydown", function (event) {
    var off = false;
    try { off = localStorage.getItem("shortcuts") === "off"; } catch (blocked) { /* Shortcuts stay on. */ }
    if (off || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    var typing = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (typing || ["j", "k", "x"].indexOf(event.key) < 0) return;
    var rows = Array.from(document.querySelectorAll("[data-row]"));
    var at = rows.findIndex(function (row) { return row.contains(document.activeElement); });
    if (event.key === "x") {
      var box = at < 0 ? null : rows[at].querySelector("input[type=checkbox]");
      if (box) { event.preventDefault(); box.click(); }
      return;
    }
    var next = rows[Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), rows.length - 1)];
    if (next) { event.preventDefault(); next.querySelector("a").focus(); }
  });
  // After htmx, whose own handler of this event came first.
  document.addEventListener("DOMContentLoaded", restore);
})();
