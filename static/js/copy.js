// Adds a button that copies its text to every element with data-copy, the name of what is copied. Without a clipboard
// (plain http, an old browser) there is no button, and the text can be selected as ever. The words stand on the script.
(function () {
  "use strict";
  if (!navigator.clipboard || !navigator.clipboard.writeText) return;
  var words = document.currentScript.dataset;
  document.querySelectorAll("[data-copy]").forEach(function (element) {
    var button = document.createElement("button");
    var said = document.createElement("span");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = words.label;
    button.setAttribute("aria-label", words.label + " " + element.dataset.copy);
    said.setAttribute("role", "status");
    said.className = "small muted";
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(element.textContent.trim()).then(
        function () { said.textContent = words.copied; },
        function () { said.textContent = words.failed; }
      );
      window.setTimeout(function () { said.textContent = ""; }, 4000);
    });
    element.after(" ", button, " ", said);
  });
})();
