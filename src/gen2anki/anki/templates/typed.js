/* A typed answer of which there are several: Anki compares with the first. This compares with the one that is nearest to
   what was typed, in Anki's own marks. Without it the card shows all of them below Anki's comparison, and is right. */
(() => {
  const code = document.querySelector(".gen2anki.back .typed code#typeans");
  const arrow = code && code.querySelector("#typearrow");
  const answers = Array.from(document.querySelectorAll(".gen2anki.back .answer .or"), (one) => one.dataset.typed || one.textContent);
  if (!arrow || answers.length < 2) return; // it was right, or nothing was typed

  let given = "";
  for (let node = code.firstChild; node && node !== arrow; node = node.nextSibling) {
    if (/^type(?:Good|Bad)$/.test(node.className)) given += node.textContent;
  }

  // How many characters two texts share in order, from each pair of places to their ends.
  const table = (one, other) => {
    const rows = Array.from({ length: one.length + 1 }, () => new Array(other.length + 1).fill(0));
    for (let i = one.length - 1; i >= 0; i--) {
      for (let j = other.length - 1; j >= 0; j--) {
        rows[i][j] = one[i] === other[j] ? rows[i + 1][j + 1] + 1 : Math.max(rows[i + 1][j], rows[i][j + 1]);
      }
    }
    return rows;
  };
  const typed = Array.from(given);
  const away = (answer) => {
    const right = Array.from(answer);
    return typed.length + right.length - 2 * table(typed, right)[0][0];
  };
  const nearest = answers.reduce((best, answer) => (away(answer) < away(best) ? answer : best));
  if (nearest === answers[0]) return;

  const right = Array.from(nearest);
  const shared = table(typed, right);
  const lines = [[], []]; // what was typed, what is right: runs of a kind
  const add = (line, kind, text) => {
    const last = lines[line][lines[line].length - 1];
    if (last && last[0] === kind) last[1] += text;
    else lines[line].push([kind, text]);
  };
  for (let i = 0, j = 0; i < typed.length || j < right.length;) {
    if (i < typed.length && j < right.length && typed[i] === right[j]) {
      add(0, "typeGood", typed[i++]);
      add(1, "typeGood", right[j++]);
    } else if (j >= right.length || (i < typed.length && shared[i + 1][j] >= shared[i][j + 1])) {
      add(0, "typeBad", typed[i++]);
    } else {
      add(0, "typeMissed", "-");
      add(1, "typeMissed", right[j++]);
    }
  }
  const spans = (runs) => runs.map(([kind, text]) => {
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = text;
    return span;
  });
  const isRight = given === nearest;
  const br = () => document.createElement("br");
  code.replaceChildren(...spans(lines[0]), ...(isRight ? [] : [br(), arrow, br(), ...spans(lines[1])]));
})();
