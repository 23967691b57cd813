/* The page of the preview: it follows the lesson as the server tells of it, and shows one card of it on a device. */
import { count, fateBox, problemList } from "./beside.js";
import { DEVICES, Screen, styled } from "./device.js";
import { element, List } from "./list.js";

const at = (id) => document.getElementById(id);
const START = { note: "", card: 1, device: "iphone", dark: false, mode: "sides", side: "front", q: "", section: "", tag: "", changed: false };

/* ---- what is shown: the address holds it, so that a reload or a second window shows the same ---- */
const view = { ...START };
const readAddress = () => {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const [name, start] of Object.entries(START)) {
    const text = given.get(name);
    if (text === null) view[name] = start;
    else if (typeof start === "boolean") view[name] = text === "1";
    else view[name] = typeof start === "number" ? Math.max(1, parseInt(text, 10) || 1) : text;
  }
  if (!(view.device in DEVICES)) view.device = START.device;
  if (view.mode !== "review") view.mode = "sides";
  if (view.side !== "back") view.side = "front";
};
const writeAddress = () => {
  const told = new URLSearchParams();
  for (const [name, start] of Object.entries(START)) {
    if (view[name] !== start) told.set(name, typeof start === "boolean" ? "1" : view[name]);
  }
  history.replaceState(null, "", `#${told}`);
};

/* ---- the lesson ---- */
const lesson = { rows: new Map(), order: [], sections: [], problems: [], behind: false, against: "", css: "", source: "", frame: "" };
let rows = []; /* those that the filters leave */
let note = null; /* the one that is shown, with its cards */
let typed = "";
let screens = [];
const list = new List(at("list"), (id) => select(id));

const matches = (row) => {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  return (!view.changed || row.kinds[0] !== "unchanged")
    && (!view.section || lesson.sections[row.section] === view.section)
    && (!view.tag || row.tags.includes(view.tag))
    && words.every((word) => row.text.includes(word));
};

const filter = () => {
  rows = lesson.order.map((id) => lesson.rows.get(id)).filter(matches);
  const all = lesson.order.length;
  at("count").textContent = rows.length === all ? count(all, "note") : `${rows.length.toLocaleString("en")} of ${count(all, "note")}`;
  list.show(rows, lesson.sections, view.note);
};

const options = (select, first, names, chosen) => {
  const wanted = [["", first], ...names.map((name) => [name, name])];
  if (select.dataset.names !== JSON.stringify(wanted)) {
    select.dataset.names = JSON.stringify(wanted);
    select.replaceChildren(...wanted.map(([value, text]) => Object.assign(element("option", "", text), { value })));
  }
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = "";
};

/* ---- one card ---- */
const shownCard = () => note && note.cards[Math.min(view.card, note.cards.length) - 1];

const draw = ({ sounds = false } = {}) => {
  const card = shownCard();
  at("empty").hidden = Boolean(card);
  for (const part of document.querySelectorAll(".head, .screens, .turn, #fate")) part.hidden = !card;
  if (!card) {
    at("empty").textContent = lesson.order.length || !lesson.problems.length ? "" : "No card can be shown yet.";
    return;
  }
  const row = lesson.rows.get(note.id);
  at("title").textContent = row ? row.title : note.id;
  at("id").textContent = note.id;
  at("kinds").replaceChildren(...note.fate.kinds.map((kind) => element("b", `kind ${kind}`, kind)));
  at("cards").hidden = note.cards.length < 2;
  at("cards").replaceChildren(...note.cards.map((one, place) => {
    const button = element("button", "", one.name);
    button.type = "button";
    button.setAttribute("aria-pressed", String(one === card));
    button.addEventListener("click", () => select(note.id, place + 1));
    return button;
  }));
  at("fate").replaceChildren(fateBox(note.fate, lesson.against));
  const isReview = view.mode === "review";
  screens[1].figure.hidden = isReview;
  screens[0].caption.textContent = isReview && view.side === "back" ? "Back" : "Front";
  document.querySelector(".turn").hidden = !isReview;
  at("turn").textContent = view.side === "front" ? "Show the answer" : "Next card";
  show(screens[0], card, isReview ? view.side : "front", sounds && isReview);
  if (!isReview) show(screens[1], card, "back", false);
};

const show = (screen, card, side, sounds) => screen.send({
  kind: "side", key: `${note.id}/${card.ord}/${side}`, version: note.version, css: styled(lesson.css, view.device),
  html: side === "back" && card.answered ? card.answered : card[side], sounds: sounds ? card.sounds[side] : null,
});

const layOut = () => {
  const { width, height } = DEVICES[view.device];
  const stage = document.querySelector(".stage");
  const shown = view.mode === "review" ? 1 : 2;
  const gap = 24;
  const isPhone = innerWidth <= 800; /* as in the stylesheet: all is one column, and the page scrolls */
  const wideBy = (across) => (stage.clientWidth - 12 - gap * (across - 1)) / across / width;
  const isStacked = isPhone || wideBy(shown) < 0.6; /* one below the other, rather than too small to read */
  at("screens").classList.toggle("stacked", isStacked);
  const wide = wideBy(isStacked ? 1 : shown);
  const top = at("screens").getBoundingClientRect().top + document.querySelector("main").scrollTop;
  const high = Math.max(420, innerHeight - top - (view.mode === "review" ? 96 : 48)) / height;
  const scale = Math.min(1, wide, isPhone ? 1 : high);
  for (const screen of screens) screen.fit(view.device, scale);
};

