/* One screen of a device: it shows the side that the page around it sends, as the app does. What a card's own scripts do
   in here stays in here: the frame has no origin, may load nothing but its parts, and the page takes from it only that a
   key was pressed, the card was tapped or a text was typed. */
"use strict";
window.MathJax = { // Anki's own settings
  tex: {
    displayMath: [["\\[", "\\]"]],
    processEscapes: false,
    processEnvironments: false,
    processRefs: false,
    packages: { "[+]": ["noerrors", "mathtools"], "[-]": ["textmacros"] },
  },
  chtml: { fontURL: "fonts" },
  startup: { typeset: false },
};

(() => {
  const page = window.parent;
  const tell = (message) => page.postMessage(message, "*");
  const find = (selector) => document.querySelector(selector);
  const qa = () => document.getElementById("qa");
  let shown = "";
  let latest = 0;

  const look = ({ html, body, dir, canvas }) => {
    document.documentElement.className = html;
    document.body.className = body;
    if (dir) qa().setAttribute("dir", dir);
    else qa().removeAttribute("dir");
    find("#canvas").textContent = canvas;
  };

  const typeset = async () => {
    try {
      await window.MathJax.startup.promise;
      window.MathJax.typesetClear();
      await window.MathJax.typesetPromise([qa()]);
    } catch (fault) { console.error(fault); }
  };

  /* What the author has opened and typed on a side stays when it is shown again. */
  const state = () => ({
    top: document.scrollingElement.scrollTop,
    open: Array.from(document.querySelectorAll("details"), (details) => details.open),
    typed: find("input#typeans")?.value,
  });
  const restore = ({ top, open, typed }) => {
    document.querySelectorAll("details").forEach((details, at) => { details.open = open[at] ?? false; });
    const field = find("input#typeans");
    if (field && typed !== undefined) field.value = typed;
    document.scrollingElement.scrollTop = top;
  };

  const show = async ({ key, css, html, version, sounds }) => {
    const number = ++latest;
    const before = key === shown ? state() : null;
    await window.MathJax.startup?.promise;
    if (number !== latest) return; /* a newer side is on its way */
    shown = key;
    const style = document.createElement("style");
    style.textContent = css;
    qa().innerHTML = html;
    qa().prepend(style);
    for (const dead of qa().querySelectorAll("script")) {
      const script = document.createElement("script");
      for (const { name, value } of dead.attributes) script.setAttribute(name, value);
      script.textContent = dead.textContent;
      dead.replaceWith(script);
    }
    document.scrollingElement.scrollTop = before?.top ?? 0;
    await typeset();
    if (before) restore(before);
    else if (key.endsWith("/back")) turnTo(find("#answer"));
    if (sounds) play(sounds);
    tell({ kind: "shown", key, version });
  };

  /* As the apps do; scrollIntoView would move the page around the frame, too. */
  const turnTo = (answer) => {
    if (!answer) return;
    const margin = parseFloat(getComputedStyle(answer).scrollMarginTop) || 0;
    scrollTo(0, answer.getBoundingClientRect().top + scrollY - margin);
  };

  let player;
  const play = ([name, ...others]) => {
    player?.pause();
    if (!name) return;
    player = new Audio(encodeURIComponent(name));
    player.addEventListener("ended", () => play(others));
    player.play().catch(() => {}); /* a browser may want a tap first */
  };

  const press = ({ key, code }) => {
    for (const type of ["keydown", "keyup"]) {
      document.dispatchEvent(new KeyboardEvent(type, { key, code, bubbles: true }));
    }
  };

  addEventListener("message", ({ source, data }) => {
    if (source !== page) return;
    if (data.kind === "look") look(data);
    else if (data.kind === "side") show(data);
    else if (data.kind === "key") press(data);
  });

  /* AnkiMobile's rule for what turns a card, and AnkiDroid's is no stricter. */
  document.addEventListener("click", (event) => {
    const sound = event.target.closest("[data-sound]");
    const link = event.target.closest("a[href]");
    if (sound) play([sound.dataset.sound]);
    if (sound || link) event.preventDefault(); /* an address would take the card's place */
    for (let node = event.target; node && node !== document.body; node = node.parentElement) {
      if (/^(A|BUTTON|INPUT)$/.test(node.nodeName) || node.onclick || node.classList.contains("tappable")) return;
    }
    tell({ kind: "turn" });
  });
  document.addEventListener("input", (event) => {
    if (event.target.id === "typeans") tell({ kind: "typed", text: event.target.value });
  });
  document.addEventListener("keydown", (event) => {
    if (!event.isTrusted || event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key, code } = event;
    const types = /^(INPUT|TEXTAREA|SELECT)$/.test(target.nodeName);
    if (types ? key !== "Enter" : /^(PageUp|PageDown|Home|End|Tab)$/.test(key)) return;
    const scrolls = document.scrollingElement.scrollHeight > innerHeight;
    if (/^Arrow(Up|Down)$/.test(key) && scrolls) return;
    if (/^(A|BUTTON|SUMMARY)$/.test(target.nodeName) && (key === " " || key === "Enter")) return;
    if (/^(Digit|Numpad)[1-9]$/.test(code) && find(".choices") && !find(".gen2anki.back")) return; /* the card's own */
    if (key === " " || key === "/" || key === "Enter") event.preventDefault();
    tell({ kind: "key", key, code });
  });
  addEventListener("load", () => tell({ kind: "ready" }));
})();
