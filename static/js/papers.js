// Ảnh giấy tờ: photographs are made smaller in the phone and sent one by one, so that a weak line loses one, not all.
// Each has a key of its own: sending it again never makes a double. Without this file the form works as it stands.
"use strict";

const LONG_SIDE = 2000;
const QUALITY = 0.8;
const ANSWER_MS = 120000;
const LOST = "chưa gửi được vì mất mạng. Bấm “Gửi lại ảnh này” khi có mạng.";

async function smaller(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const drawn = canvas.getContext("2d");
    drawn.fillStyle = "#fff";
    drawn.fillRect(0, 0, canvas.width, canvas.height);
    drawn.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    canvas.width = 0;
    return blob && blob.size < file.size ? blob : file;
  } catch {
    // Not a picture this browser can open, or too little memory: the server decides, and says what to do.
    return file;
  }
}

// crypto.randomUUID is missing where the page is not served over TLS.
function freshKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Sending {
  constructor(form, file, number, paper) {
    this.form = form;
    this.file = file;
    this.name = `Ảnh ${number} (${file.name})`;
    this.paper = paper;
    this.key = freshKey();
    this.isKept = false;
    this.line = document.createElement("li");
    this.words = document.createElement("span");
    this.again = document.createElement("button");
    this.again.type = "button";
    this.again.className = "btn btn-outline-primary";
    this.again.textContent = "Gửi lại ảnh này";
    this.again.hidden = true;
    this.line.append(this.words, " ", this.again);
  }

  say(sentence, isFailed, mayRepeat) {
    this.words.textContent = `${this.name}: ${sentence}`;
    this.line.classList.toggle("is-failed", isFailed);
    this.again.hidden = !mayRepeat;
  }

  async send() {
    this.say("đang gửi…", false, false);
    this.body ??= await smaller(this.file);
    const data = new FormData();
    data.append("csrf_token", this.form.elements.csrf_token.value);
    data.append("paper_code", this.paper);
    data.append("upload_key", this.key);
    data.append("photo", this.body, this.file.name || "anh.jpg");
    try {
      const answer = await fetch(this.form.action, {
        method: "POST",
        body: data,
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
      if (!isJson) {
        const isOld = answer.redirected || answer.status === 400 || answer.status === 401;
        this.say(isOld ? "chưa gửi được vì trang đã cũ. Ông/bà tải lại trang rồi gửi lại." : LOST, true, !isOld);
        return;
      }
      const told = await answer.json();
      this.isKept = told.kept;
      this.say(told.sentence, !told.kept, !told.kept && answer.status >= 429);
    } catch {
      this.say(LOST, true, true);
    }
  }
}

function enhance(form) {
  const box = form.elements.photo;
  const list = form.querySelector("[data-photographs]");
  const button = form.querySelector("button[type=submit]");
  list.setAttribute("aria-live", "polite");
  let pending = [];
  let sentCount = 0;

  function leaveWhenDone() {
    if (pending.length && pending.every((one) => one.isKept)) location.assign(form.dataset.done);
  }

  form.addEventListener("submit", async (event) => {
    const papers = form.elements.paper_code;
    const paper = papers.value;
    if (!box.files.length || !paper) return; // the server says what is missing
    event.preventDefault();
    button.disabled = true;
    const chosen = Array.from(box.files, (file) => new Sending(form, file, ++sentCount, paper));
    pending = pending.filter((one) => !one.isKept).concat(chosen);
    list.hidden = false;
    for (const one of chosen) {
      list.append(one.line);
      one.say("chờ gửi.", false, false);
      one.again.addEventListener("click", async () => {
        await one.send();
        leaveWhenDone();
      });
    }
    box.value = "";
    for (const one of chosen) await one.send();
    button.disabled = false;
    leaveWhenDone();
  });
}

if ("AbortSignal" in window && AbortSignal.timeout) document.querySelectorAll("[data-photo-form]").forEach(enhance);
