// The open page follows the content set: it asks which version is shown and takes a new one in place, keeping scroll and
// video. It leaves only for a server that answers: while the booth's own restarts, a touch is remembered, and the traveller
// never sees the browser's error page.
"use strict";

const EVERY_MS = 400;
const PATIENCE_MS = 5000;
let wanted = null;

async function ask(address) {
  const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.status >= 500) throw new Error(String(answer.status));
  return answer;
}

async function look() {
  try {
    const shown = document.hidden ? "" : document.documentElement.dataset.version;
    const { version } = await (await ask("/now?shown=" + encodeURIComponent(shown))).json();
    if (wanted) leave();
    else if (version !== document.documentElement.dataset.version && !document.hidden) await renew();
  } catch {
    // The server is away or busy: the page stays as it is, and asks again.
  }
  setTimeout(look, EVERY_MS);
}

function leave() {
  location.assign(wanted);
  wanted = null;
}

async function renew() {
  const fresh = new DOMParser().parseFromString(await (await ask(location.href)).text(), "text/html");
  const { scrollX, scrollY } = window;
  const videos = [...document.querySelectorAll("video")].map(state);
  const before = [...document.body.children];
  const after = [...fresh.body.children];
  if (before.map((part) => part.tagName).join() !== after.map((part) => part.tagName).join()) {
    document.body.replaceChildren(...after);
  } else {
    before.forEach((part, place) => part.outerHTML !== after[place].outerHTML && part.replaceWith(after[place]));
  }
  document.title = fresh.title;
  document.body.className = fresh.body.className;
  document.documentElement.lang = fresh.documentElement.lang;
  document.documentElement.dataset.version = fresh.documentElement.dataset.version;
  videos.forEach(resume);
  painted();
  window.scrollTo(scrollX, scrollY);
}

// Scripts of the rooms take hold of the page when this is told: once it is read, and each time it has been renewed in place.
function painted() {
  document.dispatchEvent(new Event("page"));
}

function state(video) {
  return { video, source: video.src, at: video.currentTime, muted: video.muted, playing: !video.paused };
}

function resume({ video, source, at, muted, playing }) {
  const again = [...document.querySelectorAll("video")].find((one) => one.src === source);
  if (!again || again === video) return;
  again.currentTime = at;
  again.muted = muted;
  if (playing) again.play().catch(() => {});
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link) return;
  event.preventDefault();
  link.classList.add("waiting");
  wanted = link.href;
  ask("/now").then(() => wanted && leave(), () => {});
});
document.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("DOMContentLoaded", painted);
setTimeout(look, EVERY_MS);
