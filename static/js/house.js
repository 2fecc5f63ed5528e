// What a page does beyond HTML and htmx: colours, keys, menus, and a region that failed to load.
(function () {
  "use strict";
  var root = document.documentElement;

  function stored(key) {
    try { return localStorage.getItem(key); } catch (blocked) { return null; }
  }
  function store(key, value) {
    try { localStorage.setItem(key, value); } catch (blocked) { /* private mode: it holds for this page */ }
  }

  // Colours.
  function showTheme() {
    document.querySelectorAll("[data-theme-set]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === root.dataset.theme));
    });
  }
  showTheme();

  // Keys: one press, never while typing, and off for those who do not want them.
  var dialog = document.getElementById("keys");
  var keysBox = document.getElementById("keys-on");
  var keysOn = stored("keys") !== "off";
  var leader = 0;
  if (keysBox) {
    keysBox.checked = keysOn;
    keysBox.addEventListener("change", function () {
      keysOn = keysBox.checked;
      store("keys", keysOn ? "on" : "off");
    });
  }
  function typing(target) {
    return target.closest && target.closest("input, select, textarea, [contenteditable]");
  }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach(function (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      return;
    }
    if (!keysOn || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (dialog && dialog.open) return;
    if (event.timeStamp - leader < 1200 && leader) {
      leader = 0;
      var link = document.querySelector('[data-key="g ' + CSS.escape(event.key) + '"]');
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "g") leader = event.timeStamp;
    if (event.key === "/") {
      var search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
    if (event.key === "?" && dialog) { event.preventDefault(); dialog.showModal(); }
  });

  document.addEventListener("click", function (event) {
    var theme = event.target.closest("[data-theme-set]");
    if (theme) {
      root.dataset.theme = theme.dataset.themeSet;
      store("theme", theme.dataset.themeSet);
      showTheme();
    }
    if (event.target.closest("[data-keys-open]") && dialog) dialog.showModal();
    if (event.target.closest("[data-print]")) window.print();
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // After a refused form, its summary is the first thing that is read out.
  var summary = document.querySelector("[data-focus]");
  if (summary) summary.focus({ preventScroll: true });

  // Regions: say that they load, say that they failed and offer another try, and never show a sign-in page inside one.
  function region(event) {
    var target = event.detail.target || event.target;
    return target && target.closest ? target.closest("[data-region]") : null;
  }
  function failed(event, yes) {
    var here = region(event);
    var note = here && here.querySelector("[data-region-error]");
    if (here) here.removeAttribute("aria-busy");
    if (note) note.hidden = !yes;
  }
  document.addEventListener("htmx:beforeRequest", function (event) {
    var here = region(event);
    if (here) here.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    var address = event.detail.xhr && event.detail.xhr.responseURL;
    if (address && new URL(address).pathname.indexOf("/accounts/") === 0) {
      event.preventDefault();
      window.location.reload();
    }
  });
  document.addEventListener("htmx:responseError", function (event) { failed(event, true); });
  document.addEventListener("htmx:sendError", function (event) { failed(event, true); });
  document.addEventListener("htmx:timeout", function (event) { failed(event, true); });
  document.addEventListener("htmx:afterSwap", function (event) { failed(event, false); });
})();
