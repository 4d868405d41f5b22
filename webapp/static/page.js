// On every page: pictures that are not there, searches without empty fields, parts that are away.
"use strict";
(() => {
  document.addEventListener("error", (event) => {
    if (event.target instanceof HTMLImageElement) event.target.classList.add("missing");
  }, true);
  for (const image of document.images) {
    if (image.complete && image.src && !image.naturalWidth) image.classList.add("missing");
  }

  document.addEventListener("htmx:configRequest", (event) => {
    const given = event.detail.parameters;
    for (const name of Object.keys(given)) if (given[name] === "") delete given[name];
  });
  // What cannot be searched for is told in the place of the results.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 400) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // The form was drawn for an earlier search; what is wrong with this one stands among its results.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "results") return;
    for (const field of document.querySelectorAll(".filter [aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const problem of document.querySelectorAll(".filter .problem")) problem.remove();
  });

  let line = null;
  const tell = (text) => {
    if (!line) {
      line = document.createElement("p");
      line.className = "notice bad";
      line.setAttribute("role", "status");
      document.getElementById("main").prepend(line);
    }
    line.textContent = text;
  };
  const away = (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr?.responseText || "", "text/html");
    tell((page.querySelector("h1")?.textContent || "The portal does not answer") + "; what you see may be old.");
  };
  document.addEventListener("htmx:responseError", away);
  document.addEventListener("htmx:sendError", away);
  document.addEventListener("htmx:afterSwap", () => { line?.remove(); line = null; });
})();
