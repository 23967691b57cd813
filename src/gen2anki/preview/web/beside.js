/* What stands beside a card: the problems of the source, and what learners will get. */

import { element } from "./list.js";

const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

export const problemList = ({ problems, behind, source, hasCards }) => {
  const box = document.createDocumentFragment();
  if (!problems.length) return box;
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  const counts = [errors && count(errors, "error"), warnings && count(warnings, "warning")].filter(Boolean).join(", ");
  box.append(element("h2", "", counts));
  if (behind) {
    const text = hasCards ? "The cards are those of the last save without errors." : `There are no cards until ${source} has no errors.`;
    box.append(element("p", "note", text));
  }
  const list = element("ol", "problems");
  for (const problem of problems) {
    const item = element("li", problem.severity);
    const place = problem.line ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
    const link = element("a", "place", place);
    link.href = problem.editor;
    const text = element("p", "text", problem.text);
    text.append(" ", element("span", "code", problem.code));
    item.append(link, " ", element("b", "severity", problem.severity), text);
    if (problem.excerpt.length) {
      const indent = Math.max(0, Math.min(...problem.excerpt.map((line) => line.search(/\S/))));
      const excerpt = element("pre", "", problem.excerpt.map((line) => line.slice(indent)).join("\n"));
      excerpt.tabIndex = 0;
      item.append(excerpt);
    }
    list.append(item);
  }
  box.append(list);
  return box;
};

/* A run of words that went is struck out, one that came is underlined, for eyes and for screen readers. */
const runs = (words) => words.map(([sign, text]) => (sign ? element(sign === "+" ? "ins" : "del", "", text) : text));

export const fateBox = (fate, against) => {
  const box = document.createDocumentFragment();
  box.append(element("h2", "", "What learners get"));
  fate.kinds.forEach((kind, at) => {
    const line = element("p", "fate");
    line.append(element("b", `kind ${kind}`, kind), ` ${fate.meanings[at]}.`);
    box.append(line);
  });
  if (!against) box.append(element("p", "note", "There is no edition yet, so every note is new."));
  if (fate.why) box.append(element("p", "why", fate.why));
  if (fate.words === null) {
    const text = "What it said before is not known: the ledger holds no words. To compare, start the preview with --against and the last edition’s package.";
    box.append(element("p", "note", text));
  } else if (fate.words.length) {
    const list = element("dl", "words");
    for (const [name, words] of fate.words) {
      const value = element("dd");
      value.dir = "auto";
      value.append(...runs(words));
      list.append(element("dt", "", name), value);
    }
    box.append(list);
  }
  return box;
};

export { count };
