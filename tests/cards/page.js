/* What stands in every frame: it shows sides the way the client does, counts the taps that would turn the card, keeps
   every error, and holds the checks. Its names all hang on `frame`; a card must add none of its own to the window. */
"use strict";
window.frame = (() => {
  const errors = [];
  addEventListener("error", (event) => errors.push(String(event.message || (event.target && event.target.src))), true);
  addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
  const complain = console.error;
  console.error = (...words) => { errors.push(words.join(" ")); complain(...words); };
  window.pycmd = window.bridgeCommand = () => {};

  /* AnkiMobile's rule, and AnkiDroid's is no stricter: a tap turns the card unless it hits one of these. */
  let turned = 0;
  document.addEventListener("click", (event) => {
    for (let node = event.target; node && node !== document.body; node = node.parentElement) {
      if (/^(A|BUTTON|INPUT)$/.test(node.nodeName) || node.onclick || node.classList.contains("tappable")) return;
    }
    turned += 1;
  });

  /* Resolve when the side in the page is there to be seen. */
  const settled = async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await document.fonts.ready;
    await Promise.all(Array.from(document.images, (image) => image.decode().catch(() => {})));
  };
  const typeset = async () => {
    await MathJax.startup.promise;
    MathJax.typesetClear();
    await MathJax.typesetPromise([document.getElementById("qa")]);
  };

  /* Show one side in this page, and resolve when its math is set. */
  const show = async (card, side) => {
    const html = side === "back" ? card.back : card.front;
    if (window._showQuestion) {
      const body = document.body.className;
      if (side === "back") _showAnswer(html, body);
      else _showQuestion(html, card.back, body);
      await new Promise((done) => _queueAction(done));
      await new Promise((done) => _queueAction(done));
    } else {
      const qa = document.getElementById("qa");
      qa.innerHTML = html;
      for (const dead of qa.querySelectorAll("script")) {
        const script = document.createElement("script");
        script.textContent = dead.textContent;
        dead.replaceWith(script);
      }
      await typeset();
    }
    const cold = Array.from(document.fonts).filter((face) => face.status === "unloaded"); /* MathJax has just named them */
    await Promise.all(cold.map((face) => face.load().catch(() => {})));
    if (document.images.length) await settled();
  };

  /* ---- colours ---- */
  const rgba = (text) => {
    const part = text.match(/[\d.]+/g).map(Number);
    return { rgb: part.slice(0, 3), alpha: part.length > 3 ? part[3] : 1 };
  };
  const over = (top, rgb) => top.rgb.map((value, at) => value * top.alpha + rgb[at] * (1 - top.alpha));
  const ground = (element) => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) {
      const layer = rgba(getComputedStyle(node).backgroundColor);
      if (layer.alpha) layers.push(layer);
      if (layer.alpha === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const contrast = (element, colour) => {
    const below = ground(element);
    return ratio(over(rgba(colour), below), below);
  };

  /* ---- checks: each gives a list of findings, empty where all is well ---- */
  const qa = () => document.getElementById("qa");
  const all = (selector) => Array.from(qa().querySelectorAll(selector));
  const shown = (element) => element.checkVisibility
    ? element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    : element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  const label = (element) => `${element.nodeName.toLowerCase()}.${element.className || element.id} “${element.textContent.trim().slice(0, 30)}”`;
  const source = (card, side) => (side === "back" ? card.back : card.front).replace(/<(script|style)[^]*?<\/\1>/g, "");

  const checks = {
    "something is shown": () => (all("main.gen2anki").length === 1 && all("main")[0].getBoundingClientRect().height > 60 ? [] : ["no card"]),

    "no script error": () => errors.splice(0),

    "math is set": (card, side) => {
      const found = [];
      const wanted = (source(card, side).match(/\\[([]/g) || []).length;
      const set = all("mjx-container").length;
      if (wanted !== set) found.push(`${wanted} formulas, ${set} set`);
      const walk = document.createTreeWalker(qa(), NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const parent = node.parentElement;
        if (parent.closest("script, style, mjx-assistive-mml, code")) continue;
        if (/\\[a-zA-Z([]|\$\$/.test(node.data)) found.push(`TeX left: ${node.data.trim().slice(0, 40)}`);
      }
      for (const error of all("mjx-merror, [data-mjx-error]")) found.push(`MathJax: ${error.title || error.textContent}`);
      if (all(".mjx-c5C").length) found.push("a macro that MathJax does not know");
      return found;
    },

    "math is as large and as dark as its text": () => all("mjx-container").flatMap((box) => {
      const mine = getComputedStyle(box);
      const text = getComputedStyle(box.parentElement);
      const found = [];
      const times = parseFloat(mine.fontSize) / parseFloat(text.fontSize);
      if (times < 0.95 || times > 1.35) found.push(`${times.toFixed(2)} times the text`);
      if (mine.color !== text.color) found.push(`${mine.color} in ${text.color}`);
      return found;
    }),

    "math stands on its line": () => all("mjx-container:not([display])").flatMap((box) => {
      const found = [];
      if (box.scrollHeight > box.clientHeight + 1) found.push(`cut at ${box.clientHeight} of ${box.scrollHeight}`);
      const wide = box.querySelector("mjx-math").getBoundingClientRect().width > box.clientWidth + 1;
      if (!wide && box.scrollWidth > box.clientWidth + 1) found.push(`scrolls for nothing: ${box.scrollWidth} on ${box.clientWidth}`);
      if (wide) return found; /* without our style it would not be in one line */
      const probe = document.createElement("span"); /* its bottom is the line's baseline */
      probe.style.cssText = "display:inline-block;width:0;height:0";
      box.before(probe);
      const drop = () => box.querySelector("mjx-math").getBoundingClientRect().bottom - probe.getBoundingClientRect().bottom;
      const ours = drop();
      box.style.cssText += ";display:inline !important;overflow:visible !important";
      const plain = drop();
      box.style.removeProperty("display");
      box.style.removeProperty("overflow");
      probe.remove();
      if (Math.abs(ours - plain) > 1) found.push(`${(ours - plain).toFixed(1)} px off its line`);
      return found;
    }),

    "nothing is wider than the screen": () => {
      const found = [];
      const screen = document.documentElement.clientWidth; /* innerWidth grows with what is too wide */
      const wide = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
      if (wide > screen) found.push(`${wide} px on ${screen}`);
      for (const element of all(".gen2anki *")) {
        if (!shown(element) || element.closest("mjx-assistive-mml")) continue;
        const box = element.getBoundingClientRect();
        if (box.right <= screen + 0.5 && box.left >= -0.5) continue;
        let scroller = element.parentElement;
        while (scroller && !/auto|scroll/.test(getComputedStyle(scroller).overflowX)) scroller = scroller.parentElement;
        if (!scroller) found.push(`${label(element)} reaches ${Math.round(box.right)} px`);
      }
      for (const element of [document.documentElement, document.body, all(".gen2anki")[0]]) {
        if (getComputedStyle(element).overflowX === "hidden") found.push(`${label(element)} hides what is too wide`);
      }
      return found;
    },

    "text is readable": () => {
      const found = new Set();
      const walk = document.createTreeWalker(qa(), NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const element = node.parentElement;
        if (!node.data.trim() || element.closest("script, style, mjx-assistive-mml") || !shown(element)) continue;
        const style = getComputedStyle(element);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        const got = contrast(element, style.color);
        if (got < (large ? 3 : 4.5)) found.add(`${label(element)}: contrast ${got.toFixed(2)}`);
        if (size < (element.closest("rt") ? 10 : 12) && !element.closest("sup, sub, mjx-container")) found.add(`${label(element)}: ${size} px`);
      }
      for (const element of all("mjx-math")) {
        const got = contrast(element, getComputedStyle(element).color);
        if (got < 4.5) found.add(`math: contrast ${got.toFixed(2)}`);
      }
      for (const element of all(".choice, summary, input")) {
        const before = getComputedStyle(element, "::before");
        if (/[^"]/.test(before.content.replace(/none|normal/, ""))) {
          const own = rgba(before.backgroundColor);
          const below = own.alpha ? over(own, ground(element)) : ground(element);
          const got = ratio(rgba(before.color).rgb, below);
          if (got < 4.5) found.add(`${label(element)} mark ${before.content}: contrast ${got.toFixed(2)}`);
        }
      }
      return Array.from(found);
    },

    "a scroll shade lies on its own ground": () => all("pre, table, mjx-container[display]").flatMap((box) => {
      const patch = getComputedStyle(box).backgroundImage.match(/rgba?\([^)]*\)/);
      const below = ground(box);
      return !patch || ratio(rgba(patch[0]).rgb, below) > 1.01 ? [`${label(box)}: ${patch} on ${below}`] : [];
    }),

    "states are visible": () => all(".choice").flatMap((button) => {
      const found = [];
      const picked = button.getAttribute("aria-pressed") === "true";
      const told = button.closest(".back") && button.classList.contains("right");
      const style = getComputedStyle(button);
      if ((picked || told) && ratio(rgba(style.borderTopColor).rgb, ground(all("main")[0])) < 3) found.push(`${label(button)}: its border is faint`);
      const ring = getComputedStyle(button, "::before");
      if (!button.closest(".back") && ratio(rgba(ring.borderTopColor).rgb, ground(button)) < 3) found.push(`${label(button)}: its ring is faint`);
      return found;
    }),

    "a finger hits it": () => all("button, summary, input, .replay-button, .source a").filter(shown).flatMap((target) => {
      const box = target.getBoundingClientRect();
      return box.height >= 44 && box.width >= 44 ? [] : [`${label(target)}: ${box.width.toFixed(0)} x ${box.height.toFixed(0)} px`];
    }),

    "pictures are there": () => all("img").flatMap((image) => (image.naturalWidth ? [] : [`${image.src} is not there`])),

    "nothing moves": () => all(".gen2anki *").flatMap((element) => {
      const style = getComputedStyle(element);
      return parseFloat(style.transitionDuration) || parseFloat(style.animationDuration) ? [`${label(element)} moves`] : [];
    }),
  };

  const audit = (card, side) => Object.entries(checks).flatMap(([check, run]) => run(card, side).map((finding) => `${card.name}, ${side}: ${check}: ${finding}`));

  /* Show both sides of every card, hints open, and check each; give the findings. */
  const auditAll = async (cards) => {
    const findings = [];
    for (const card of cards) {
      for (const side of ["front", "back"]) {
        await show(card, side);
        for (const hint of all("details")) hint.open = true;
        findings.push(...audit(card, side));
      }
    }
    return findings;
  };

  /* Make the page as good as new for the next test, in another theme if need be; what cards left behind stays. */
  const reset = (html, body, canvas) => {
    document.documentElement.removeAttribute("style");
    document.documentElement.className = html;
    document.body.className = body;
    document.querySelector("head style").textContent = canvas;
    delete window.sessionStorage; /* a test's own */
    errors.length = turned = 0;
  };

  /* The taps that would have turned the card since last asked. */
  const taps = () => { const count = turned; turned = 0; return count; };

  return { errors, show, typeset, settled, reset, checks: Object.keys(checks), audit, auditAll, all, contrast, ground, light, shown, taps };
})();
