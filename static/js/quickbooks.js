// Connecting QuickBooks: opens Intuit's consent page in a popup, or in this window if popups are blocked, then refreshes the card.
(function () {
  "use strict";
  // The card, the banner and the page each load this script: run it once.
  if (window.quickbooksScriptLoaded) return;
  window.quickbooksScriptLoaded = true;
  var POPUP_FEATURES = "width=620,height=760,popup=yes";
  var POLL_INTERVAL = 2000;
  var POLL_TIMEOUT = 5 * 60 * 1000;
  var pollTimer = 0;
  var popup = null;
  var sentForm = null;

  function refresh() {
    document.body.dispatchEvent(new CustomEvent("quickbooks-refresh"));
  }

  // A browser says so, too, of a window that another site keeps apart. Then the person is still there: nothing is claimed.
  function noticeClosed() {
    if (!popup || !popup.closed) return;
    popup = null;
    if (!document.hasFocus()) return;
    fetch(sentForm.dataset.quickbooksConsent, { method: "POST", body: new FormData(sentForm) }).then(refresh, refresh);
  }

  // The server's state decides. The broadcast message below only makes the next refresh come sooner.
  function startPolling() {
    window.clearInterval(pollTimer);
    var deadline = Date.now() + POLL_TIMEOUT;
    pollTimer = window.setInterval(function () {
      if (Date.now() > deadline) window.clearInterval(pollTimer);
      else refresh();
      noticeClosed();
    }, POLL_INTERVAL);
  }

  document.addEventListener("submit", function (event) {
    var form = event.target.closest("[data-quickbooks-consent]");
    if (!form) return;
    popup = window.open("about:blank", "quickbooks-consent", POPUP_FEATURES);
    form.elements.window.value = popup ? "popup" : "page";
    form.target = popup ? "quickbooks-consent" : "_self";
    if (popup) {
      popup.opener = null;
      sentForm = form;
      popup.focus();
      startPolling();
    }
  });

  window.addEventListener("focus", noticeClosed);

  if ("BroadcastChannel" in window) {
    new BroadcastChannel("quickbooks").addEventListener("message", function (event) {
      if (event.data && event.data.type === "authorization-finished") {
        window.clearInterval(pollTimer);
        popup = null;
        refresh();
      }
    });
  }
})();