const load = async (id) => {
  const answer = await fetch(`note?id=${encodeURIComponent(id)}`);
  return answer.ok ? answer.json() : null;
};

let wanted = 0;
const select = async (id, card = 1, side = "front", { sounds = true } = {}) => {
  const number = ++wanted;
  const isSame = note && note.id === id && view.card === card;
  view.note = id;
  view.card = card;
  view.side = side;
  if (!isSame) typed = "";
  writeAddress();
  list.show(rows, lesson.sections, id);
  list.reveal();
  const found = note && note.id === id ? note : await load(id);
  if (number !== wanted) return;
  note = found;
  draw({ sounds });
  layOut();
  findPlace();
};

/* Where the note stands in the source; it is asked for last, because a large source takes a while. */
let placing = 0;
const findPlace = () => {
  clearTimeout(placing);
  at("edit").hidden = true;
  placing = setTimeout(async () => {
    const id = view.note;
    const answer = await fetch(`place?id=${encodeURIComponent(id)}`);
    const place = await answer.json();
    if (id !== view.note) return;
    at("edit").href = place.editor;
    at("edit").textContent = place.line ? `Edit, line ${place.line}` : "Edit";
    at("edit").hidden = false;
  }, 150);
};

const rowAt = (step) => {
  const place = rows.findIndex((row) => row.id === view.note);
  return place < 0 ? rows[0] : rows[place + step];
};
const stepNote = (step) => {
  const row = rowAt(step);
  if (row) select(row.id);
};
const stepCard = (step) => {
  const own = lesson.rows.get(view.note);
  const card = view.card + step;
  if (own && card >= 1 && card <= own.cards) select(own.id, card);
  else {
    const row = rowAt(step);
    if (row) select(row.id, step < 0 ? row.cards : 1);
  }
};

/* In a review: to the back, with what was typed compared; from there to the next card. */
const turn = async () => {
  if (view.mode !== "review") return;
  if (view.side === "back") {
    stepCard(1);
    return;
  }
  const card = shownCard();
  if (!card) return;
  view.side = "back";
  writeAddress();
  if (typed) {
    const query = new URLSearchParams({ id: note.id, ord: card.ord, typed });
    const answer = await fetch(`back?${query}`);
    if (answer.ok) card.answered = await answer.json();
  }
  draw({ sounds: true });
};

/* ---- what the frames tell; a card's own script may say it, so it only ever does what a hand could ---- */
const heard = (screen, { kind, key, code, text, version }) => {
  if (kind === "turn") turn();
  else if (kind === "typed") typed = String(text).slice(0, 1000);
  else if (kind === "key") press({ key: String(key), code: String(code), fromFrame: true });
  else if (kind === "shown") Object.assign(screen.figure.dataset, { shown: String(version), key: String(key) });
};

/* Have the tools and the devices say what the view is. */
const tell = () => {
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === view.mode));
  }
  at("device").value = view.device;
  at("dark").setAttribute("aria-pressed", String(view.dark));
  at("changed").checked = view.changed;
  if (document.activeElement !== at("search")) at("search").value = view.q;
  for (const screen of screens) screen.look(view.device, view.dark);
  writeAddress();
};
const change = (values) => {
  Object.assign(view, values);
  tell();
  draw();
  layOut();
};
const setMode = (mode) => change({ mode, side: "front" });
const setFilter = (name, value) => {
  view[name] = value;
  tell();
  filter();
  list.reveal();
};

const press = ({ key, code, fromFrame = false }) => {
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code);
  const isBack = view.mode === "review" && view.side === "back";
  const devices = Object.keys(DEVICES);
  const actions = {
    ArrowRight: () => stepCard(1),
    ArrowLeft: () => stepCard(-1),
    ArrowDown: () => stepNote(1),
    ArrowUp: () => stepNote(-1),
    " ": () => (view.mode === "review" ? turn() : stepCard(1)),
    Enter: () => (view.mode === "review" ? turn() : stepCard(1)),
    "/": () => at("search").focus(),
    "?": () => at("keys").showModal(),
    c: () => setFilter("changed", !view.changed),
    r: () => setMode(view.mode === "review" ? "sides" : "review"),
    d: () => change({ dark: !view.dark }),
    v: () => change({ device: devices[(devices.indexOf(view.device) + 1) % devices.length] }),
    e: () => { if (!fromFrame && !at("edit").hidden) at("edit").click(); },
  };
  if (digit && isBack) {
    if (Number(digit[1]) <= 4) stepCard(1);
  } else if (digit && !fromFrame) screens[0].send({ kind: "key", key, code });
  else if (Object.hasOwn(actions, key)) actions[key]();
  else return false;
  return true;
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || at("keys").open) return;
  const { target, key } = event;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.nodeName)) {
    if (key === "Escape") target.blur();
    else if (target === at("search") && (key === "ArrowDown" || key === "Enter")) {
      event.preventDefault();
      at("list").focus();
      if (rows.length && !rows.some((row) => row.id === view.note)) select(rows[0].id);
    }
    return;
  }
  if (/^(BUTTON|A)$/.test(target.nodeName) && (key === " " || key === "Enter")) return;
  if (target.nodeName === "PRE" && key.startsWith("Arrow")) return;
  if (press(event)) event.preventDefault();
});

