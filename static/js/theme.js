// Applies the stored colour theme before the first paint. Admin pages load it too.
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
