"""What the shape of a lesson does not say: rules between keys, and between notes."""

from collections.abc import Iterator

from gen2anki.load import Loaded
from gen2anki.model import Question, Section
from gen2anki.note import FLASHCARDS, deck_part
from gen2anki.problem import Problem, nearest
from gen2anki.source import Path

# Anki keeps these for itself and drops them on import.
_RESERVED_TAGS = frozenset({"marked", "leech"})


def questions(loaded: Loaded) -> Iterator[tuple[Path, Question, Section | None]]:
    """Yield each note's path, itself and its section (None for a flashcard), in source order."""
    for number, flashcard in enumerate(loaded.lesson.flashcards):
        yield ("flashcards", number), flashcard, None
    for place, section in enumerate(loaded.lesson.practice):
        for number, question in enumerate(section.questions):
            yield ("practice", place, "questions", number), question, section


def check(loaded: Loaded) -> Iterator[Problem]:
    """Yield every problem of a lesson whose shape is right."""
    yield from _check_deck(loaded)
    yield from _check_sections(loaded)
    yield from _check_tags(loaded)
    first: dict[str, Path] = {}
    for path, question, section in questions(loaded):
        if first.setdefault(question.id, path) is not path and loaded.sound((*path, "id")):
            yield _twice(loaded, (*path, "id"), (*first[question.id], "id"))
        if loaded.mended and not loaded.sound(path):
            continue
        if question.cloze or not question.question and loaded.source.has((*path, "cloze")):
            yield from _check_cloze(loaded, path, question, section)
        else:
            yield from _check_question(loaded, path, question, section)
    yield from _check_retired(loaded, first)


def _check_deck(loaded: Loaded) -> Iterator[Problem]:
    lesson = loaded.lesson
    if loaded.sound(("deck", "name")) and not all(map(deck_part, lesson.deck.name.split("::"))):
        text = f"the deck name '{lesson.deck.name}' has an empty part between its '::'"
        yield loaded.problem(("deck", "name"), text, "deck-name")
    if not lesson.flashcards and not lesson.practice and loaded.sound(("flashcards",)) and loaded.sound(("practice",)):
        yield loaded.problem((), "the lesson has neither 'flashcards' nor 'practice'", "no-notes")


def _check_sections(loaded: Loaded) -> Iterator[Problem]:
    ids: dict[str, Path] = {}
    titles: dict[str, Path] = {}
    if loaded.lesson.flashcards:
        titles[FLASHCARDS.casefold()] = ("flashcards",)
    for number, section in enumerate(loaded.lesson.practice):
        path: Path = ("practice", number)
        if ids.setdefault(section.id, path) is not path and loaded.sound((*path, "id")):
            yield _twice(loaded, (*path, "id"), (*ids[section.id], "id"))
        if loaded.sound((*path, "title")):
            yield from _check_title(loaded, path, section.title, titles)
        if len(set(section.choices)) < len(section.choices) and loaded.sound((*path, "choices")):
            for place, choice in enumerate(section.choices):
                if choice in section.choices[:place]:
                    text = f"the choice '{choice}' stands here twice"
                    yield loaded.problem((*path, "choices", place), text, "duplicate-choice")


def _check_title(loaded: Loaded, path: Path, title: str, titles: dict[str, Path]) -> Iterator[Problem]:
    part = deck_part(title)
    if "::" in title or not part:
        text = "a section's title names one deck: it can't have '::' in it, or only quotes"
        yield loaded.problem((*path, "title"), text, "title")
    elif titles.setdefault(part.casefold(), path) is not path:
        line, column, _ = loaded.source.place(titles[part.casefold()])
        text = f"a deck of this name is there already ({line}:{column}): Anki takes '{title}' for the same one"
        yield loaded.problem((*path, "title"), text, "duplicate-title")


