"""The preview as its author uses it, in Chromium and WebKitGTK: it shows cards as a device does, and follows each save."""

import re

import pytest

from author import Author
from preview.conftest import Desk

COUNT = "return document.querySelectorAll('[role=option]').length"
ADDRESS = "return location.hash.slice(1)"
PRESSED = """return [...document.querySelectorAll(".choice")].map((one, at) => one.getAttribute("aria-pressed") === "true" ? at : -1)
    .filter((at) => at >= 0)"""


def test_both_sides_of_a_card_are_shown_and_its_math_is_set(desk: Desk) -> None:
    """By the templates' own HTML, with their scripts and styles."""
    desk.open("note=math")
    desk.waits_for("Which distribution does a discriminative model learn")
    desk.wait(lambda: desk.in_card("return document.querySelectorAll('mjx-container').length", back=True) >= 6)
    assert desk.in_card("return document.querySelectorAll('mjx-merror').length", back=True) == 0
    assert desk.text("h2#title").startswith("Which distribution does a discriminative model learn, $p(x)$")
    fonts = desk.in_card("return [...document.fonts].filter((font) => font.status === 'loaded').length", back=True)
    assert fonts > 0


def test_a_save_brings_the_edited_card_into_view(desk: Desk, kinds: Author) -> None:
    """Whatever card was shown before; and its row in the list."""
    desk.open("note=short")
    desk.waits_for("What does ELBO stand for?")
    kinds.replace("Both run one network once.", "Both run a network once.")
    desk.waits_for("Which two sample in one forward pass?")
    desk.waits_for("Both run a network once.", back=True)
    desk.wait(lambda: "Saved: 1 note changed" in desk.text("#status"))
    row = """const row = document.querySelector("[aria-selected=true]").getBoundingClientRect();
        const list = document.getElementById("list").getBoundingClientRect();
        return row.top >= list.top - 1 && row.bottom <= list.bottom + 1"""
    assert desk.run(row)
    assert "changed" in desk.text("#kinds")


def test_the_card_in_view_stays_where_it_is_when_it_is_saved(desk: Desk, kinds: Author) -> None:
    """Its side, how far it is scrolled, and the hint that is open."""
    desk.open("note=long")
    desk.waits_for("For each paradigm, what is the training objective")
    desk.tap("summary")
    desk.in_card("document.scrollingElement.scrollTop = 60", back=True)
    before = desk.in_card("return document.scrollingElement.scrollTop", back=True)
    assert before > 0
    kinds.replace("Each objective decides what can be computed later:", "Each objective decides what one can compute:")
    desk.waits_for("Each objective decides what one can compute:", back=True)
    assert desk.in_card("return document.scrollingElement.scrollTop", back=True) == before
    assert desk.in_card("return document.querySelector('details').open")
    kinds.replace("Four objectives, four procedures.", "Four of each.")
    desk.waits_for("Four of each.")


def test_problems_stand_beside_the_last_good_cards(desk: Desk, kinds: Author) -> None:
    """With their excerpt, and an address that opens the editor at the line; gone when the lesson is right again."""
    desk.open("note=short")
    desk.waits_for("What does ELBO stand for?")
    kinds.replace("answer: Evidence lower bound\n", "anwser: Evidence lower bound\n")
    desk.wait(lambda: "anwser" in desk.text("#problems"))
    found = desk.text("#problems")
    assert "unknown key 'anwser': did you mean 'answer'?" in found
    assert "anwser: Evidence lower bound ^" in found
    assert "The cards are those of the last save without errors." in found
    line = next(n for n, text in enumerate(kinds.text().splitlines(), 1) if "anwser" in text)
    assert desk.run("return document.querySelector('#problems a').getAttribute('href')") == (
        f"vscode://file{kinds.source}:{line}:5"
    )
    assert desk.text("#status") == "1 error in cards.yaml"
    desk.waits_for("What does ELBO stand for?")
    kinds.replace("anwser: Evidence lower bound\n", "answer: The evidence lower bound\n")
    desk.wait(lambda: "anwser" not in desk.text("#problems"))
    desk.waits_for("The evidence lower bound", back=True)


def test_a_new_note_and_one_that_goes(desk: Desk, kinds: Author) -> None:
    """The new one is shown; the place of one that went is taken by its neighbour."""
    desk.open("note=short")
    before = desk.text("#count")
    kinds.replace("  - id: math\n", "  - {id: brand-new, question: What is new?, answer: This}\n\n  - id: math\n")
    desk.waits_for("What is new?")
    assert desk.text("#kinds") == "new"
    kinds.cut("brand-new")
    desk.waits_for("Which distribution does a discriminative model learn")
    desk.wait(lambda: desk.text("#count") == before)


