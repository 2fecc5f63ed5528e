// The search over everything: a dialog with a combobox. The focus stays in its field; arrows choose, Enter opens.
(function () {
  "use strict";
  var dialog = document.getElementById("search-dialog");
  var field = document.getElementById("search-field");
  if (!dialog || !dialog.showModal) return;

  function options() { return Array.from(dialog.querySelectorAll("[role=option]")); }
  function active() { return dialog.querySelector('[role=option][aria-selected="true"]'); }
  function choose(option) {
    options().forEach(function (one) { one.setAttribute("aria-selected", String(one === option)); });
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }
  function open() {
    if (dialog.open || document.querySelector("dialog[open]")) return;
    dialog.showModal(); // closing it gives the focus back
    field.focus();
    field.select();
  }
  function isOff() {
    try { return localStorage.getItem("shortcuts") === "off"; } catch (blocked) { return false; }
  }
  document.addEventListener("search-open", open);
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k" && !isOff()) {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-search-open]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); open(); }
    if (event.target.closest("[data-search-close]")) dialog.close();
  });
  // A press that begins in the field and ends on the backdrop selects text: only one that begins there closes.
  var beganOutside = false;
  document.addEventListener("pointerdown", function (event) { beganOutside = event.target === dialog; });
  document.addEventListener("pointerup", function (event) {
    if (beganOutside && event.target === dialog) dialog.close();
    beganOutside = false;
  });
  field.addEventListener("input", function () { choose(null); }); // what was chosen is of the text before
  field.addEventListener("keydown", function (event) {
    var all = options(), at = all.indexOf(active());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!all.length) return;
      var step = event.key === "ArrowDown" ? 1 : -1;
      choose(at < 0 ? all[step > 0 ? 0 : all.length - 1] : all[(at + step + all.length) % all.length]);
    } else if (event.key === "Escape") {
      event.preventDefault(); // a search field would only be emptied
      dialog.close();
    } else if (event.key === "Enter" && active()) {
      event.preventDefault();
      active().click();
    }
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id !== "search-results") return;
    choose(null);
    field.setAttribute("aria-expanded", String(options().length > 0));
  });
})();