def _check_tags(loaded: Loaded) -> Iterator[Problem]:
    good: set[str] = set()
    places = [(("deck",), loaded.lesson.deck.tags), *((path, item.tags) for path, item, _ in questions(loaded))]
    for path, tags in places:
        for number, tag in enumerate(tags):
            if tag in good:
                continue
            if tag.lower() in _RESERVED_TAGS:
                yield loaded.problem((*path, "tags", number), f"'{tag}' is a tag that Anki keeps for itself", "tag-name")
            elif not all(tag.split("::")):
                yield loaded.problem((*path, "tags", number), f"the tag '{tag}' has an empty part", "tag-name")
            else:
                good.add(tag)


def _check_cloze(loaded: Loaded, path: Path, question: Question, section: Section | None) -> Iterator[Problem]:
    if not question.cloze.strip():
        yield loaded.problem((*path, "cloze"), "'cloze' is empty", "empty-text", key=True)
    for key in ("question", "answer", "reverse", "typed"):
        if getattr(question, key):
            text = f"a note is either 'cloze' or 'question' with 'answer': '{key}' does not go with 'cloze'"
            yield loaded.problem((*path, key), text, "key-conflict", key=True)
    if section and section.choices:
        text = "this section has 'choices', and a 'cloze' has none"
        yield loaded.problem((*path, "cloze"), text, "key-conflict", key=True)


def _check_question(loaded: Loaded, path: Path, question: Question, section: Section | None) -> Iterator[Problem]:
    for key in ("question", "answer"):
        value = getattr(question, key)
        if value and not (isinstance(value, str) and value.isspace()):
            continue
        if not loaded.source.has((*path, key)):
            of = "question" if section else "flashcard"
            yield loaded.problem(path, f"'{key}' is missing from this {of}", "missing-key")
        else:
            yield loaded.problem((*path, key), f"'{key}' is empty", "empty-text", key=True)
    choices = section.choices if section else ()
    if choices:
        if section and loaded.mended and any(place[-2:-1] == ("choices",) for place in loaded.mended):
            return
        yield from _check_answer(loaded, (*path, "answer"), question.answer, choices)
        for key in ("reverse", "typed"):
            if getattr(question, key):
                text = f"a question with choices is answered by a tap: '{key}' does not go with 'choices'"
                yield loaded.problem((*path, key), text, "key-conflict", key=True)
    elif not isinstance(question.answer, str):
        text = "a list of answers goes with 'choices', and there are none here"
        yield loaded.problem((*path, "answer"), text, "answer-list")


def _check_answer(
    loaded: Loaded, path: Path, answer: str | tuple[str, ...], choices: tuple[str, ...]
) -> Iterator[Problem]:
    several = not isinstance(answer, str)
    for number, one in enumerate([answer] if isinstance(answer, str) else answer):
        at = (*path, number) if several else path
        if one.strip() and one.strip() not in map(str.strip, choices):
            near = nearest(one, choices)
            advice = f"did you mean '{near}'?" if near else f"they are {', '.join(choices)}"
            yield loaded.problem(at, f"'{one}' is none of this section's choices: {advice}", "unknown-answer")
        elif several and one in answer[:number]:
            yield loaded.problem(at, f"the answer '{one}' stands here twice", "duplicate-choice")


def _check_retired(loaded: Loaded, notes: dict[str, Path]) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for number, retired in enumerate(loaded.lesson.retired):
        path: Path = ("retired", number)
        if not loaded.sound(path):
            continue
        if first.setdefault(retired, path) is not path:
            yield _twice(loaded, path, first[retired])
        if retired in notes and loaded.sound((*notes[retired], "id")):
            line, column, _ = loaded.source.place((*notes[retired], "id"))
            text = f"'{retired}' is retired and in use ({line}:{column}): give the note there another id"
            yield loaded.problem(path, text, "retired-in-use")


def _twice(loaded: Loaded, path: Path, first: Path) -> Problem:
    value = loaded.source.place(first)
    text = f"this id stands here twice, first at {value[0]}:{value[1]}: a note is known by its id, so each needs its own"
    return loaded.problem(path, text, "duplicate-id")