def test_a_review_by_keys(desk: Desk) -> None:
    """Digits choose, space turns, a digit grades, arrows go on and back."""
    desk.open("note=choices&mode=review")
    desk.waits_for("Which two sample in one forward pass?")
    desk.press("2", "5")
    desk.wait(lambda: desk.in_card(PRESSED) == [1, 4])
    desk.press(" ")
    desk.waits_for("Both run one network once.")
    assert desk.in_card(PRESSED) == [1, 4]  # as it was chosen on the front
    desk.press("3")
    desk.waits_for("What does a generative model learn?")
    desk.press("\ue012")  # left
    desk.waits_for("Which two sample in one forward pass?")
    assert "Both run" not in desk.card()
    desk.press("\ue013")  # up
    desk.waits_for("iteratively denoising from pure Gaussian noise")
    desk.press("\ue015")  # down
    desk.waits_for("Which two sample in one forward pass?")


def test_a_review_by_taps(desk: Desk) -> None:
    """A tap on a choice chooses, any other turns the card; the hint opens in place."""
    desk.open("note=choice&mode=review")
    desk.waits_for("iteratively denoising")
    desk.tap("summary")
    desk.tap(".choice", 1)
    assert desk.in_card(PRESSED) == [1]
    desk.waits_for("How many passes?")
    desk.tap(".question")
    desk.waits_for("the DDPM family")
    desk.click("#turn")
    desk.waits_for("Which two sample")


def test_keys_in_the_card_reach_the_page(desk: Desk) -> None:
    """After a tap, the card has the focus; the keys are still the review's."""
    desk.open("note=choice&mode=review")
    desk.waits_for("iteratively denoising")
    desk.tap(".choice", 1)
    frame = desk.driver.find_element("css selector", ".screen iframe")
    desk.driver.switch_to.frame(frame)
    desk.driver.find_element("css selector", "body").send_keys(" ")
    desk.waits_for("the DDPM family")


def test_a_typed_answer_is_compared(desk: Desk) -> None:
    """As Anki compares it; Enter turns the card."""
    desk.open("note=typed&mode=review")
    desk.waits_for("The training objective of a VAE")
    desk.tap("#typeans")
    desk.driver.switch_to.frame(desk.driver.find_element("css selector", ".screen iframe"))
    field = desk.driver.find_element("css selector", "#typeans")
    field.send_keys("EBLO")
    field.send_keys("\ue007")
    desk.driver.switch_to.default_content()
    desk.wait(lambda: desk.in_card("return Boolean(document.querySelector('code#typeans'))"))
    kinds = desk.in_card("return [...document.querySelectorAll('code#typeans span')].map((one) => one.className)")
    assert "typeBad" in kinds
    assert "typeMissed" in kinds


def test_every_card_of_a_note_has_its_turn(desk: Desk) -> None:
    """The deletions of a cloze one after the other, and the other way round of a reversed card."""
    desk.open("note=cloze")
    desk.waits_for("The [...] is a lower bound")
    desk.click("#cards button:nth-child(3)")
    desk.waits_for("[done how?]")
    desk.press("\ue014", "\ue012", "\ue012")  # right, left, left
    desk.wait(lambda: "card=2" in desk.run(ADDRESS))
    desk.waits_for("maximized")
    desk.open("note=reverse&card=2")
    desk.waits_for("The network that tells real samples", back=True)


def test_pictures_are_there_and_sounds_are_played(desk: Desk) -> None:
    """From the lesson's own folder."""
    desk.open("note=picture")
    loaded = "return [...document.images].filter((one) => one.naturalWidth > 0).length"
    desk.wait(lambda: desk.in_card(loaded) == 1 and desk.in_card(loaded, back=True) == 2)
    desk.open("note=sound")
    desk.waits_for("Which interval is it?")
    sound = """const made = window.Audio; window.played = [];
        window.Audio = class extends made { constructor(name) { super(name); window.played.push(this); } }"""
    desk.in_card(sound)
    desk.tap(".replay-button")
    desk.wait(
        lambda: desk.in_card("return window.played.length === 1 && /beep-[0-9a-f]+\\.mp3$/.test(window.played[0].src)")
    )
    if desk.driver.name != "WebKitGTK":  # whether it can play, hangs on the system's codecs
        desk.wait(lambda: desk.in_card("return window.played[0].duration > 0"))


