// The end of the consent journey: tell the dashboard to look, and close the popup where it went well.
(function () {
  "use strict";
  var outcome = document.querySelector("[data-quickbooks-outcome]");
  if ("BroadcastChannel" in window) {
    var channel = new BroadcastChannel("quickbooks");
    channel.postMessage({ type: "qbo" });
    channel.close();
  }
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-close-window]")) window.close();
  });
  if (outcome.dataset.quickbooksOutcome === "connected" && outcome.dataset.popup === "yes") {
    window.setTimeout(function () { window.close(); }, 600);
  }
})();
