// What makes a page nicer; none needs it.
"use strict";

// An error or an answer takes the focus, so that a screen reader begins there.
document.querySelector("[data-focus]")?.focus();

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const word = document.querySelector("[data-copy-word]");
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand("copy");
    }
    button.textContent = button.dataset.copied;
    word.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; word.textContent = ""; }, 4000);
  });
}

for (const field of document.querySelectorAll("[data-select]")) {
  field.addEventListener("focus", () => field.select());
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A result in passing is soon another: look again.
if (document.querySelector("[data-again]")) {
  setTimeout(() => window.location.reload(), 2000);
}

// Which file stands in the frame.
for (const tab of document.querySelectorAll("[data-look]")) {
  tab.addEventListener("click", () => {
    document.querySelector("[data-look][aria-current]")?.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "true");
    const alone = document.querySelector(".look-open a");
    if (alone) { alone.href = tab.href; }
  });
}

// The form to publish: files can be dropped, a code in the file's name is filled in, and what is
// too large is said before it is sent.
const publish = document.querySelector("[data-publish]");
if (publish) {
  const drop = publish.querySelector("[data-drop]");
  const file = publish.querySelector("#file");
  const code = publish.querySelector("#code");
  const known = /(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.\d{1,3}){0,3})-(?:\d{8}|\d{6})-\d{4,7}/i;
  const attachments = publish.querySelector("#attachments");
  const weigh = () => {
    const bytes = [...file.files, ...attachments.files].reduce((sum, one) => sum + one.size, 0);
    file.setCustomValidity(bytes > Number(publish.dataset.max) ? publish.dataset.tooLarge : "");
  };
  attachments.addEventListener("change", weigh);
  const fill = () => {
    weigh();
    const found = file.files[0]?.name.match(known);
    if (found && code.value === "") { code.value = found[0].toUpperCase(); }
  };
  publish.querySelector("[data-drop-words]").hidden = false;
  file.addEventListener("change", fill);
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over-it"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over-it"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over-it");
    const dropped = new DataTransfer();
    if (event.dataTransfer.files[0]) { dropped.items.add(event.dataTransfer.files[0]); }
    file.files = dropped.files;
    fill();
  });
}

// Inside a portal: tell the page around how high the form is, and nothing else.
if (document.body.hasAttribute("data-frame")) {
  const tell = () => window.parent.postMessage({ trao: "height", height: document.documentElement.scrollHeight }, "*");
  new ResizeObserver(tell).observe(document.body);
}
