// The live board: rows come as server-sent events; a row that is there already is replaced.
"use strict";
(() => {
  const board = document.getElementById("board");
  const pulse = document.getElementById("pulse");
  const arrived = document.getElementById("arrived");
  const pause = document.getElementById("pause");
  const said = document.getElementById("said");
  const limit = Number(board.dataset.limit);
  const after = Number(board.dataset.after);
  const states = {
    live: "Live", waiting: "Connecting", away: "The database is away", gone: "Connection lost, trying again",
  };
  const held = new Map();
  let paused = false;
  let told = false;
  let count = 0;
  let lastSaid = 0;

  const tell = (state) => {
    pulse.dataset.state = state;
    pulse.lastElementChild.textContent = states[state];
  };

  const parse = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.querySelector("li");
  };

  const say = (row) => {
    // A screen reader hears of a plate now and then, not of every one in a busy street.
    if (Date.now() - lastSaid < 5000 || row.classList.contains("preview")) return;
    lastSaid = Date.now();
    said.textContent = row.dataset.said;
  };

  const put = (row) => {
    const old = document.getElementById(row.id);
    if (old) {
      if (Number(old.dataset.change) >= Number(row.dataset.change)) return;
      old.replaceWith(row);
    } else {
      const at = Number(row.dataset.at);
      const next = [...board.children].find((other) => Number(other.dataset.at) <= at);
      board.insertBefore(row, next || null);
      if (Number(row.dataset.change) > after) arrived.textContent = ++count;
    }
    while (board.children.length > limit) board.lastElementChild.remove();
    document.getElementById("quiet").hidden = true;
    say(row);
  };

  const label = () => {
    pause.textContent = !paused ? "Pause" : held.size ? `Go on (${held.size} new)` : "Go on";
  };

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    if (!paused) {
      for (const row of held.values()) put(row);
      held.clear();
    }
    label();
  });

  const source = new EventSource(`${board.dataset.source}?after=${after}`);
  source.addEventListener("passage", (event) => {
    const row = parse(event.data);
    if (!row) return;
    if (!paused) return put(row);
    held.set(row.id, row);
    if (held.size > limit) held.delete(held.keys().next().value);
    label();
  });
  for (const name of ["ready", "back"]) {
    source.addEventListener(name, () => { told = false; tell("live"); });
  }
  source.addEventListener("away", () => { told = true; tell("away"); });
  source.addEventListener("error", () => {
    // Who cannot be told what was missed is let go, to ask again: that is no lost connection.
    tell(told ? "away" : "gone");
    told = false;
    // A closed source was refused, most often because the session is over.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  });
  addEventListener("pagehide", () => source.close());
  // Brought back from the browser's memory by its back button, the board would stand still and say "Live".
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
