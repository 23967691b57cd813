"""A reader's hands: clicks and keys, in both engines; and what the page remembers of them."""

import json

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from page.conftest import Reader, Server


def _keys(reader: Reader, *keys: str) -> None:
    ActionChains(reader.driver).send_keys(*keys).perform()


def _shown(reader: Reader) -> str:
    """Return the key of the card that is shown, and whether its answer is."""
    script = "const c = document.querySelector('.card.now'); return c.dataset.key + (c.querySelector('.turn').open ? ' turned' : '')"
    return str(reader.run(script))


def test_a_card_turns_by_click_and_by_key_and_arrows_move(reader: Reader) -> None:
    """A click turns it and back; Space and Enter do, where the focus is on it; the arrows go to the next and the last."""
    reader.open()
    assert reader.text(".count") == "1 / 10"
    reader.click(".card.now .question")
    assert _shown(reader) == "generative-vs-discriminative turned"
    assert "lets you sample new examples" in reader.text(".card.now .back")
    reader.click(".card.now .question")
    assert _shown(reader) == "generative-vs-discriminative"
    reader.run("document.querySelector('.card.now').focus()")
    _keys(reader, Keys.SPACE)
    assert _shown(reader) == "generative-vs-discriminative turned"
    _keys(reader, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert (_shown(reader), reader.text(".count")) == ("autoregressive-training-sampling", "3 / 10")
    _keys(reader, Keys.ARROW_LEFT, Keys.ENTER)
    assert _shown(reader) == "four-paradigms turned"


def test_all_is_reached_by_tab_alone(reader: Reader) -> None:
    """The skip link comes first, and each thing to press shows that it has the focus."""
    reader.open()
    seen = []
    for _ in range(12):
        _keys(reader, Keys.TAB)
        seen.append(
            reader.run(
                "const e = document.activeElement; return [e.className || e.tagName, getComputedStyle(e).outlineStyle]"
            )
        )
    assert seen[0][0] == "skip"
    assert {outline for _, outline in seen} == {"solid"}
    assert "SUMMARY" in {name for name, _ in seen}


def test_a_round_of_those_missed_and_the_memory_of_the_browser(reader: Reader) -> None:
    """What is missed makes a round of its own, is kept by deck.id/note id, marked when the page is opened again, and forgotten at a reset."""
    reader.open()
    reader.run("document.querySelector('.card.now').focus()")
    _keys(reader, Keys.SPACE, "1", Keys.SPACE, "2", Keys.SPACE)
    reader.click("[data-do='grade-missed']")
    assert reader.text(".count") == "4 / 10"
    kept = reader.run("return Object.fromEntries(Object.entries(localStorage))")
    assert kept == {
        "what-is-generative/generative-vs-discriminative": "missed",
        "what-is-generative/four-paradigms": "known",
        "what-is-generative/autoregressive-training-sampling": "missed",
    }
    reader.open(anew=False)
    assert reader.tells(".card.now .mark", "✕ Missed")
    reader.click("[data-do='missed']")
    assert reader.text(".count") == "1 / 2"
    reader.run("document.querySelector('.card.now').focus()")
    _keys(reader, Keys.SPACE, "2", Keys.ARROW_RIGHT)
    assert reader.tells(".result", "Known: 1 · Missed: 0")
    reader.click(".reset summary")
    reader.click("[data-do='reset']")
    assert reader.run("return localStorage.length") == 0
    assert reader.text(".count") == "1 / 10"


def test_shuffle_changes_the_order_and_loses_none(reader: Reader) -> None:
    """Shuffled, all cards come once; not shuffled, they stand in the order of the source again."""
    reader.open()
    # One draw that is no accident.
    reader.run("Math.random = () => 0; document.querySelector('[data-do=shuffle]').click()")
    through = """
        const seen = [];
        for (let card = document.querySelector(".card.now"); !card.matches(".done"); card = document.querySelector(".card.now")) {
          seen.push(card.dataset.key);
          document.querySelector("[data-do=next]").click();
        }
        return seen"""
    shuffled = reader.run(through)
    reader.run("document.querySelector('[data-do=shuffle]').click()")
    in_order = reader.run(through)
    assert shuffled != in_order
    assert sorted(shuffled) == sorted(in_order)
    assert in_order[0] == "generative-vs-discriminative"


def test_choices_by_click_and_by_key_say_right_or_wrong_with_the_reason(reader: Reader) -> None:
    """One pick answers a question of one right choice; where several are right, the answer does."""
    reader.open("odd")
    reader.click("[data-key='one-right'] .choice:nth-child(1)")
    assert reader.tells("[data-key='one-right'] .verdict", "✕ Wrong")
    assert "It is twice one." in reader.text("[data-key='one-right'] .back")
    reader.click("[data-key='one-right'] summary")  # closed, it can be tried again
    assert reader.tells("[data-key='one-right'] .verdict", "")
    reader.run("document.querySelector(\"[data-key='one-right'] .choice\").focus()")
    _keys(reader, "2")
    assert reader.tells("[data-key='one-right'] .verdict", "✓ Right")
    reader.click("[data-key='two-right'] .choice:nth-child(1)")
    reader.click("[data-key='two-right'] .choice:nth-child(3)")
    assert reader.text("[data-key='two-right'] .verdict") == ""
    reader.click("[data-key='two-right'] .turn summary")
    assert reader.tells("[data-key='two-right'] .verdict", "✓ Right")
    assert reader.tells(".score", "Answered: 2 / 2 · Right: 2")


def test_answers_together_wait_for_check_your_work(reader: Reader) -> None:
    """Picks are not judged before; then each says right or wrong, and all answers stand with their reasons."""
    reader.open()
    section = "#practice-place-the-system"
    reader.click(f"{section} .item:nth-child(1) .choice:nth-child(1)")
    reader.click(f"{section} .item:nth-child(2) .choice:nth-child(1)")
    assert reader.run(f"return document.querySelectorAll('{section} .judged').length") == 0
    reader.click(f"{section} .all summary")
    assert reader.tells(f"{section} .item:nth-child(1) .verdict", "✓ Right")
    assert reader.tells(f"{section} .item:nth-child(2) .verdict", "✕ Wrong")
    assert "WaveNet-family audio generators work this way." in reader.text(f"{section} .answers li:nth-child(1)")
    assert reader.tells(f"{section} .score", "Answered: 5 / 5 · Right: 1")


def test_a_hint_stays_closed_until_asked_for_and_a_typed_answer_is_compared(reader: Reader) -> None:
    """Enter in the field shows the answer, and says whether what was typed is it."""
    reader.open("odd")
    assert reader.run("return document.querySelectorAll('.hint[open]').length") == 0
    reader.click("[data-key='two-right'] .hint summary")
    assert reader.text("[data-key='two-right'] .hint .text") == "Not even."
    for _ in range(2):
        reader.click("[data-do='next']")
    reader.click(".card.now input")
    _keys(reader, "Evidence  lower bound", Keys.ENTER)
    assert reader.tells(".card.now .verdict", "✓ Right")


@pytest.mark.parametrize("key", ["math-cloze", "math-cloze/2"])
def test_a_cloze_hides_its_own_number_and_shows_the_whole_text_when_turned(chromium_reader: Reader, key: str) -> None:
    """In a formula too; what else is hidden stands there."""
    reader = chromium_reader
    reader.open("odd")
    reader.run(
        "document.querySelector('.card.now').classList.remove('now'); document.querySelector(`[data-key='${arguments[0]}']`).classList.add('now')",
        key,
    )
    front = reader.text(".card.now .front")
    assert ("Einstein" in front, "[who?]" in front) == ((True, False) if key == "math-cloze" else (False, True))
    assert ("[…]" in front.replace(" ", "")) is (key == "math-cloze" or "both" not in front)
    reader.run("document.querySelector('.card.now .turn').open = true")
    assert "Einstein, and both" in reader.text(".card.now .back")


def test_nothing_is_asked_for_but_the_page(reader: Reader, server: Server) -> None:
    """No request leaves the page, whatever a lesson names; and no policy is broken."""
    for name in ("what-is-generative", "kinds", "odd"):
        server.asked.clear()
        reader.open(name, anew=False)
        loaded = "return performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => !name.startsWith('data:'))"
        assert reader.run(loaded) == []
        assert {path for path in server.asked if "favicon" not in path} <= {f"/{name}.html"}
        assert reader.run("return document.title") != "stolen"


def test_a_formula_without_mathml_is_set_by_mathjax(reader: Reader) -> None:
    """The diagram, which MathML can't be made of, is drawn; all other formulas are MathML."""
    reader.open("odd")
    found = "return [document.querySelectorAll('.tex').length, document.querySelectorAll('.tex > mjx-container > svg').length, document.querySelectorAll('math mi').length > 5]"
    assert reader.run(found) == [1, 1, True]


@pytest.mark.parametrize(("typed", "told"), [("ELBO", "✓ Right"), ("l’eau", "✓ Right"), ("KL", "✕ Wrong")])
def test_each_of_several_typed_answers_is_right(reader: Reader, typed: str, told: str) -> None:
    """Whichever the learner types, with the apostrophe of whatever keyboard; another is wrong."""
    reader.open("odd")
    for _ in range(2):
        reader.click("[data-do='next']")
    answers = """<div class="or" data-typed="l'eau">l’eau</div><div class="or">ELBO</div>"""
    reader.run(f"document.querySelector('.card.now .back').insertAdjacentHTML('beforeend', {json.dumps(answers)})")
    reader.click(".card.now input")
    _keys(reader, typed, Keys.ENTER)
    assert reader.tells(".card.now .verdict", told)
