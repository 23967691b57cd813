"""The rules that the shape of a lesson does not express: between keys, and between notes."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from gen2anki.anki.names import choice_key, deck_key, deck_part
from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.problem import Path, Problem
from gen2anki.diagnostics.suggestion import nearest
from gen2anki.lesson.load import Loaded
from gen2anki.math.macros import Macros
from gen2anki.schema.keys import key_at, keys_of
from gen2anki.schema.model import FORMS, Question, Section
from gen2anki.text import cloze

# An import makes no more than ten parents for a new deck.
MAX_PARTS: Final = 11
# Keys of a question that do not go with its `cloze`, and with the `choices` of its section.
_NOT_BESIDE_CLOZE, _NOT_BESIDE_CHOICES = (
    tuple(key.name for key in keys_of(Question).values() if other in key.about.not_beside)
    for other in ("cloze", "choices")
)
# The texts that may stand beside a `cloze`.
_BESIDE_CLOZE: Final = tuple(
    key.name
    for key in keys_of(Question).values()
    if key.is_text and not key.is_list and key.name not in {"cloze", *_NOT_BESIDE_CLOZE}
)


def check(loaded: Loaded) -> Iterator[Problem]:
    """Yield every problem of a lesson beyond its shape."""
    yield from _check_deck(loaded)
    if loaded.lesson.deck.macros:
        yield from _check_macros(loaded)
    yield from _check_sections(loaded)
    first: dict[str, Path] = {}
    repairs = loaded.repairs
    is_repaired = bool(repairs)
    for path, question, section in loaded.questions():
        if is_repaired and not repairs.is_kept(path):
            continue
        if (not is_repaired or repairs.is_intact((*path, "id"))) and first.setdefault(question.id, path) is not path:
            yield _duplicate_id(loaded, (*path, "id"), (*first[question.id], "id"))
        if question.cloze or (not question.question and loaded.places.has((*path, "cloze"))):
            yield from _check_cloze(loaded, path, question, section)
        elif section or question.choices or not _is_plain(question):
            yield from _check_question(loaded, path, question, section)
    yield from _check_retired(loaded, first)


def _is_plain(question: Question) -> bool:
    """Return True if a flashcard is as most are: a question and one answer, and there is nothing else to check."""
    answer = question.answer
    asked = question.question and not question.question.isspace()
    filled = asked and answer and isinstance(answer, str) and not answer.isspace()
    return bool(filled and "{{c" not in question.question and "{{c" not in answer)


def _check_deck(loaded: Loaded) -> Iterator[Problem]:
    lesson = loaded.lesson
    parts = lesson.deck.name.split("::")
    if loaded.repairs.is_intact(("deck", "name")) and not all(map(deck_part, parts)):
        text = f"the deck name '{lesson.deck.name}' has an empty part between its '::'"
        yield loaded.problem(("deck", "name"), text, Code.BAD_DECK_NAME)
    elif len(parts) > MAX_PARTS:
        text = f"the deck name has {len(parts)} parts, and Anki imports at most {MAX_PARTS}: delete some '::'"
        yield loaded.problem(("deck", "name"), text, Code.BAD_DECK_NAME)
    if not lesson.flashcards and not lesson.practice and not loaded.repairs.may_hide_notes():
        yield loaded.problem((), "the lesson has neither 'flashcards' nor 'practice'", Code.NO_NOTES)


def _check_macros(loaded: Loaded) -> Iterator[Problem]:
    for name, (text, code, where) in Macros(loaded.lesson.deck.macros).faults.items():
        path = ("deck", "macros", name)
        if loaded.repairs.is_intact(path):
            yield loaded.problem(path, text, code, needle=where, key=not where)


def _check_sections(loaded: Loaded) -> Iterator[Problem]:
    ids: dict[str, Path] = {}
    titles: dict[str, Path] = {}
    if loaded.lesson.flashcards:
        path: Path = ("deck", "flashcards") if loaded.lesson.deck.flashcards else ("flashcards",)
        yield from _check_title(loaded, path, loaded.flashcards_title, titles)
    for number, section in enumerate(loaded.lesson.practice):
        path = ("practice", number)
        if loaded.repairs.is_intact((*path, "id")) and ids.setdefault(section.id, path) is not path:
            yield _duplicate_id(loaded, (*path, "id"), (*ids[section.id], "id"))
        if loaded.repairs.is_intact((*path, "title")):
            yield from _check_title(loaded, (*path, "title"), section.title, titles)
        yield from _check_choices(loaded, (*path, "choices"), section.choices)


def _check_choices(loaded: Loaded, path: Path, choices: tuple[str, ...]) -> Iterator[Problem]:
    """Yield what is wrong with the choices of a section or of a question."""
    if loaded.repairs.is_intact(path):
        yield from _check_repeats(loaded, path, choices, Code.DUPLICATE_CHOICE)
        if (place := _split_choice(choices)) is not None:
            text = "a comma begins the next choice, even inside brackets: put this choice in quotes"
            yield loaded.problem((*path, place), text, Code.SPLIT_CHOICE)


def _split_choice(choices: tuple[str, ...]) -> int | None:
    """Return the number of the first choice that a comma has cut in two, if there is one."""
    split = (number for number, choice in enumerate(choices) if choice.count("(") > choice.count(")"))
    place = next(split, len(choices))
    return place if ")" in "".join(choices[place + 1 : place + 2]) else None


def _check_title(loaded: Loaded, place: Path, title: str, titles: dict[str, Path]) -> Iterator[Problem]:
    """Yield what is wrong with the name of a deck below the lesson's own; `titles` are those before it, with their places."""
    part = deck_part(title)
    if "::" in title or not part:
        what = "a section's title" if place[-1] == "title" else "this"
        text = f"{what} is the name of one deck: it can't contain '::' or consist of quotes"
        yield loaded.problem(place, text, Code.BAD_TITLE)
        return
    if titles.setdefault(deck_key(part), place) is not place:
        first = titles[deck_key(part)]
        where = _where(loaded, first, key=first == ("flashcards",))
        text = f"there is a deck of this name already ({where}): to Anki, '{title}' is the same"
        yield loaded.problem(place, text, Code.DUPLICATE_TITLE)