/* ---- news of the lesson ---- */
const say = (text, kind = "") => {
  at("status").textContent = text;
  at("status").className = kind;
};

const follow = (news) => {
  const isFirst = news.css !== undefined;
  const before = rowAt(0);
  if (isFirst) {
    Object.assign(lesson, { css: news.css, source: news.source, frame: news.frame });
    lesson.rows.clear();
  }
  const place = rows.indexOf(before);
  for (const row of news.rows) lesson.rows.set(row.id, row);
  if (news.order) {
    lesson.order = news.order;
    const there = new Set(news.order);
    for (const id of lesson.rows.keys()) if (!there.has(id)) lesson.rows.delete(id);
  }
  Object.assign(lesson, { sections: news.sections, problems: news.problems, behind: news.behind, against: news.against });
  at("name").textContent = news.name.replaceAll("::", " › ") || lesson.source;
  document.title = `${news.problems.some((one) => one.severity === "error") ? "✗ " : ""}${(news.name || lesson.source).split("::").pop()} · preview`;
  options(at("section"), "All sections", [...new Set(lesson.sections.slice(1))], view.section);
  options(at("tag"), "All tags", [...new Set(lesson.order.flatMap((id) => lesson.rows.get(id).tags))].sort(), view.tag);
  at("problems").hidden = !news.problems.length;
  at("problems").classList.toggle("bad", news.behind);
  at("problems").replaceChildren(problemList({ ...lesson, hasCards: lesson.order.length > 0 }));
  document.body.classList.toggle("behind", news.behind);
  filter();
  const errors = news.problems.filter((one) => one.severity === "error").length;
  if (errors) say(`${count(errors, "error")} in ${lesson.source}`, "bad");
  else if (isFirst) say("Shown as saved");
  else if (news.edited.length) say(`Saved: ${count(news.edited.length, "note")} changed`, "good");
  else say("Saved: no card changed", "good");
  if (isFirst && !screens.length) begin();
  showNews(news, place);
};

/* The card that was edited comes into view; where the one in view was, it stays, and is drawn anew. */
const showNews = (news, place) => {
  const keep = { sounds: false };
  const renew = (id, card, side) => { note = null; return select(id, card, side, keep); };
  const here = lesson.rows.get(view.note);
  if (news.edited.length && !news.edited.includes(view.note)) renew(news.edited[0], 1, "front");
  else if (here) {
    const isNew = !note || note.id !== view.note || news.rows.some((row) => row.id === view.note);
    if (isNew) renew(view.note, Math.min(view.card, here.cards), view.side);
    else layOut();
  } else {
    const row = rows[Math.min(Math.max(place, 0), rows.length - 1)] ?? lesson.rows.get(lesson.order[0]);
    if (row) renew(row.id, 1, "front");
    else {
      note = null;
      draw();
    }
  }
};

const begin = () => {
  screens = ["Front", "Back"].map((title) => new Screen(title, `${lesson.frame}frame`, heard));
  at("screens").append(...screens.map((screen) => screen.figure));
  tell();
};

readAddress();
at("device").replaceChildren(...Object.entries(DEVICES).map(([value, { name }]) => Object.assign(element("option", "", name), { value })));
at("device").addEventListener("change", () => change({ device: at("device").value }));
at("dark").addEventListener("click", () => change({ dark: !view.dark }));
for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => setMode(button.dataset.mode));
at("help").addEventListener("click", () => at("keys").showModal());
at("previous").addEventListener("click", () => stepCard(-1));
at("next").addEventListener("click", () => stepCard(1));
at("turn").addEventListener("click", turn);
at("search").addEventListener("input", () => setFilter("q", at("search").value));
at("section").addEventListener("change", () => setFilter("section", at("section").value));
at("tag").addEventListener("change", () => setFilter("tag", at("tag").value));
at("changed").addEventListener("change", () => setFilter("changed", at("changed").checked));
addEventListener("resize", layOut);
addEventListener("hashchange", () => {
  readAddress();
  filter();
  change({});
  if (lesson.rows.has(view.note)) select(view.note, view.card, view.side);
});

const events = new EventSource("events");
events.addEventListener("message", ({ data }) => follow(JSON.parse(data)));
events.addEventListener("error", () => say("The preview has ended: start gen2anki preview again", "bad"));
