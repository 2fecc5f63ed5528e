// Runs before the first paint: the colours that this browser chose, or the system's. Shared with admin.
(function () {
  "use strict";
  var root = document.documentElement;
  root.dataset.js = "";
  try {
    var theme = localStorage.getItem("theme");
    root.dataset.theme = theme === "light" || theme === "dark" ? theme : "auto";
  } catch (blocked) {
    root.dataset.theme = "auto";
  }
})();