def test_a_review_plays_the_sounds_of_each_side(desk: Desk) -> None:
    """As Anki does: the question's on the front, only the answer's on the back."""
    desk.open("note=picture-width&mode=review")
    desk.in_card("window.played = 0; HTMLMediaElement.prototype.play = async function () { window.played += 1; }")
    desk.press("\ue014")  # right
    desk.waits_for("Which interval is it?")
    desk.wait(lambda: desk.in_card("return window.played") == 1)
    desk.press(" ")
    desk.waits_for("A fifth:")
    desk.wait(lambda: desk.in_card("return window.played") == 2)
    assert desk.in_card("return document.querySelectorAll('.replay-button').length") == 2


def test_an_address_that_is_typed_is_followed(desk: Desk) -> None:
    """Without a reload: note, side, view and device."""
    desk.open("note=short")
    desk.run("location.hash = 'note=choice&mode=review&side=back&device=ipad'")
    desk.waits_for("the DDPM family")
    assert desk.run("return document.getElementById('device').value") == "ipad"
    assert desk.text("#turn") == "Next card"


@pytest.mark.parametrize(
    ("device", "html", "body", "width"),
    [
        ("iphone", "webkit safari mobile iphone js", "card card1 nightMode", 390),
        ("ipad", "webkit safari mobile ipad js", "card card1 nightMode", 820),
        ("android", "night-mode", "card card1 nightMode night_mode mathjax-rendered", 412),
        ("android-old", "mobile android linux js", "card card1 night_mode", 412),
        ("desktop", "night-mode", "card card1 isLin nightMode night_mode", 960),
    ],
)
def test_each_device_has_its_classes_and_its_width(desk: Desk, device: str, html: str, body: str, width: int) -> None:
    """In the dark, where they differ most."""
    desk.open(f"note=choice&device={device}&dark=1")
    script = "return [document.documentElement.className, document.body.className, innerWidth]"
    desk.wait(lambda: desk.in_card(script) == [html, body, width])
    ground = "return getComputedStyle(document.body).backgroundColor"
    desk.wait(lambda: desk.in_card(ground) == "rgb(25, 25, 27)")
    digits = "return getComputedStyle(document.querySelector('.choice'), '::before').content"
    assert ("counter" in desk.in_card(digits)) == (device == "desktop")  # a finger presses no digits


def test_the_address_holds_what_is_shown(desk: Desk) -> None:
    """A reload, or a second window, shows the same."""
    desk.open("note=choice")
    desk.waits_for("iteratively denoising")
    desk.press("d", "v", "r", " ")
    desk.driver.find_element("css selector", "#search").send_keys("denois")
    desk.wait(lambda: "q=denois" in desk.run(ADDRESS))
    address = desk.run(ADDRESS)
    assert set(address.split("&")) == {
        "note=choice", "device=android", "dark=1", "mode=review", "side=back", "q=denois",
    }  # fmt: skip
    before = (desk.text("#count"), desk.card())
    desk.open(address)
    desk.waits_for("the DDPM family")
    assert (desk.text("#count"), desk.card()) == before
    assert desk.run("return document.getElementById('device').value") == "android"


def test_the_list_is_searched_and_filtered(desk: Desk, kinds: Author) -> None:
    """By words, section, tag and change; a filter stays when the lesson is saved."""
    desk.open()
    all_notes = int(re.match(r"\d+", desk.text("#count"))[0])  # type: ignore[index]
    desk.driver.find_element("css selector", "#search").send_keys("noise gauss")
    desk.wait(lambda: re.match(rf"\d of {all_notes} notes", desk.text("#count")))
    desk.open("section=Formulas")
    assert desk.text("#count") == f"1 of {all_notes} notes"
    desk.open("tag=kinds")
    assert desk.text("#count") == f"{all_notes} notes"
    desk.open("changed=1")
    assert desk.text("#count") == f"0 of {all_notes} notes"
    kinds.replace("Both run one network once.", "Both run it once.")
    desk.wait(lambda: desk.text("#count") == f"1 of {all_notes} notes")


def test_beside_a_card_stands_what_learners_will_get(desk: Desk, kinds: Author) -> None:
    """Unchanged, then changed word by word, then unchanged again when it is published."""
    desk.open("note=short")
    desk.wait(lambda: desk.text("#fate") == "What learners get unchanged what learners edited in it stays.")
    kinds.replace("answer: Evidence lower bound\n", "answer: Evidence, a lower bound\n")
    desk.wait(lambda: "reviews and due dates stay" in desk.text("#fate"))
    marked = "return [...document.querySelectorAll('#fate ins, #fate del')].map((one) => one.tagName + one.textContent.trim())"
    desk.wait(lambda: desk.run(marked))
    assert desk.run(marked) == ["INS, a"]
    kinds.publish()
    desk.wait(lambda: "unchanged" in desk.text("#fate"))
