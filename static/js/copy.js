// Adds a button that copies its text to every element with data-copy, the name of what is copied. Without a clipboard
// (plain http, an old browser) there is no button, and the text can be selected as ever.
(function () {
  "use strict";
  if (!navigator.clipboard || !navigator.clipboard.writeText) return;
  document.querySelectorAll("[data-copy]").forEach(function (element) {
    var button = document.createElement("button");
    var said = document.createElement("span");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + element.dataset.copy);
    said.setAttribute("role", "status");
    said.className = "small muted";
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(element.textContent.trim()).then(
        function () { said.textContent = "Copied"; },
        function () { said.textContent = "Not copied: select the text instead."; }
      );
      window.setTimeout(function () { said.textContent = ""; }, 4000);
    });
    element.after(" ", button, " ", said);
  });
})();