def _check_cloze(loaded: Loaded, path: Path, question: Question, section: Section | None) -> Iterator[Problem]:
    if not question.cloze:
        yield from _empty(loaded, (*path, "cloze"))
    for key in _NOT_BESIDE_CLOZE:
        if getattr(question, key):
            text = f"a note has either 'cloze' or 'question' and 'answer': '{key}' does not go with 'cloze'"
            yield loaded.problem((*path, key), text, Code.KEY_CONFLICT, key=True)
    if section and section.choices:
        text = "this section has 'choices', which do not go with 'cloze'"
        yield loaded.problem((*path, "cloze"), text, Code.KEY_CONFLICT, key=True)
    yield from _check_beside(loaded, path, question, section)


def _check_beside(loaded: Loaded, path: Path, question: Question, section: Section | None) -> Iterator[Problem]:
    """Yield a problem for a deletion in another text of a cloze note: even in code, an edit of the note makes it a card."""
    beside: list[tuple[Path, str]] = [((*path, key), getattr(question, key)) for key in _BESIDE_CLOZE]
    if not question.source:
        beside.append((("deck", "source"), loaded.lesson.deck.source))
    if section:
        beside.append(((*path[:2], "prompt"), section.prompt))
    for place, value in beside:
        # A backslash before a brace or a colon is not in the rendered text.
        if "{" in value and (found := cloze.START.search(value.replace("\\", ""))):
            advice = f"write '{{{{ {found[0][2:]}'"
            text = f"Anki looks for deletions in every text of a cloze note, and makes a card of this one: {advice}"
            yield loaded.problem(place, text, Code.CLOZE_MISPLACED, needle=found[0])


def _check_question(loaded: Loaded, path: Path, question: Question, section: Section | None) -> Iterator[Problem]:
    for key in FORMS[0]:
        value = getattr(question, key)
        if value and not (isinstance(value, str) and value.isspace()):
            yield from _check_deletions(loaded, (*path, key), value)
        elif loaded.places.has((*path, key)):
            yield from _empty(loaded, (*path, key))
        elif not loaded.repairs.has_unknown_key(path):  # that may be the missing one, misspelled
            of = "question" if section else "flashcard"
            yield loaded.problem(path, f"'{key}' is missing from this {of}", Code.MISSING_KEY)
    if question.choices:
        yield from _check_choices(loaded, (*path, "choices"), question.choices)
    if question.choices or (section and section.choices):
        yield from _check_choice(loaded, path, question, section)
    elif not isinstance(question.answer, str):
        yield from _check_answers(loaded, path, question.answer, is_typed=question.typed)


def _check_answers(loaded: Loaded, path: Path, answers: tuple[str, ...], *, is_typed: bool) -> Iterator[Problem]:
    """Yield what is wrong with a list of answers to a question without choices: only typed ones may be several."""
    if is_typed:
        for number, answer in enumerate(answers):
            if not answer or answer.isspace():
                yield loaded.problem((*path, "answer", number), "an answer is empty", Code.EMPTY_VALUE)
        yield from _check_repeats(loaded, (*path, "answer"), answers, Code.DUPLICATE_CHOICE)
    elif answers and not loaded.repairs.has_unknown_key(path) and not loaded.repairs.has_unknown_key(path[:2]):
        text = (
            "a list of answers needs 'choices', or 'typed: true', and there is neither: put a text that begins with '[' in"
            " quotes, and write a text that contains a list below 'answer: |'"
        )
        if loaded.repairs.is_kept((*path, "choices")) and loaded.repairs.is_kept((*path[:2], "choices")):
            yield loaded.problem((*path, "answer"), text, Code.ANSWER_LIST)


def _check_deletions(loaded: Loaded, path: Path, value: str | tuple[str, ...]) -> Iterator[Problem]:
    if "{{c" in value and isinstance(value, str) and (found := cloze.outside_code(value)):
        text = f"'{found}' hides nothing here: a text with deletions is written under 'cloze'"
        yield loaded.problem(path, text, Code.CLOZE_MISPLACED, needle=found)


