// Shows the text on every case while it is typed; without scripts the button "Xem thử" does the same.
"use strict";
const form = document.getElementById("wording");
const cases = document.getElementById("cases");
let waiting = 0;
let turn = 0;
const show = async () => {
  const mine = ++turn;
  const open = new Set([...cases.querySelectorAll("details[open] > summary")].map((one) => one.textContent));
  const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) });
  if (!answer.ok || mine !== turn) return;
  cases.innerHTML = await answer.text();
  for (const one of cases.querySelectorAll("details > summary")) {
    if (open.has(one.textContent)) one.parentElement.open = true;
  }
};
form.elements.body.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => show().catch(() => {}), 400);
});
