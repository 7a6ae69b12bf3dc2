// Thẻ chép: one tap copies one field. Without this file every field is read-only and is selected by hand.
"use strict";

const SAID_MS = 4000;
const said = document.querySelector("[data-copied]");
document.querySelector("[data-by-hand]").hidden = true;

// navigator.clipboard is missing where the page is not served over TLS, and may be refused: then the old command.
async function copy(box) {
  try {
    await navigator.clipboard.writeText(box.value);
    return true;
  } catch {
    const hidden = box.closest("details:not([open])");
    if (hidden) hidden.open = true;
    box.focus();
    box.select();
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const box = document.getElementById(button.dataset.copy);
  const words = button.textContent;
  let timer = 0;
  button.hidden = false;
  button.setAttribute("aria-label", `${words} ${button.dataset.name}`.replace(`${words} cả thẻ`, words));
  // Tab then goes from button to button, in the order of the screen.
  if (box.closest(".copy-line")) box.tabIndex = -1;
  box.addEventListener("focus", () => box.select());
  button.addEventListener("click", async () => {
    const done = await copy(box);
    if (done) button.focus();
    button.textContent = done ? "Đã chép" : "Bấm Ctrl+C";
    button.classList.toggle("is-copied", done);
    said.textContent = done
      ? `Đã chép ${button.dataset.name}.`
      : `Chưa chép được ${button.dataset.name}. Ô đã được chọn sẵn, ông/bà bấm Ctrl+C.`;
    clearTimeout(timer);
    timer = setTimeout(() => { button.textContent = words; }, SAID_MS);
  });
}
