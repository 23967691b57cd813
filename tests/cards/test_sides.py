"""Every kind of card, and the whole lesson, on every phone: what can be checked without an eye."""

import html
import re

import pytest
from rendered import Card
from screens import Screen

from gen2anki.render.direction import from_right

# Light and dark, as the body's classes say it; each app has its own.
DARK_CLASSES = ["nightMode", "night_mode", "nightMode night_mode", "night_mode ankidroid_dark_mode"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_side_of_every_card_passes_every_check(screen: Screen, theme: str) -> None:
    """Math set, nothing too wide, contrast, tap targets, states, pictures, no script error: see page.js."""
    screen.open(dark=theme == "dark")
    findings = screen.run("return frame.auditAll(await (await fetch('/cards.json')).json())")
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_side_as_a_page_of_its_own_passes_every_check(droid: Screen, theme: str) -> None:
    """AnkiDroid's old study screen loads a page for each side."""
    findings = []
    for name in ("choice", "math", "typed", "code", "cloze", "picture"):
        for side in ("front", "back"):
            droid.open_side(name, side, dark=theme == "dark")
            findings += droid.run("await frame.typeset(); return frame.audit(given, more)", droid.json(name), side)
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("classes", DARK_CLASSES)
def test_the_paper_is_dark_in_every_apps_dark_mode(droid: Screen, classes: str) -> None:
    """Each app marks the dark with other classes, and each alone is enough; without one the paper is light."""
    droid.open()
    droid.show("short", "front")
    script = "document.body.className = 'card card1 ' + given; return frame.light(frame.ground(frame.all('main')[0]))"
    assert (droid.run(script, classes) < 0.02, droid.run(script, "") > 0.9) == (True, True)


@pytest.mark.parametrize("times", [1.5, 2])
def test_the_learners_font_size_scales_everything(phone: Screen, times: float) -> None:
    """Text grows with the root's font size, and still fits."""
    phone.open()
    sizes = """
        await frame.show(given, "back");
        return frame.all(".section, .question, .answer, .why, .source, .choice, code").map(
            (element) => parseFloat(getComputedStyle(element).fontSize))"""
    names = ("choice", "code", "unbreakable", "choice-math", "wide-math")
    before = [size for name in names for size in phone.run(sizes, phone.json(name))]
    phone.run("document.documentElement.style.fontSize = 16 * given + 'px'", times)
    after, findings = [], []
    for name in names:
        after += phone.run(sizes, phone.json(name))
        findings += phone.run("return frame.audit(given, 'back')", phone.json(name))
    assert findings == []
    assert after == pytest.approx([size * times for size in before])


@pytest.mark.parametrize(
    ("name", "side", "selector"),
    [
        ("wide-math", "front", "mjx-container[display]"),
        ("wide-math", "back", ".answer mjx-container"),
        ("code", "back", "pre"),
        ("table", "back", "table"),
    ],
)
def test_what_is_too_wide_scrolls_inside_itself(phone: Screen, name: str, side: str, selector: str) -> None:
    """A wide formula, table or listing moves sideways; the card around it does not."""
    phone.open()
    phone.show(name, side)
    script = """
        const box = frame.all(given)[0];
        const before = frame.all(".question")[0].getBoundingClientRect().left;
        box.scrollLeft = 40;
        return [box.scrollLeft, frame.all(".question")[0].getBoundingClientRect().left === before, scrollX]"""
    assert phone.run(script, selector) == [40, True, 0]


def test_a_picture_has_the_width_that_its_author_gave(screen: Screen) -> None:
    """In percent of the text, or in pixels, but never wider than the text; its height follows."""
    screen.open()
    script = """
        await frame.show(given, more);
        await frame.settled();
        return frame.all(more === "front" ? ".question img" : ".answer img").map((image) => {
            const box = image.getBoundingClientRect(), text = image.closest("div").getBoundingClientRect();
            return [box.width, text.width, box.height / box.width, image.naturalHeight / image.naturalWidth];
        })"""
    ((half, whole, ratio, natural),) = screen.run(script, screen.json("picture-width"), "front")
    assert (half, ratio) == (pytest.approx(whole / 2, abs=1), pytest.approx(natural, rel=0.05))
    (small, most) = screen.run(script, screen.json("picture-width"), "back")
    assert (small[0], most[0]) == (pytest.approx(120), pytest.approx(most[1], abs=1))


def test_right_to_left_text_runs_from_the_right(phone: Screen) -> None:
    """The question's first letters decide for the card; Latin furniture stays readable in it."""
    phone.open()
    script = """
        await frame.show(given, more);
        const direction = (selector) => frame.all(selector).map((element) => getComputedStyle(element).direction);
        return ["main", ".question", ".answer", ".why", ".choices", ".hint"].map(direction).flat()"""
    found = [phone.run(script, phone.json(name), side) for name, side in (
        ("right-to-left", "front"), ("right-to-left", "back"), ("choice-right-to-left", "back"), ("choice", "front"),
    )]  # fmt: skip
    # On the back, the front's hint is there, though not shown.
    assert found == [["rtl"] * 3, ["rtl"] * 5, ["rtl"] * 4, ["ltr"] * 4]


def test_text_that_begins_with_math_runs_from_the_right_where_a_mark_says_so(phone: Screen) -> None:
    """Which is what a lesson in such a language has; it stays so when the math is set."""
    phone.open()
    card = phone.json("right-to-left")
    script = "await frame.show(given, 'front'); return getComputedStyle(frame.all('main')[0]).direction"
    found = []
    for text in (r"\(p(x)\) הוא", "GAN הוא"):
        for shown in (text, from_right(text)):
            card["front"] = re.sub(
                r'(<div class="question">).*?</div>',
                lambda start, shown=shown: f"{start[1]}{shown}</div>",
                card["front"],
            )
            found.append(phone.run(script, card))
    assert found == ["ltr", "rtl", "ltr", "rtl"]


def test_the_choices_stay_where_they_were(phone: Screen) -> None:
    """The card turns, and the eye finds the same choices in the same place."""
    phone.open()
    script = "await frame.show(given, more); return frame.all('.choice').map((button) => button.offsetTop)"
    for name in ("choice", "choices", "choice-math"):
        card = phone.json(name)
        assert phone.run(script, card, "front") == phone.run(script, card, "back")


def test_anki_compares_what_was_typed_in_readable_colours(phone: Screen) -> None:
    """The field stands on the front, the comparison on the back, each kind of character on its own ground."""
    phone.open()
    phone.show("typed", "front")
    assert phone.run("return frame.all('input#typeans').map(frame.shown)") == [True]
    phone.show("typed", "back")
    script = """
        return ["Good", "Bad", "Missed"].map((kind) =>
            frame.all(".type" + kind).map((span) => String(frame.ground(span)))[0])"""
    grounds = phone.run(script)
    assert len({*grounds} - {None}) == 3


def test_of_several_right_answers_the_nearest_is_compared(phone: Screen) -> None:
    """Anki compares with the first; without scripts that stays, and all of them stand below it."""
    phone.open()
    script = """
        await frame.show(given, "back");
        const line = (kinds) => frame.all("#typeans > span").filter((span) => kinds.includes(span.className))
            .map((span) => span.textContent).join("");
        return [line(["typeGood", "typeBad"]), line(["typeMissed"]), frame.all(".answer .or").map((one) => one.textContent)]"""
    card = phone.json("typed-any")
    typed, missed, answers = phone.run(script, card)
    assert (typed.startswith("E"), "vidence" in missed, answers) == (True, False, ["Evidence lower bound", "ELBO"])
    card["back"] = re.sub(r"<script.*?</script>", "", str(card["back"]), flags=re.DOTALL)
    _, missed, answers = phone.run(script, card)
    assert ("vidence" in missed, answers) == (True, ["Evidence lower bound", "ELBO"])


def test_a_right_second_answer_is_shown_as_right(phone: Screen) -> None:
    """Nothing is marked as wrong or missing."""
    phone.open()
    card = phone.json("typed-any")
    given = "<code id=typeans><span class=typeBad>ELBO</span><br><span id=typearrow>&darr;</span><br><span class=typeMissed>Evidence</span></code>"
    card["back"] = re.sub(r"<code id=typeans>.*?</code>", given, str(card["back"]), flags=re.DOTALL)
    script = "await frame.show(given, 'back'); return frame.all('#typeans')[0].innerHTML"
    assert phone.run(script, card) == '<span class="typeGood">ELBO</span>'


def test_every_kind_of_code_token_is_readable(droid: Screen) -> None:
    """Pygments' short classes, all of them, whatever the language."""
    from pygments.token import STANDARD_TYPES

    spans = "".join(f'<span class="{name}">{name}</span> ' for name in STANDARD_TYPES.values() if name)
    card = droid.json("short")
    answer = '<div class="answer"'
    card["back"] = str(card["back"]).replace(answer, f"<pre><code>{spans}</code></pre>{answer}")
    for dark in (False, True):
        droid.open(dark=dark)
        droid.run("await frame.show(given, 'back')", card)
        assert droid.run("return frame.audit(given, 'back')", card) == []
        colours = "return new Set(frame.all('pre span').map((span) => getComputedStyle(span).color)).size"
        assert droid.run(colours) >= 6


def test_a_deletion_in_code_looks_like_a_deletion(phone: Screen) -> None:
    """In its colour and upright, not as a comment; the deletions that are not asked look like the code around them."""
    looks = """
        await frame.show(given, more);
        const look = (element) => [getComputedStyle(element).color, getComputedStyle(element).fontStyle];
        return [".cloze", ".cloze-inactive", ".question"].map((selector) => look(frame.all(selector)[0]))"""
    for dark in (False, True):
        phone.open(dark=dark)
        for side in ("front", "back"):
            assert phone.run(looks, phone.json("cloze-code"), side) == phone.run(looks, phone.json("cloze"), side)


def test_a_wrong_choice_is_the_ground_of_its_formula(phone: Screen) -> None:
    """A tapped formula on a line of its own shows no patches in another colour, on neither side."""
    for dark in (False, True):
        phone.open(dark=dark)
        findings = []
        for side in ("front", "back"):
            phone.show("choice-display", side)
            if side == "front":
                phone.run("frame.all('.choice:not(.right)')[0].click()")
            findings += phone.run("return frame.audit(given, more)", phone.json("choice-display"), side)
        assert (findings, phone.run("return frame.all('[aria-pressed=true]:not(.right)').length")) == ([], 1)


def test_a_rule_of_the_authors_is_not_the_one_above_the_answer(phone: Screen) -> None:
    """Or a question with a rule in it would look answered."""
    phone.open()
    look = """
        await frame.show(given, "back");
        return ["section > hr", ".question hr"].map((selector) => getComputedStyle(frame.all(selector)[0])).map(
            (style) => [style.borderTopWidth, style.borderTopColor])"""
    ours, authors = phone.run(look, phone.json("rule"))
    assert (ours[0], authors[0]) == ("2px", "1px")
    assert ours[1] != authors[1]


def test_only_the_alignment_of_text_is_alignment(phone: Screen) -> None:
    """A border or a margin at the right, in a lesson's own HTML, leaves the text where it is."""
    phone.open()
    card = phone.json("table")
    styles = ("border-right: 1px solid", "margin-right: 1em", "text-align: right")
    boxes = "".join(f'<p class="mine" style="{style}">text</p>' for style in styles)
    card["back"] = str(card["back"]).replace('<div class="answer"', f"{boxes}<div")
    script = """
        await frame.show(given, "back");
        return frame.all(".mine").map((element) => getComputedStyle(element).textAlign)"""
    assert phone.run(script, card) == ["start", "start", "right"]
    cells = "return frame.all('td:last-child').map((cell) => getComputedStyle(cell).textAlign)"
    assert set(phone.run(cells)) == {"right"}


# ---- the front tells nothing ----


def _plain(text: str) -> list[str]:
    """Return a field's pieces of plain text: what lies between tags, formulas and code."""
    text = re.sub(r"<(pre|code)\b.*?</\1>", "<br>", text, flags=re.DOTALL)
    pieces = re.split(r"<[^>]*>|\\\(.*?\\\)|\\\[.*?\\\]|\[sound:[^]]*\]", text, flags=re.DOTALL)
    return [" ".join(html.unescape(piece).split()) for piece in pieces]


def _secrets(card: Card) -> list[str]:
    """Return what the front must not tell. Pieces of a few letters are told by chance, and TeX is told by no one."""
    fields = card.fields
    if card.template == "Cloze":
        hidden = re.findall(rf"\{{\{{c{card.number}::(.*?)(?:::.*?)?\}}\}}", fields["Text"])
        shown = re.sub(rf"\{{\{{c{card.number}::.*?\}}\}}", "", fields["Text"])
        told = [text for text in hidden if text not in shown]
    else:
        told = [fields["Question" if card.template == "Reverse" else "Answer"]] if not fields["Choices"] else []
    pieces = [piece for text in [*told, fields["Why"], fields["Source"]] for piece in _plain(text)]
    return [piece for piece in pieces if len(piece) > 3 and "\\" not in piece]


def _all_secrets(deck: list[Card]) -> list[tuple[str, str]]:
    return [(card.name, secret) for card in deck for secret in _secrets(card)]


def test_every_card_has_a_secret(deck: list[Card]) -> None:
    """The check below would be idle without one."""
    assert [card.name for card in deck if not _secrets(card)] == []


def test_the_front_shows_nothing_of_the_answer(phone: Screen) -> None:
    """Not in the text, hint open or closed, nor in titles, alternative texts and labels."""
    phone.open()
    script = """
        const texts = {};
        for (const card of await (await fetch('/cards.json')).json()) {
            await frame.show(card, "front");
            const named = frame.all("[title], [alt], [aria-label], [placeholder], [value]").flatMap((element) =>
                ["title", "alt", "aria-label", "placeholder", "value"].map((name) => element.getAttribute(name)));
            for (const hint of frame.all("details")) hint.open = true;
            texts[card.name] = [document.getElementById("qa").innerText, ...named].join(" ");
        }
        return texts"""
    texts = phone.run(script)
    told = [(name, secret) for name, secret in _all_secrets(phone.deck) if secret in _spaced(texts[name])]
    assert told == []


def _spaced(text: str) -> str:
    return " ".join(text.split())


def test_a_screen_reader_hears_nothing_of_the_answer(droid: Screen) -> None:
    """The accessibility tree of every front, and that of every back as proof that it would be heard."""
    droid.open()
    told, unheard = [], []
    for card in droid.deck:
        for side in ("front", "back"):
            droid.show(card.name, side)
            heard = _spaced(" ".join(_heard(droid)))
            secrets = _secrets(card)
            told += [(card.name, secret) for secret in secrets if side == "front" and secret in heard]
            unheard += [(card.name, secret) for secret in secrets if side == "back" and secret not in heard]
    assert (told, unheard) == ([], [])


def _nodes(droid: Screen) -> list[dict[str, object]]:
    tree = droid.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})
    return [node for node in tree["nodes"] if not node["ignored"]]


