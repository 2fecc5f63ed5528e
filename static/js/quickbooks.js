// Connecting QuickBooks: its consent page in a popup, in this window where popups are blocked, and the card that follows.
(function () {
  "use strict";
  if (window.quickbooksFollows) return;
  window.quickbooksFollows = true;
  var POPUP = "width=620,height=760,popup=yes";
  var LOOK_EVERY = 2000;
  var LOOK_FOR = 5 * 60 * 1000;
  var looking = 0;

  function refresh() {
    document.body.dispatchEvent(new CustomEvent("quickbooks-refresh"));
  }

  // The server's state decides; the message below only makes the next look come sooner.
  function look() {
    window.clearInterval(looking);
    var until = Date.now() + LOOK_FOR;
    looking = window.setInterval(function () {
      if (Date.now() > until) window.clearInterval(looking);
      else refresh();
    }, LOOK_EVERY);
  }

  document.addEventListener("submit", function (event) {
    var form = event.target.closest("[data-quickbooks-consent]");
    if (!form) return;
    var popup = window.open("about:blank", "quickbooks-consent", POPUP);
    form.elements.window.value = popup ? "popup" : "page";
    form.target = popup ? "quickbooks-consent" : "_self";
    if (popup) {
      popup.focus();
      look();
    }
  });

  if ("BroadcastChannel" in window) {
    new BroadcastChannel("quickbooks").addEventListener("message", function (event) {
      if (event.data && event.data.type === "qbo") {
        window.clearInterval(looking);
        refresh();
      }
    });
  }
})();
