/* What a page does beyond being read: choices are judged, cards turned, answers kept, sheets laid out for the printer.
   Without this script all of it can still be read, opened and printed. */
(() => {
  const words = JSON.parse(document.body.dataset.words);
  const deck = document.body.dataset.deck;
  const isFromRight = document.documentElement.dir === "rtl";
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const one = (selector, root = document) => root.querySelector(selector);

  /* ---- What was answered, kept in the browser by deck.id/note id ---- */
  const unkept = new Map(); /* for a page without storage */
  const recall = (key) => {
    try { return localStorage.getItem(`${deck}/${key}`) || ""; } catch (refused) { return unkept.get(key) || ""; }
  };
  const keep = (key, state) => {
    unkept.set(key, state);
    try { localStorage.setItem(`${deck}/${key}`, state); } catch (refused) { /* it is known until the page is closed */ }
  };
  const forget = () => {
    unkept.clear();
    try {
      Object.keys(localStorage).filter((name) => name.startsWith(`${deck}/`)).forEach((name) => localStorage.removeItem(name));
    } catch (refused) { /* there is none */ }
  };

  const SIGNS = { right: "✓", known: "✓", seen: "✓", wrong: "✕", missed: "✕" };
  const mark = (item, state) => {
    const sign = one(".mark", item);
    sign.hidden = !state;
    sign.dataset.state = state;
    sign.textContent = state ? `${SIGNS[state]} ${words[state] || words.answered}` : "";
  };
  const record = (item, state) => {
    keep(item.dataset.key, state);
    mark(item, state);
    score(item.closest(".practice"));
  };
  const score = (section) => {
    if (!section) return;
    const states = all(".item", section).map((item) => recall(item.dataset.key));
    const answered = states.filter(Boolean).length;
    const judged = states.some((state) => state === "right" || state === "wrong");
    const line = one(".score", section);
    line.hidden = !answered;
    line.textContent = `${words.answered}: ${answered} / ${states.length}`
      + (judged ? ` · ${words.right}: ${states.filter((state) => state === "right").length}` : "");
  };

  /* ---- Questions: choices and typed answers are judged when the answer is shown ---- */
  const plain = (text) => text.normalize("NFC").trim().replace(/\s+/g, " ").replace(/[\u2018\u2019]/g, "'").replace(/[\u201c\u201d]/g, '"');
  const say = (item, text, kind) => {
    const verdict = one(".verdict", item);
    verdict.textContent = text;
    verdict.className = `verdict ${kind}`;
  };
  /* Return right or wrong, or nothing where the learner gave no answer. */
  const judge = (item) => {
    const choices = all(".choice", item);
    const input = one(".typed input", item);
    let state = "";
    if (choices.length) {
      item.classList.add("judged");
      const isPicked = (choice) => choice.getAttribute("aria-pressed") === "true";
      if (choices.some(isPicked)) {
        state = choices.every((choice) => isPicked(choice) === choice.hasAttribute("data-right")) ? "right" : "wrong";
      }
    } else if (input && input.value.trim()) {
      const others = all(".back .or", item).map((answer) => answer.dataset.typed || answer.textContent);
      const isRight = [input.dataset.answer, ...others].some((answer) => plain(answer) === plain(input.value));
      state = isRight ? "right" : "wrong";
    }
    if (state) say(item, `${SIGNS[state]} ${words[state]}`, state);
    return state;
  };
  const ask = (item, { anew }) => {
    item.classList.remove("judged");
    if (one(".verdict", item)) say(item, "", "");
    if (!anew) return;
    all(".choice", item).forEach((choice) => choice.removeAttribute("aria-pressed"));
    all(".typed input", item).forEach((input) => { input.value = ""; });
  };
  const pick = (choice) => {
    const item = choice.closest("[data-key]");
    if (item.classList.contains("judged")) return;
    const box = choice.parentElement;
    const isSeveral = box.hasAttribute("data-several");
    const was = choice.getAttribute("aria-pressed") === "true";
    if (!isSeveral) all(".choice", box).forEach((other) => other.removeAttribute("aria-pressed"));
    choice.setAttribute("aria-pressed", String(!was));
    const turn = one(".turn", item);
    if (turn && !isSeveral) turn.open = true;
  };

  let isPrinting = false;
  document.addEventListener("toggle", (event) => {
    const turn = event.target;
    if (isPrinting || !turn.matches(".turn")) return;
    const card = turn.closest(".card");
    if (card) {
      if (turn.open) judge(card);
      else ask(card, { anew: true });
      if (card === shown()) turned();
      return;
    }
    const isTogether = turn.matches(".all");
    const items = isTogether ? all(".item", turn.closest(".practice")) : [turn.closest(".item")];
    for (const item of items) {
      if (turn.open) record(item, judge(item) || "seen");
      else ask(item, { anew: !isTogether });
    }
  }, true);

  /* ---- Flashcards ---- */
  const cards = all(".card:not(.done)");
  const done = one(".card.done");
  const moves = one(".moves");
  const missed = new Set(cards.filter((card) => recall(card.dataset.key) === "missed"));
  const button = (name) => one(`[data-do="${name}"]`);
  let order = cards;
  let at = 0; /* order.length is the end of the round */
  let graded = new Map();

  const shown = () => order[at] || done;
  /* Of many cards only the one that is shown is in the page, or each turn would take a moment; all are on paper. */
  const isMany = cards.length > 500;
  const enter = (card) => {
    card.classList.add("now");
    if (isMany && card !== done) done.before(card);
  };
  const leave = (card) => {
    card.classList.remove("now");
    if (isMany && card !== done) card.remove();
  };
  const turned = () => {
    const turn = one(".turn", shown());
    moves.classList.toggle("turned", Boolean(turn && turn.open));
  };
  const show = (place, { focus = false } = {}) => {
    leave(shown());
    at = Math.max(0, Math.min(place, order.length));
    const card = shown();
    if (card === done) {
      const count = (state) => Array.from(graded.values()).filter((other) => other === state).length;
      one(".result", done).textContent = `${words.known}: ${count("known")} · ${words.missed}: ${count("missed")}`;
      button("missed-again").hidden = !missed.size;
      done.hidden = false;
    } else {
      const turn = one(".turn", card);
      if (turn.open) turn.open = false;
      else ask(card, { anew: true });
      all(".hint", card).forEach((hint) => { hint.open = false; });
      mark(card, recall(card.dataset.key));
    }
    enter(card);
    turned();
    one(".count").textContent = `${Math.min(at + 1, order.length)} / ${order.length}`;
    one(".bar div").style.transform = `scaleX(${at / order.length})`;
    button("previous").disabled = at === 0;
    button("next").disabled = card === done;
    one(".number", button("missed")).textContent = missed.size || "";
    button("missed").disabled = !missed.size && button("missed").getAttribute("aria-pressed") !== "true";
    if (focus) card.focus({ preventScroll: true });
  };
  const shuffled = (list) => {
    const made = Array.from(list);
    for (let last = made.length - 1; last > 0; last -= 1) {
      const other = Math.floor(Math.random() * (last + 1));
      [made[last], made[other]] = [made[other], made[last]];
    }
    return made;
  };
  const begin = (change = {}) => {
    for (const [name, isOn] of Object.entries(change)) button(name).setAttribute("aria-pressed", String(isOn));
    const isOn = (name) => button(name).getAttribute("aria-pressed") === "true";
    leave(shown());
    const asked = isOn("missed") ? cards.filter((card) => missed.has(card)) : cards;
    order = isOn("shuffle") ? shuffled(asked) : asked;
    graded = new Map();
    at = 0;
    show(0);
  };
  const turn = () => {
    const details = one(".turn", shown());
    if (details) details.open = !details.open;
  };
  const grade = (state) => {
    const card = shown();
    if (card === done) return;
    keep(card.dataset.key, state);
    graded.set(card, state);
    if (state === "missed") missed.add(card);
    else missed.delete(card);
    show(at + 1, { focus: true });
  };
  const toggle = (name) => begin({ [name]: button(name).getAttribute("aria-pressed") !== "true" });

  /* ---- Sheets: cards to cut out, strips to fold. Each cell's text is set as large as it fits. ---- */
  const SIZES = [13, 12, 11, 10, 9.5, 9, 8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5, 4.5, 4, 3.5, 3];
  const make = (tag, name, ...inside) => {
    const element = document.createElement(tag);
    element.className = name;
    element.append(...inside);
    return element;
  };
  const cell = (part) => {
    const made = make("div", "cell");
    if (!part) return made;
    const copy = part.cloneNode(true);
    all(".hint, .source, .typed, audio, video", copy).forEach((extra) => extra.remove());
    copy.className = "";
    made.append(copy);
    return made;
  };
  const sheet = (kind, cells, note, number) => make("div", `sheet ${kind}`,
    make("p", "sheet-note", make("span", "", note), make("span", "", number)), make("div", "cells", ...cells));
  const layOut = (kind) => {
    const sheets = one("#sheets");
    const [each, note] = kind === "cut" ? [8, words.duplex] : [4, words.fold_note];
    const total = Math.ceil(cards.length / each);
    const made = [];
    for (let number = 0; number < total; number += 1) {
      const mine = cards.slice(number * each, (number + 1) * each);
      const sides = Array.from({ length: each }, (_, place) => ["front", "back"].map((side) => mine[place] && one(`.${side}`, mine[place])));
      const title = `${one("h1").textContent} · ${number + 1} / ${total}`;
      if (kind === "cut") {
        made.push(sheet(kind, sides.map(([front]) => cell(front)), note, title));
        /* Turned over on its long edge, a sheet has its left column on the right. */
        made.push(sheet(kind, sides.map((_, place) => cell(sides[place % 2 ? place - 1 : place + 1][1])), note, title));
      } else {
        made.push(sheet(kind, sides.flatMap(([front, back]) => [cell(front), cell(back)]), note, title));
      }
    }
    sheets.hidden = false;
    sheets.replaceChildren(...made);
    let large = all(".cell", sheets).filter((made) => made.firstElementChild);
    for (const size of SIZES) {
      large.forEach((made) => { made.style.fontSize = `${size}pt`; });
      large = large.filter((made) => {
        const style = getComputedStyle(made);
        const text = made.firstElementChild;
        return text.scrollHeight > made.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom) + 0.5
          || text.scrollWidth > text.clientWidth + 1;
      });
      if (!large.length) break;
    }
  };

  /* Tell the stylesheet how wide the long formulas are, in their own size: a formula can't be broken. */
  const LONG = 30;
  const measure = () => {
    const sheets = one("#sheets");
    const long = all("main math").filter((math) => math.textContent.length > LONG && !math.style.getPropertyValue("--em"));
    const copies = long.map((math) => {
      const copy = math.cloneNode(true);
      if (copy.getAttribute("display") === "block") copy.setAttribute("displaystyle", "true");
      copy.removeAttribute("display");
      return make("span", "keep", copy);
    });
    sheets.hidden = false;
    sheets.replaceChildren(...copies);
    const widths = copies.map((copy) => copy.firstChild.getBoundingClientRect().width / parseFloat(getComputedStyle(copy.firstChild).fontSize));
    sheets.replaceChildren();
    sheets.hidden = true;
    long.forEach((math, place) => math.style.setProperty("--em", (widths[place] + 1).toFixed(1)));
  };

  const layout = () => (cards.length ? button("layout").value : "questions");
  const opened = [];
  const prepare = () => {
    if (isPrinting) return;
    isPrinting = true;
    const kind = layout();
    document.body.dataset.print = kind;
    if (isMany) done.before(...cards);
    measure();
    if (kind === "cut" || kind === "fold") layOut(kind);
    else if (!CSS.supports("selector(::details-content)")) {
      opened.push(...all(".turn:not([open])"));
      opened.forEach((details) => { details.open = true; });
    }
  };
  const restore = () => {
    delete document.body.dataset.print;
    if (isMany) cards.filter((card) => card !== shown()).forEach((card) => card.remove());
    one("#sheets").replaceChildren();
    one("#sheets").hidden = true;
    opened.splice(0).forEach((details) => { details.open = false; });
    setTimeout(() => { isPrinting = false; }); /* when the toggles have been told of */
  };
  addEventListener("beforeprint", prepare);
  addEventListener("afterprint", restore);

  /* ---- Clicks and keys ---- */
  const actions = {
    shuffle: () => toggle("shuffle"),
    missed: () => toggle("missed"),
    again: () => begin({ missed: false }),
    "missed-again": () => begin({ missed: true }),
    previous: () => show(at - 1, { focus: true }),
    next: () => show(at + 1, { focus: true }),
    "grade-missed": () => grade("missed"),
    "grade-known": () => grade("known"),
    print: () => { prepare(); print(); },
    reset: () => {
      forget();
      missed.clear();
      all(".mark").forEach((sign) => { sign.hidden = true; });
      all("details[open]").forEach((details) => { details.open = false; });
      all(".item").forEach((item) => ask(item, { anew: true }));
      all(".practice").forEach(score);
      if (cards.length) begin({ missed: false });
    },
  };
  const OWN = "a, button, input, select, label, summary, audio, video, .hint, .choices";
  document.addEventListener("click", (event) => {
    const acting = event.target.closest("button[data-do]");
    const choice = event.target.closest(".choice");
    if (acting) actions[acting.dataset.do]();
    else if (choice) pick(choice);
    else if (event.target.closest(".card:not(.done)") && !event.target.closest(OWN) && getSelection().isCollapsed) turn();
  });

  const isInView = () => {
    const box = shown().getBoundingClientRect();
    return box.top < innerHeight * 0.6 && box.bottom > innerHeight * 0.3;
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target.matches(".typed input")) {
      const details = one(".turn", target.closest("[data-key]"));
      if (event.key === "Enter" && details) details.open = true;
      return;
    }
    if (target.matches("input, select, textarea, audio, video")) return;
    const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
    const item = target.closest(".item");
    if (item) {
      const choice = digit && all(".choice", item)[digit - 1];
      if (choice) pick(choice);
      return;
    }
    const isHere = target === document.body ? cards.length && isInView() : target.closest("#flashcards");
    if (!isHere) return;
    const card = shown();
    const [forward, back] = isFromRight ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
    if (event.key === forward) show(at + 1, { focus: true });
    else if (event.key === back) show(at - 1, { focus: true });
    else if ((event.key === " " || event.key === "Enter") && !target.closest("a, button, summary") && card !== done) turn();
    else if (digit && card !== done && one(".turn", card).open) {
      if (digit > 2) return;
      grade(digit === 1 ? "missed" : "known");
    } else if (digit && all(".choice", card)[digit - 1]) pick(all(".choice", card)[digit - 1]);
    else return;
    event.preventDefault();
  });

  all(".item").forEach((item) => mark(item, recall(item.dataset.key)));
  all(".practice").forEach(score);
  if (cards.length) {
    if (isMany) cards.forEach((card) => card.remove());
    show(0);
  }
})();
