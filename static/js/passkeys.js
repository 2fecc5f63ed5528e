"use strict";
// Passkeys. A button with data-passkey="create" or "get" asks the browser for a credential, and its form sends it.
// The options come from the element that data-options names, or from the address in data-options-url.
(() => {
  const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const decodeIds = (list) => (list || []).map((one) => ({ ...one, id: decode(one.id) }));

  const readOptions = async (button) => {
    const address = button.dataset.optionsUrl;
    if (!address) return JSON.parse(document.getElementById(button.dataset.options).textContent);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no options");
    return answer.json();
  };

  const toJson = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = encode(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({
      id: credential.id,
      rawId: encode(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  const create = async (options, form) => {
    const key = options.creation_options.publicKey;
    const selection = { ...key.authenticatorSelection };
    if (form.elements.passwordless && form.elements.passwordless.checked) {
      Object.assign(selection, { residentKey: "required", requireResidentKey: true, userVerification: "required" });
    }
    return navigator.credentials.create({ publicKey: {
      ...key,
      challenge: decode(key.challenge),
      user: { ...key.user, id: decode(key.user.id) },
      excludeCredentials: decodeIds(key.excludeCredentials),
      authenticatorSelection: selection,
    } });
  };

  const get = async (options) => {
    const key = options.request_options.publicKey;
    return navigator.credentials.get({ publicKey: {
      ...key,
      challenge: decode(key.challenge),
      allowCredentials: decodeIds(key.allowCredentials),
    } });
  };

  for (const button of document.querySelectorAll("[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    button.hidden = false;
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      const { form } = button;
      const failed = form.querySelector("[data-passkey-failed]");
      if (failed) failed.hidden = true;
      try {
        const options = await readOptions(button);
        form.elements.credential.value = toJson(await (button.dataset.passkey === "create" ? create : get)(options, form));
        form.submit();
      } catch {
        if (failed) failed.hidden = false;
      }
    });
  }
})();
