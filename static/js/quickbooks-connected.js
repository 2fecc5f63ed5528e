// End of the QuickBooks authorization: notifies the dashboard, and closes the popup if the connection succeeded.
(function () {
  "use strict";
  var outcome = document.querySelector("[data-quickbooks-outcome]");
  if ("BroadcastChannel" in window) {
    var channel = new BroadcastChannel("quickbooks");
    channel.postMessage({ type: "authorization-finished" });
    channel.close();
  }
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-close-window]")) window.close();
  });
  if (outcome.dataset.quickbooksOutcome === "connected" && outcome.dataset.popup === "yes") {
    window.setTimeout(function () { window.close(); }, 600);
  }
})();
