// Behaviour of every page beyond HTML and htmx: colour theme, keyboard shortcuts, menus, and htmx regions that fail to load.
(function () {
  "use strict";
  var root = document.documentElement;

  function readStorage(key) {
    try { return localStorage.getItem(key); } catch (blocked) { return null; }
  }
  function writeStorage(key, value) {
    try { localStorage.setItem(key, value); } catch (blocked) { /* Storage is blocked: the choice lasts for this page. */ }
  }

  // Colour theme.
  function updateThemeSwitch() {
    document.querySelectorAll("[data-theme-set]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === root.dataset.theme));
    });
  }
  updateThemeSwitch();

  // Keyboard shortcuts: ignored while the user types, and can be turned off.
  var SEQUENCE_TIMEOUT = 1200;
  var dialog = document.getElementById("shortcuts");
  var checkbox = document.getElementById("shortcuts-enabled");
  var shortcutsEnabled = readStorage("shortcuts") !== "off";
  var goPressedAt = 0;
  if (checkbox) {
    checkbox.checked = shortcutsEnabled;
    checkbox.addEventListener("change", function () {
      shortcutsEnabled = checkbox.checked;
      writeStorage("shortcuts", shortcutsEnabled ? "on" : "off");
    });
  }
  function isTyping(target) {
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
    if (!shortcutsEnabled || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.timeStamp - goPressedAt < SEQUENCE_TIMEOUT && goPressedAt) {
      goPressedAt = 0;
      var link = document.querySelector('[data-shortcut="g ' + CSS.escape(event.key) + '"]');
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "g") goPressedAt = event.timeStamp;
    if (event.key === "/") {
      var search = document.querySelector("main input[type=search]");
      event.preventDefault();
      if (search) { search.focus(); search.select(); } else document.dispatchEvent(new CustomEvent("search-open"));
    }
    if (event.key === "?" && dialog) { event.preventDefault(); dialog.showModal(); }
  });

  document.addEventListener("click", function (event) {
    var themeButton = event.target.closest("[data-theme-set]");
    if (themeButton) {
      root.dataset.theme = themeButton.dataset.themeSet;
      writeStorage("theme", themeButton.dataset.themeSet);
      updateThemeSwitch();
    }
    if (event.target.closest("[data-shortcuts-open]") && dialog) dialog.showModal();
    if (event.target.closest("[data-print]")) window.print();
    var showButton = event.target.closest("[data-show-password]");
    if (showButton) {
      var password = showButton.previousElementSibling;
      var isShown = password.type === "password";
      password.type = isShown ? "text" : "password";
      showButton.setAttribute("aria-pressed", String(isShown));
    }
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // After a rejected form, move the focus to the error summary so that screen readers read it first.
  var errorSummary = document.querySelector("[data-autofocus]");
  if (errorSummary) errorSummary.focus({ preventScroll: true });

  // htmx regions: mark them as busy while they load, and show their error message when they fail.
  function regionOf(event) {
    var target = event.detail.target || event.target;
    return target && target.closest ? target.closest("[data-htmx-region]") : null;
  }
  function finishLoading(event, hasFailed) {
    var region = regionOf(event);
    var message = region && region.querySelector("[data-htmx-error]");
    if (region) region.removeAttribute("aria-busy");
    if (message) message.hidden = !hasFailed;
  }
  function onFailure(event) { finishLoading(event, true); }
  document.addEventListener("htmx:beforeRequest", function (event) {
    var region = regionOf(event);
    if (region) region.setAttribute("aria-busy", "true");
  });
  // When the session has expired, reload the page instead of swapping the sign-in page into a region.
  document.addEventListener("htmx:beforeSwap", function (event) {
    var url = event.detail.xhr && event.detail.xhr.responseURL;
    if (url && new URL(url).pathname.indexOf("/accounts/") === 0) {
      event.preventDefault();
      window.location.reload();
    }
  });
  // Marks the figures that an update has changed, for a moment's highlight.
  var figuresBefore = {};
  function eachFigure(use) {
    document.querySelectorAll("[data-figure]").forEach(function (figure, position) { use(figure, position); });
  }
  document.addEventListener("htmx:beforeSwap", function () {
    eachFigure(function (figure, position) { figuresBefore[position] = figure.textContent; });
  });
  document.addEventListener("htmx:afterSettle", function () {
    eachFigure(function (figure, position) {
      if (figuresBefore[position] && figuresBefore[position] !== figure.textContent) figure.dataset.changed = "";
    });
    figuresBefore = {};
  });
  document.addEventListener("htmx:responseError", onFailure);
  document.addEventListener("htmx:sendError", onFailure);
  document.addEventListener("htmx:timeout", onFailure);
  document.addEventListener("htmx:afterSwap", function (event) { finishLoading(event, false); });
})();
