"""What a hand does to a card: taps, digits, hints; and what the card remembers of it, and for how long."""

import pytest
from screens import Screen
from selenium.webdriver.common.by import By

PRESSED = "return frame.all('.choice').map((button, at) => button.getAttribute('aria-pressed') === 'true' ? at : -1).filter((at) => at >= 0)"
# How the back marks each choice: the sign before it, and whether it is set off from the others.
MARKS = """
    return frame.all(".choice").map((button) => {
        const sign = getComputedStyle(button, "::before").content.split(" / ")[0].replace(/["]|none|counter[(].*[)]/g, "");
        const framed = frame.contrast(button.parentElement, getComputedStyle(button).borderTopColor) > 3;
        return sign + (framed ? " framed" : "");
    })"""
WRONG, RIGHT, PLAIN = "✕ framed", "✓ framed", ""


def tap(screen: Screen, selector: str, at: int = 0) -> None:
    """Tap what a learner taps."""
    screen.driver.find_elements(By.CSS_SELECTOR, selector)[at].click()


def press(screen: Screen, keys: str) -> None:
    """Press keys with nothing in particular in focus."""
    screen.driver.find_element(By.TAG_NAME, "body").send_keys(keys)


def test_a_tap_on_a_choice_selects_it_and_does_not_turn_the_card(phone: Screen) -> None:
    """By AnkiMobile's rule for what turns a card; a tap on the question does turn it."""
    phone.open()
    phone.show("choice", "front")
    tap(phone, ".choice", 1)
    assert (phone.run(PRESSED), phone.run("return frame.taps()")) == ([1], 0)
    tap(phone, ".question")
    assert (phone.run(PRESSED), phone.run("return frame.taps()")) == ([1], 1)


def test_every_pixel_of_a_choice_belongs_to_it(phone: Screen) -> None:
    """A tap on the math or the code in a choice is a tap on the choice."""
    phone.open()
    phone.show("choice-math", "front")
    script = """
        return frame.all(".choice").every((button) => {
            button.scrollIntoView({ block: "center" });
            const box = button.getBoundingClientRect();
            return [0.02, 0.3, 0.5, 0.98].every((x) => [0.1, 0.5, 0.9].every((y) =>
                document.elementFromPoint(box.left + box.width * x, box.top + box.height * y).closest(".choice") === button));
        })"""
    assert phone.run(script)


def test_a_hint_opens_and_does_not_turn_the_card(phone: Screen) -> None:
    """On each note type that has one."""
    phone.open()
    for name in ("math", "cloze", "choice", "typed"):
        phone.show(name, "front")
        body = "return [frame.all('.hint .body').map(frame.shown)[0], frame.taps()]"
        assert phone.run(body) == [False, 0]
        tap(phone, "summary")
        assert phone.run(body) == [True, 0]


def test_one_right_answer_takes_one_choice_and_several_take_several(phone: Screen) -> None:
    """A second tap takes a choice back."""
    phone.open()
    phone.show("choice", "front")
    found = []
    for at in (0, 3, 3):
        tap(phone, ".choice", at)
        found.append(phone.run(PRESSED))
    phone.show("choices", "front")
    for at in (0, 2, 0):
        tap(phone, ".choice", at)
        found.append(sorted(phone.run(PRESSED)))
    assert found == [[0], [3], [], [0], [0, 2], [2]]


@pytest.mark.parametrize(
    ("name", "taps", "marks"),
    [
        ("choice", [], [PLAIN, PLAIN, PLAIN, RIGHT, PLAIN]),
        ("choice", [1], [PLAIN, WRONG, PLAIN, RIGHT, PLAIN]),
        ("choice", [3], [PLAIN, PLAIN, PLAIN, RIGHT, PLAIN]),
        ("choices", [0, 1], [WRONG, RIGHT, RIGHT, PLAIN, PLAIN]),
    ],
)
def test_the_back_marks_the_right_one_and_a_wrong_pick(
    phone: Screen, name: str, taps: list[int], marks: list[str]
) -> None:
    """Whether front and back share a page or not."""
    phone.open()
    phone.show(name, "front")
    for at in taps:
        tap(phone, ".choice", at)
    phone.show(name, "back")
    assert (phone.run(MARKS), phone.run("return frame.audit(given, 'back')", phone.json(name))) == (marks, [])


def test_a_pick_crosses_to_a_back_on_a_page_of_its_own(droid: Screen) -> None:
    """AnkiDroid's old study screen: two pages, one session."""
    droid.open_side("choice", "front")
    tap(droid, ".choice", 1)
    droid.open_side("choice", "back")
    assert droid.run(MARKS) == [PLAIN, WRONG, PLAIN, RIGHT, PLAIN]
    droid.open_side("choices", "back")
    assert droid.run(PRESSED) == []


def test_a_pick_never_reaches_another_card_nor_the_next_review(phone: Screen) -> None:
    """Another card's front and back, one without choices between, and the same card when it comes again."""
    phone.open()
    phone.show("choice", "front")
    tap(phone, ".choice", 1)
    found = []
    for name, side in (
        ("choices", "back"), ("choices", "front"), ("choices", "back"), ("short", "front"), ("short", "back"),
        ("choice", "front"), ("choice", "back"),
    ):  # fmt: skip
        phone.show(name, side)
        found.append(phone.run(PRESSED))
    assert found == [[]] * 7


