// The frame that was read: boxes on and off, a close view of the plate, characters found by pointing.
"use strict";
(() => {
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-boxes]")) return;
    event.target.closest("[data-frame]").classList.toggle("bare", !event.target.checked);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (!button) return;
    const close = button.getAttribute("aria-pressed") !== "true";
    const view = button.closest("[data-frame]").querySelector(".view");
    button.setAttribute("aria-pressed", String(close));
    button.textContent = close ? "The whole frame" : "Close view of the plate";
    view.setAttribute("viewBox", close ? view.dataset.close : view.dataset.whole);
  });

  const point = (event, on) => {
    const item = event.target.closest?.("[data-character]");
    const place = item?.closest(".columns");
    if (!place) return;
    for (const one of place.querySelectorAll(`[data-character="${item.dataset.character}"]`)) {
      one.classList.toggle("pointed", on);
    }
  };
  for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(name, (event) => point(event, on));
  }
})();
