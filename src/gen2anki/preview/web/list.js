/* The list of notes: of ten thousand rows, only those in sight are there. */

const HEIGHT = 54;
const SPARE = 6;

export const element = (name, className = "", text = "") => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
};

export class List {
  /* `box` scrolls; `chosen` gets the id of a row that was clicked. */
  constructor(box, chosen) {
    this.box = box;
    this.rows = [];
    this.sections = [];
    this.current = "";
    this.space = element("div", "space");
    this.space.setAttribute("role", "presentation");
    box.append(this.space);
    box.addEventListener("scroll", () => this.draw(), { passive: true });
    box.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) chosen(row.dataset.id);
    });
    new ResizeObserver(() => this.draw()).observe(box);
  }

  show(rows, sections, current) {
    this.rows = rows;
    this.sections = sections;
    this.current = current;
    this.drawn = "";
    this.space.style.height = `${rows.length * HEIGHT}px`;
    this.draw();
  }

  /* Scroll no further than is needed to have the current row in sight. */
  reveal() {
    const at = this.rows.findIndex((row) => row.id === this.current);
    if (at < 0) return;
    const top = at * HEIGHT;
    const { scrollTop, clientHeight } = this.box;
    if (top < scrollTop) this.box.scrollTop = top;
    else if (top + HEIGHT > scrollTop + clientHeight) this.box.scrollTop = top + HEIGHT - clientHeight;
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / HEIGHT) - SPARE);
    const last = Math.min(this.rows.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / HEIGHT) + SPARE);
    const drawn = `${first}-${last}-${this.current}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.space.replaceChildren(...this.rows.slice(first, last).map((row, at) => this.row(row, first + at)));
    const active = this.rows.some((row) => row.id === this.current) ? `row-${this.current}` : "";
    this.box.setAttribute("aria-activedescendant", this.space.querySelector("[aria-selected=true]") ? active : "");
  }

  row(row, at) {
    const made = element("div", `row ${row.kinds.join(" ")}`);
    made.id = `row-${row.id}`;
    made.dataset.id = row.id;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", String(row.id === this.current));
    made.setAttribute("aria-setsize", String(this.rows.length));
    made.setAttribute("aria-posinset", String(at + 1));
    made.style.top = `${at * HEIGHT}px`;
    const title = element("span", "title", row.title);
    title.dir = "auto";
    const facts = element("span", "facts");
    const kinds = row.kinds.filter((kind) => kind !== "unchanged");
    if (kinds.length) facts.append(element("b", `kind ${kinds[0]}`, kinds.join(", ")), " ");
    facts.append([this.sections[row.section], row.cards > 1 ? `${row.cards} cards` : ""].filter(Boolean).join(" · "));
    made.append(title, facts);
    return made;
  }
}