def test_a_page_without_storage_works_as_well(phone: Screen) -> None:
    """Some web views refuse sessionStorage; the pick then lives as long as the page."""
    phone.open()
    refuse = "{ configurable: true, get() { throw new DOMException('', 'SecurityError'); } }"
    phone.run(f"Object.defineProperty(window, 'sessionStorage', {refuse})")
    phone.show("choice", "front")
    tap(phone, ".choice", 1)
    phone.show("choice", "back")
    assert (phone.run(MARKS), phone.errors()) == ([PLAIN, WRONG, PLAIN, RIGHT, PLAIN], [])
    phone.open_side("choice", "back")  # a page of its own that knows nothing: right all the same
    assert phone.run(MARKS)[3] == RIGHT


def test_a_card_without_scripts_is_right_and_complete(phone: Screen) -> None:
    """The front offers all, hint included; the back marks the right ones."""
    phone.open()
    bare = "for (const side of ['front', 'back']) given[side] = given[side].replace(/<script[^]*?<\\/script>/g, '');"
    for name, right in (("choice", [3]), ("choices", [1, 2])):
        phone.run(f"{bare} await frame.show(given, 'front')", phone.json(name))
        assert phone.run("return frame.audit(given, 'front')", phone.json(name)) == []
        assert phone.run(MARKS) == [PLAIN] * 5
        phone.run(f"{bare} await frame.show(given, 'back')", phone.json(name))
        marks = [RIGHT if at in right else PLAIN for at in range(5)]
        assert phone.run("return frame.audit(given, 'back')", phone.json(name)) == []
        assert phone.run(MARKS) == marks
    phone.run(f"{bare} await frame.show(given, 'front')", phone.json("choice"))
    tap(phone, "summary")
    assert phone.run("return frame.all('.hint .body').map(frame.shown)") == [True]


def test_digits_select_on_the_front_alone(phone: Screen) -> None:
    """One digit, one toggle, however often the card was shown before; on the back digits are Anki's, for its grades."""
    phone.open()
    for _ in range(3):  # each show runs the script again in the same page
        phone.show("choices", "front")
    press(phone, "2")
    press(phone, "5")
    press(phone, "9")  # there is no ninth
    assert phone.run(PRESSED) == [1, 4]
    phone.show("choices", "back")
    press(phone, "3")
    assert phone.run(PRESSED) == [1, 4]
    phone.show("typed", "front")
    tap(phone, "#typeans")
    phone.driver.switch_to.active_element.send_keys("1")
    assert (phone.run("return frame.all('#typeans')[0].value"), phone.errors()) == ("1", [])


KEYUP = "document.dispatchEvent(new KeyboardEvent('keyup', { code: 'Digit3', bubbles: true }))"


def test_the_end_of_a_grading_keystroke_selects_nothing(droid: Screen) -> None:
    """Anki for desktop keeps a digit's keydown and lets its keyup through: it may end the last card's grade."""
    droid.open()
    droid.show("choice", "front")
    droid.run(KEYUP)
    assert droid.run(PRESSED) == []
    droid.run("await new Promise((done) => setTimeout(done, 450))")
    droid.run(KEYUP)
    assert droid.run(PRESSED) == [2]


def test_a_card_shown_before_no_longer_listens(phone: Screen) -> None:
    """Some apps show a thousand cards in one page."""
    phone.open()
    script = """
        const live = new Set();
        const add = document.addEventListener, remove = document.removeEventListener;
        document.addEventListener = (kind, run, ...more) => { live.add(run); add.call(document, kind, run, ...more); };
        document.removeEventListener = (kind, run, ...more) => { live.delete(run); remove.call(document, kind, run, ...more); };
        for (let times = 0; times < 5; times += 1) await frame.show(given, "front");
        const before = live.size;
        document.dispatchEvent(new KeyboardEvent("keyup", { code: "KeyQ" }));
        delete document.addEventListener;
        delete document.removeEventListener;
        return [before, live.size]"""
    assert phone.run(script, phone.json("choice")) == [5, 1]


def test_a_card_leaves_no_name_in_the_window(phone: Screen) -> None:
    """Cards of other decks live in the same page."""
    phone.driver.get("about:blank")  # a page that no other test's cards have been in
    phone.open()
    phone.show("short", "front")
    script = """
        const before = new Set(Object.getOwnPropertyNames(window));
        await frame.show(given, "front");
        await frame.show(given, "back");
        return Object.getOwnPropertyNames(window).filter((name) => !before.has(name) && name !== "answer")"""
    assert phone.run(script, phone.json("choice")) == []


def test_a_script_that_finds_nothing_says_nothing(phone: Screen) -> None:
    """A learner may have emptied a field or changed the template by hand."""
    phone.open()
    for part in ('class="choices"', 'class="choice', "data-note="):
        card = phone.json("choice")
        for side in ("front", "back"):
            card[side] = str(card[side]).replace(part, part.replace("c", "z").replace("n", "z"))
            phone.run("await frame.show(given, more)", card, side)
        assert phone.errors() == []