def _check_choice(loaded: Loaded, path: Path, question: Question, section: Section | None) -> Iterator[Problem]:
    of_section = section.choices if section else ()
    owner, choices = (path, question.choices) if question.choices else (path[:2], of_section)
    if loaded.repairs.is_intact((*owner, "choices")) and loaded.repairs.is_intact((*path, "answer")):
        yield from _check_answer(loaded, (*path, "answer"), question.answer, choices)
    for key in _NOT_BESIDE_CHOICES:
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
            if split is None or not one.startswith(choices[split]):  # otherwise the cut choice is reported already
                yield loaded.problem(at, _unknown_answer(one, choices), Code.UNKNOWN_ANSWER)
    if not isinstance(answer, str):
        yield from _check_repeats(loaded, path, answer, Code.DUPLICATE_CHOICE)


def _unknown_answer(answer: str, choices: tuple[str, ...]) -> str:
    """Return the message for an answer that is not among the choices."""
    alike = next((choice for choice in choices if _visible(choice) == _visible(answer)), None)
    if alike:
        odd = {char for char in answer + alike if not char.isprintable()}
        names = ", ".join(sorted(unicodedata.name(char, f"U+{ord(char):04X}") for char in odd))
        return f"'{answer}' and the choice '{alike}' differ in their spaces{f' ({names})' if names else ''}: copy the choice"
    near = nearest(answer, choices)
    advice = f"did you mean '{near}'?" if near else f"they are {', '.join(choices)}"
    return f"'{answer}' is not one of the choices: {advice}"


def _visible(text: str) -> str:
    """Return a text without its spaces and invisible characters."""
    return "".join(char for char in choice_key(text) if char.isprintable() and char != " ")


def _check_retired(loaded: Loaded, notes: dict[str, Path]) -> Iterator[Problem]:
    ids = tuple(retired.id for retired in loaded.lesson.retired)
    yield from _check_repeats(loaded, ("retired",), ids, Code.DUPLICATE_ID, ("id",))
    for number, retired in enumerate(loaded.lesson.retired):
        path: Path = ("retired", number, "id")
        if retired.id in notes and loaded.repairs.is_intact(path):
            where = _where(loaded, (*notes[retired.id], "id"))
            text = f"'{retired.id}' is retired but in use ({where}): give the note there another id"
            yield loaded.problem(path, text, Code.RETIRED_IN_USE)
        path = ("retired", number, "see")
        is_told = loaded.repairs.is_intact(path) and not loaded.repairs.may_hide_ids(but="retired")
        if retired.see and retired.see not in notes and is_told:
            yield loaded.problem(path, _nothing_to_see(retired.see, ids, notes), Code.RETIRED_SEE)


def _nothing_to_see(id: str, retired: tuple[str, ...], notes: dict[str, Path]) -> str:
    """Return the message for a `see` that names no note of the lesson."""
    if id in retired:
        return f"'{id}' is withdrawn itself: name a note that the lesson has"
    near = nearest(id, tuple(notes))
    return f"no note has the id '{id}'" + (f": did you mean '{near}'?" if near else ": name one that the lesson has")


def _check_repeats(
    loaded: Loaded, path: Path, members: tuple[str, ...], code: Code, inside: Path = ()
) -> Iterator[Problem]:
    """Yield a problem for each member of a list that equals an earlier one; `inside` leads to it in the list's entry."""
    key = key_at(path)
    called = key.about.member if key else ""
    first: dict[str, Path] = {}
    for number, member in enumerate(members):
        place: Path = (*path, number, *inside)
        if loaded.repairs.is_intact(place) and first.setdefault(choice_key(member), place) is not place:
            where = _where(loaded, first[choice_key(member)])
            yield loaded.problem(place, f"duplicate {called} '{member}', first at {where}", code)


def _empty(loaded: Loaded, path: Path) -> Iterator[Problem]:
    """Yield a problem for an empty text, unless it is empty because it was replaced."""
    if loaded.repairs.is_kept(path):
        line, column, _ = loaded.places.place(path)
        _, _, excerpt = place = loaded.places.place(path, key=True)
        ends = line == place[0] and excerpt[column - 1 :].lstrip().startswith("#")
        advice = ": what follows '#' is a comment, so put a text that begins with it in quotes" if ends else ""
        yield loaded.problem(path, f"'{path[-1]}' is empty{advice}", Code.EMPTY_VALUE, key=True)


def _duplicate_id(loaded: Loaded, path: Path, first: Path) -> Problem:
    text = f"duplicate id, first used at {_where(loaded, first)}: each note, and each section, needs an id of its own"
    return loaded.problem(path, text, Code.DUPLICATE_ID)


def _where(loaded: Loaded, path: Path, *, key: bool = False) -> str:
    """Return line and column of what stands at `path`, for a message."""
    line, column, _ = loaded.places.place(path, key=key)
    return f"{line}:{column}"
