// Upload: drop, choose or take a picture; what is surely too large is told before it is sent.
"use strict";
(() => {
  const form = document.getElementById("drop");
  const problem = document.getElementById("problem");
  const most = Number(form.dataset.maxMegabytes);

  const refuse = (text) => {
    problem.textContent = text;
    problem.hidden = false;
    form.classList.remove("busy");
  };

  const send = (input) => {
    const file = input.files[0];
    if (!file) return;
    if (input.files.length > 1) {
      input.value = "";
      return refuse(`These are ${input.files.length} files: pictures are taken one at a time`);
    }
    if (file.size > most * 1024 * 1024) {
      input.value = "";
      return refuse(`${file.name}: ${(file.size / 1e6).toFixed(1)} MB, at most ${most} MB are taken`);
    }
    for (const other of form.querySelectorAll("input[type=file]")) other.disabled = other !== input;
    form.classList.add("busy");
    problem.hidden = true;
    form.submit();
  };

  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => send(input));
  }
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    form.addEventListener(name, () => form.classList.remove("over"));
  }
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    const input = document.getElementById("file");
    input.files = event.dataTransfer.files;
    send(input);
  });
  // Coming back by the browser's own button finds the form as it was left: make it usable again.
  addEventListener("pageshow", () => {
    form.classList.remove("busy");
    for (const input of form.querySelectorAll("input[type=file]")) { input.disabled = false; input.value = ""; }
  });
})();
