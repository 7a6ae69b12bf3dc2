// Says on the button how many letters are ticked; without scripts the button keeps its plain words.
"use strict";
for (const button of document.querySelectorAll("button[data-tally]")) {
  const boxes = button.form.querySelectorAll("input[data-count]");
  const tell = () => {
    let count = 0;
    for (const box of boxes) if (box.checked) count += Number(box.dataset.count);
    button.textContent = button.dataset.tally.replace("{n}", count.toLocaleString("vi-VN"));
  };
  button.form.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
  tell();
}
