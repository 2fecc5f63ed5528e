// The slider beside the amount: each moves the other, and the form asks for the quote when they rest.
(function () {
  "use strict";
  var form = document.getElementById("ask");
  if (!form) return;
  var amount = form.elements.amount, currency = form.elements.currency, range = form.querySelector("[type=range]");
  var decimal = (1.5).toLocaleString(document.documentElement.lang).charAt(1);
  // 9,800.00 and 9.800,00 are the same amount, as for the server: what at most two digits follow are the decimals.
  function typed() {
    var marked = amount.value.replace(/[^0-9.,]/g, "").replace(/[.,](?=\d{0,2}$)/, "d");
    return marked.replace(/[.,]/g, "").replace("d", ".");
  }
  function write(value) { amount.value = String(value).replace(".", decimal); }
  function available() {
    var option = currency.selectedOptions ? currency.selectedOptions[0] : currency;
    var found = form.querySelector('[data-available="' + CSS.escape(option.value) + '"]');
    return found ? Number(found.value) : 0;
  }
  function fit() {
    var most = available();
    form.querySelector(".ask-range").hidden = !(most > 0);
    range.max = String(most);
    range.step = String(Math.max(Math.pow(10, Math.floor(Math.log10(most || 1)) - 2), 1));
    range.value = typed();
    form.querySelector("[data-most]").textContent = most.toLocaleString(document.documentElement.lang, { style: "currency", currency: currency.value });
  }
  range.addEventListener("input", function () {
    // The last step of the slider stands for all of it, cents too.
    write(Number(range.max) - Number(range.value) < Number(range.step) ? range.max : range.value);
    amount.dispatchEvent(new Event("input", { bubbles: true }));
  });
  amount.addEventListener("input", function () { range.value = typed(); });
  currency.addEventListener("change", function () { write(available() || ""); fit(); });
  fit();
})();