def _heard(droid: Screen) -> list[str]:
    parts = [node.get(part, {}) for node in _nodes(droid) for part in ("name", "description", "value")]
    return [str(part["value"]) for part in parts if isinstance(part, dict) and "value" in part]


def test_a_screen_reader_hears_all_choices_alike(droid: Screen) -> None:
    """Role, state and description of the right one are those of the others; on the back they are not."""
    droid.open()
    for name in ("choice", "choices"):
        droid.show(name, "front")
        buttons = [node for node in _nodes(droid) if node["role"]["value"] == "button"]  # type: ignore[index]
        assert len({str([node["role"], node["properties"], node.get("description")]) for node in buttons}) == 1
        droid.show(name, "back")
        marked = [text for text in _heard(droid) if text.startswith("Right")]
        assert len(marked) >= (2 if name == "choices" else 1)


ALIKE = """
    const looks = ["color", "backgroundColor", "backgroundImage", "borderTopColor", "borderTopWidth", "boxShadow",
        "opacity", "fontWeight", "fontStyle", "fontSize", "textDecorationLine", "cursor", "outlineStyle", "order",
        "paddingLeft", "content", "transform", "filter", "visibility"];
    const look = (element) => [null, "::before", "::after"].map((part) => {
        const style = getComputedStyle(element, part);
        return looks.map((name) => (name === "content" ? style[name].replace(/\\d+/, "") : style[name])).join("|");
    }).join("|") + element.getAttributeNames().filter((name) => name !== "class").map((name) => name + element.getAttribute(name));
    const kinds = (selector) => new Set(frame.all(selector).map(look)).size;
    return [kinds(".choice"), kinds(".choice.right") && kinds(".choice:not(.right)")]"""


def test_the_right_choice_looks_like_the_others_on_the_front(phone: Screen) -> None:
    """And not on the back."""
    for dark in (False, True):
        phone.open(dark=dark)
        for name in ("choice", "choices", "choice-math"):
            phone.show(name, "front")
            assert phone.run(ALIKE) == [1, 1]
            phone.show(name, "back")
            assert phone.run(ALIKE) == [2, 1]
