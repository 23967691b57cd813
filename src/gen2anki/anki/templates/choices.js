/* Choices: on the front a tap or a digit selects, on the back the learner's selection is shown beside the right one.
   A card is right and complete without this. Front and back may be one page (desktop) or two (AnkiDroid's old
   screen), so the selection is kept twice: on the page's root element and, where there is one, in the session.
   It is kept under the note's id and dropped whenever a front is shown, so it never reaches another card. */
(() => {
  const box = document.querySelector(".gen2anki .choices");
  if (!box) return;
  const card = box.closest("main");
  const buttons = Array.from(box.querySelectorAll(".choice"));
  const several = buttons.filter((button) => button.classList.contains("right")).length > 1;
  const root = document.documentElement;
  const name = "gen2anki";

  const show = (picks) => buttons.forEach((button, at) => button.setAttribute("aria-pressed", picks.includes(at)));
  const keep = (picks) => {
    root.dataset[name] = JSON.stringify([card.dataset.note, picks]);
    try { sessionStorage.setItem(name, root.dataset[name]); } catch (refused) { /* a page without storage */ }
  };
  const kept = () => {
    let text = root.dataset[name];
    try { text = text || sessionStorage.getItem(name); } catch (refused) { /* a page without storage */ }
    try {
      const [note, picks] = JSON.parse(text);
      return note === card.dataset.note ? picks : [];
    } catch (nothing) { return []; }
  };

  if (box.closest(".back")) {
    show(kept());
    return;
  }

  let picks = [];
  const pick = (at) => {
    if (picks.includes(at)) picks = picks.filter((other) => other !== at);
    else picks = several ? picks.concat(at) : [at];
    show(picks);
    keep(picks);
  };
  show(picks);
  keep(picks);
  buttons.forEach((button, at) => button.addEventListener("click", (event) => {
    pick(at);
    if (event.detail) button.blur(); // after a tap the space bar is the client's again: it turns the card
  }));

  // Digits select too. Anki for desktop keeps most keydowns of digits for its grades, but lets their keyups through. One
  // that comes at once, with no keydown before it, ends the keystroke that graded the last card: it is not meant for us.
  const shown = Date.now();
  const down = new Set();
  const press = (event) => {
    if (!box.isConnected) { // another card is shown in this page
      document.removeEventListener("keydown", press);
      document.removeEventListener("keyup", press);
      return;
    }
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    const typing = /^(?:INPUT|TEXTAREA)$/.test(event.target.nodeName);
    if (!digit || !buttons[digit[1] - 1] || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.type === "keydown") down.add(event.code);
    else if (down.delete(event.code) || Date.now() - shown > 400) pick(digit[1] - 1);
  };
  document.addEventListener("keydown", press);
  document.addEventListener("keyup", press);
})();
