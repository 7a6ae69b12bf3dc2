// Trang gửi yêu cầu: suggestions while a commune's name is typed, and boxes that appear only when they count.
// Everything works without this file; it only saves a tap.

const WAIT_MS = 250;

function suggestCommunes(box) {
  const list = document.getElementById(box.dataset.list);
  let timer = 0;
  let asked = 0;

  async function ask() {
    const text = box.value.trim();
    if (text.length < 2) return;
    const mine = ++asked;
    try {
      const answer = await fetch(`${box.dataset.suggest}?tim=${encodeURIComponent(text)}`);
      if (answer.ok && mine === asked) list.innerHTML = await answer.text();
    } catch {
      // No line just now: the button "Tìm xã" still works when it is back.
    }
  }

  const askSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  };
  box.addEventListener("input", askSoon);
  // On a slow line the name is typed before this file arrives.
  if (box.value && box.value !== box.defaultValue) askSoon();
}

function showWhenItCounts(part) {
  const [name, values] = part.dataset.onlyWhen.split(":");
  const wanted = values.split(",");
  const form = part.closest("form");
  const update = () => {
    const chosen = form.querySelector(`input[name="${name}"]:checked`);
    part.hidden = !(chosen && wanted.includes(chosen.value));
  };
  form.addEventListener("change", update);
  update();
}

document.querySelectorAll("[data-suggest]").forEach(suggestCommunes);
document.querySelectorAll("[data-only-when]").forEach(showWhenItCounts);
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
// The QR code of the receipt carries the code behind the "#", which no server ever sees.
const code = document.getElementById("code");
const carried = new URLSearchParams(location.hash.slice(1)).get("ma");
if (code && carried && !code.value) code.value = carried;
