"""What the shape of a lesson does not say: rules between keys, and between notes."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from gen2anki.anki.frozen import FLASHCARDS
from gen2anki.anki.names import choice_key, deck_key, deck_part
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.diagnostics.suggestion import nearest
from gen2anki.lesson.load import Loaded
from gen2anki.math.macros import Macros
from gen2anki.schema.model import Question, Section
from gen2anki.text import cloze

# An import makes no more than ten decks for a new one to stand in.
MAX_PARTS: Final = 11


def check(loaded: Loaded) -> Iterator[Problem]:
    """Yield every problem of a lesson whose shape is right."""
    yield from _check_deck(loaded)
    if loaded.lesson.deck.macros:
        yield from _check_macros(loaded)
    yield from _check_sections(loaded)
    first: dict[str, Path] = {}
    # As `kept` and `sound` have it, but what holds a note is asked about once for all the notes in it.
    mended, touched = loaded.mended, loaded.touched
    list_kept = cache(loaded.kept)
    for path, question, section in loaded.questions():
        if mended and (path in mended or not list_kept(path[:-1])):
            continue
        if (path not in touched or loaded.is_intact((*path, "id"))) and first.setdefault(question.id, path) is not path:
            yield _twice(loaded, (*path, "id"), (*first[question.id], "id"))
        if question.cloze or (not question.question and loaded.source.has((*path, "cloze"))):
            yield from _check_cloze(loaded, path, question, section)
        elif section or not _is_plain(question):
            yield from _check_question(loaded, path, question, section)
    yield from _check_retired(loaded, first)


def _is_plain(question: Question) -> bool:
    """Say whether a flashcard is as most are: a question and one answer, with nothing else to check."""
    answer = question.answer
    asked = question.question and not question.question.isspace()
    filled = asked and answer and isinstance(answer, str) and not answer.isspace()
    return bool(filled and "{{c" not in question.question and "{{c" not in answer)


def _check_deck(loaded: Loaded) -> Iterator[Problem]:
    lesson = loaded.lesson
    parts = lesson.deck.name.split("::")
    if loaded.is_intact(("deck", "name")) and not all(map(deck_part, parts)):
        text = f"the deck name '{lesson.deck.name}' has an empty part between its '::'"
        yield loaded.problem(("deck", "name"), text, Code.BAD_DECK_NAME)
    elif len(parts) > MAX_PARTS:
        text = f"the deck's name has {len(parts)} parts, and Anki imports none of more than {MAX_PARTS}: take some '::' out"
        yield loaded.problem(("deck", "name"), text, Code.BAD_DECK_NAME)
    # Under a mistyped key there may be notes.
    if not lesson.flashcards and not lesson.practice and not any(len(path) == 1 for path in loaded.mended):
        yield loaded.problem((), "the lesson has neither 'flashcards' nor 'practice'", Code.NO_NOTES)


def _check_macros(loaded: Loaded) -> Iterator[Problem]:
    for name, fault in Macros(loaded.lesson.deck.macros).faults.items():
        path = ("deck", "macros", name)
        if loaded.is_intact(path):
            yield loaded.problem(path, fault.text, fault.code, needle=fault.where, key=not fault.where)


def _check_sections(loaded: Loaded) -> Iterator[Problem]:
    ids: dict[str, Path] = {}
    titles: dict[str, Path] = {}
    if loaded.lesson.flashcards:
        titles[deck_key(FLASHCARDS)] = ("flashcards",)
    for number, section in enumerate(loaded.lesson.practice):
        path: Path = ("practice", number)
        if loaded.is_intact((*path, "id")) and ids.setdefault(section.id, path) is not path:
            yield _twice(loaded, (*path, "id"), (*ids[section.id], "id"))
        if loaded.is_intact((*path, "title")):
            yield from _check_title(loaded, path, section.title, titles)
        if loaded.is_intact((*path, "choices")):
            yield from _check_repeats(loaded, (*path, "choices"), section.choices, Code.DUPLICATE_CHOICE)
            if (place := _split_choice(section.choices)) is not None:
                text = "a comma begins the next choice, inside brackets as well: put this one in quotes"
                yield loaded.problem((*path, "choices", place), text, Code.SPLIT_CHOICE)


def _split_choice(choices: tuple[str, ...]) -> int | None:
    """Return the place of a choice that a comma has cut in two; none where there is none."""
    split = (number for number, choice in enumerate(choices) if choice.count("(") > choice.count(")"))
    place = next(split, len(choices))
    return place if ")" in "".join(choices[place + 1 : place + 2]) else None


def _check_title(loaded: Loaded, path: Path, title: str, titles: dict[str, Path]) -> Iterator[Problem]:
    part = deck_part(title)
    if "::" in title or not part:
        text = "a section's title names one deck: it can't have '::' in it, or only quotes"
        yield loaded.problem((*path, "title"), text, Code.BAD_TITLE)
        return
    place: Path = (*path, "title")
    if titles.setdefault(deck_key(part), place) is not place:
        first = titles[deck_key(part)]
        where = _where(loaded, first, key=first == ("flashcards",))
        text = f"a deck of this name is there already ({where}): Anki takes '{title}' for the same one"
        yield loaded.problem(place, text, Code.DUPLICATE_TITLE)


def _check_cloze(loaded: Loaded, path: Path, question: Question, section: Section | None) -> Iterator[Problem]:
    if not question.cloze:
        yield from _empty(loaded, (*path, "cloze"))
    for key in ("question", "answer", "reverse", "typed"):
        if getattr(question, key):
            text = f"a note is either 'cloze' or 'question' with 'answer': '{key}' does not go with 'cloze'"
            yield loaded.problem((*path, key), text, Code.KEY_CONFLICT, key=True)
    if section and section.choices:
        text = "this section has 'choices', and a 'cloze' has none"
        yield loaded.problem((*path, "cloze"), text, Code.KEY_CONFLICT, key=True)
    yield from _check_beside(loaded, path, question, section)


def _check_beside(loaded: Loaded, path: Path, question: Question, section: Section | None) -> Iterator[Problem]:
    """Yield a problem for a deletion in another text of a cloze: also in code, it would grow a card when edited."""
    beside: list[tuple[Path, str]] = [
        ((*path, "why"), question.why),
        ((*path, "hint"), question.hint),
        ((*path, "source"), question.source) if question.source else (("deck", "source"), loaded.lesson.deck.source),
        ((*path[:2], "prompt"), section.prompt if section else ""),
    ]
    for place, value in beside:
        # A backslash before a brace or a colon does not come out of Markdown.
        if "{" in value and (found := cloze.START.search(value.replace("\\", ""))):
            advice = f"write '{{{{ {found[0][2:]}'"
            text = f"Anki looks for deletions in all texts of a cloze, and would ask for this one: {advice}"
            yield loaded.problem(place, text, Code.CLOZE_MISPLACED, needle=found[0])


def _check_question(loaded: Loaded, path: Path, question: Question, section: Section | None) -> Iterator[Problem]:
    for key in ("question", "answer"):
        value = getattr(question, key)
        if value and not (isinstance(value, str) and value.isspace()):
            yield from _check_deletions(loaded, (*path, key), value)
        elif loaded.source.has((*path, key)):
            yield from _empty(loaded, (*path, key))
        elif path not in loaded.mistyped:  # a mistyped key may be the one that is missing
            of = "question" if section else "flashcard"
            yield loaded.problem(path, f"'{key}' is missing from this {of}", Code.MISSING_KEY)
    if section and section.choices:
        yield from _check_choice(loaded, path, question, section)
    elif question.answer and not isinstance(question.answer, str) and path[:2] not in loaded.mistyped:
        text = (
            "a list of answers goes with 'choices', and there are none here: a text that begins with '[' needs quotes,"
            " and one with a list in it is written below 'answer: |'"
        )
        if loaded.kept((*path[:2], "choices")):
            yield loaded.problem((*path, "answer"), text, Code.ANSWER_LIST)


def _check_deletions(loaded: Loaded, path: Path, value: str | tuple[str, ...]) -> Iterator[Problem]:
    if "{{c" in value and isinstance(value, str) and (found := cloze.outside_code(value)):
        text = f"'{found}' hides nothing here: a text with deletions stands under 'cloze'"
        yield loaded.problem(path, text, Code.CLOZE_MISPLACED, needle=found)


def _check_choice(loaded: Loaded, path: Path, question: Question, section: Section) -> Iterator[Problem]:
    if loaded.is_intact((*path[:2], "choices")) and loaded.is_intact((*path, "answer")):
        yield from _check_answer(loaded, (*path, "answer"), question.answer, section.choices)
    for key in ("reverse", "typed"):
        if getattr(question, key):
            text = f"a question with choices is answered by a tap: '{key}' does not go with 'choices'"
            yield loaded.problem((*path, key), text, Code.KEY_CONFLICT, key=True)


def _check_answer(
    loaded: Loaded, path: Path, answer: str | tuple[str, ...], choices: tuple[str, ...]
) -> Iterator[Problem]:
    several = not isinstance(answer, str)
    for number, one in enumerate([answer] if isinstance(answer, str) else answer):
        at: Path = (*path, number) if several else path
        if not one or one.isspace():
            if several:
                yield loaded.problem(at, "an answer is empty", Code.EMPTY_VALUE)
        elif one.strip() not in map(str.strip, choices) and choice_key(one) not in map(choice_key, choices):
            split = _split_choice(choices)
            if split is None or not one.startswith(choices[split]):  # that the choice is cut is said already
                yield loaded.problem(at, _unknown_answer(one, choices), Code.UNKNOWN_ANSWER)
    if not isinstance(answer, str):
        yield from _check_repeats(loaded, path, answer, Code.DUPLICATE_CHOICE)


def _unknown_answer(answer: str, choices: tuple[str, ...]) -> str:
    """Return what to say to an answer that is none of the choices."""
    alike = next((choice for choice in choices if _visible(choice) == _visible(answer)), None)
    if alike:
        odd = {char for char in answer + alike if not char.isprintable()}
        names = ", ".join(sorted(unicodedata.name(char, f"U+{ord(char):04X}") for char in odd))
        return f"'{answer}' and the choice '{alike}' differ in their spaces{f' ({names})' if names else ''}: copy the choice"
    near = nearest(answer, choices)
    advice = f"did you mean '{near}'?" if near else f"they are {', '.join(choices)}"
    return f"'{answer}' is none of this section's choices: {advice}"


def _visible(text: str) -> str:
    """Return what of a text can be seen."""
    return "".join(char for char in choice_key(text) if char.isprintable() and char != " ")


def _check_retired(loaded: Loaded, notes: dict[str, Path]) -> Iterator[Problem]:
    yield from _check_repeats(loaded, ("retired",), loaded.lesson.retired, Code.DUPLICATE_ID)
    for number, retired in enumerate(loaded.lesson.retired):
        if retired in notes and loaded.is_intact(("retired", number)):
            where = _where(loaded, (*notes[retired], "id"))
            text = f"'{retired}' is retired and in use ({where}): give the note there another id"
            yield loaded.problem(("retired", number), text, Code.RETIRED_IN_USE)


def _check_repeats(loaded: Loaded, path: Path, members: tuple[str, ...], code: Code) -> Iterator[Problem]:
    """Yield a problem for each text that stands in a list a second time."""
    first: dict[str, Path] = {}
    for number, member in enumerate(members):
        place: Path = (*path, number)
        if loaded.is_intact(place) and first.setdefault(choice_key(member), place) is not place:
            where = _where(loaded, first[choice_key(member)])
            yield loaded.problem(place, f"'{member}' stands here twice, first at {where}", code)


def _empty(loaded: Loaded, path: Path) -> Iterator[Problem]:
    """Yield a problem for an empty text, which may be one that the author meant to be none."""
    if loaded.kept(path):
        line, column, _ = loaded.source.place(path)
        _, _, excerpt = place = loaded.source.place(path, key=True)
        ends = line == place[0] and excerpt[column - 1 :].lstrip().startswith("#")
        advice = ": what follows '#' is a comment, so a text with it needs quotes" if ends else ""
        yield loaded.problem(path, f"'{path[-1]}' is empty{advice}", Code.EMPTY_VALUE, key=True)


def _twice(loaded: Loaded, path: Path, first: Path) -> Problem:
    text = f"this id stands here twice, first at {_where(loaded, first)}: each note and section is known by an id of its own"
    return loaded.problem(path, text, Code.DUPLICATE_ID)


def _where(loaded: Loaded, path: Path, *, key: bool = False) -> str:
    """Return line and column of what stands at `path`, for a message."""
    line, column, _ = loaded.source.place(path, key=key)
    return f"{line}:{column}"
