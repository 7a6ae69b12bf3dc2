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

// Chữ ký nhận: what a finger draws goes along as lines of points; the server draws the picture that is kept. A form that
// comes back with a question shows the lines again.
const field = document.getElementById("signature-field");
if (field) {
  field.hidden = false;
  const canvas = field.querySelector("canvas");
  const kept = document.getElementById("signature");
  const pen = canvas.getContext("2d");
  pen.lineWidth = 5;
  pen.lineCap = pen.lineJoin = "round";
  let lines = kept.value
    .split(";")
    .filter(Boolean)
    .map((line) => line.split(" ").map((point) => point.split(",").map(Number)));
  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (const line of lines) {
      pen.beginPath();
      line.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.stroke();
    }
    kept.value = lines.map((line) => line.map((point) => point.join(",")).join(" ")).join(";");
  };
  const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      within(((event.clientX - box.left) / box.width) * canvas.width, canvas.width),
      within(((event.clientY - box.top) / box.height) * canvas.height, canvas.height),
    ];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    lines.push([at(event)]);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const line = lines[lines.length - 1];
    const [x, y] = at(event);
    const [a, b] = line[line.length - 1];
    if (Math.abs(x - a) + Math.abs(y - b) < 4) return;
    line.push([x, y]);
    draw();
  });
  document.getElementById("signature-again").addEventListener("click", () => {
    lines = [];
    draw();
  });
  draw();
}
