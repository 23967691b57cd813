"""The shape of `cards.yaml`, as types: they validate the data, and print the JSON Schema that editors read.

What there is to know of a key stands beside it, in `AboutKey`; `keys` derives every list of keys from here.
"""

import dataclasses
import json
import sys
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.schema.identifiers import ID_RULE
from gen2anki.schema.values import (
    Boolean,
    DeckId,
    FilledText,
    Id,
    Language,
    MacroTexts,
    Minutes,
    ShownAnswers,
    Tag,
    Text,
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AboutKey:
    """What the rest of the program needs to know of a key, beside the type of its value.

    `member` is what messages call a member of its list; `elsewhere` is what other programs call the key; `too_few` is
    wrong with a list that is too short; `not_beside` are the keys that can't stand in the same question. `alone` is the key
    of its records whose value may stand for the whole record.
    """

    member: str = "member"
    elsewhere: tuple[str, ...] = ()
    too_few: Finding | None = None
    not_beside: tuple[str, ...] = ()
    alone: str = ""


_ID_SENTENCE: Final = f"{ID_RULE[0].upper()}{ID_RULE[1:]}."
# Dataclasses with slots: a hundred thousand questions are held at once.
_CONFIG: Final = ConfigDict(extra="forbid", defer_build=True)


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Deck:
    """What the whole deck is and is called."""

    id: DeckId = Field(
        description=f"The deck's identity, for ever: every card's review history grows from it. {_ID_SENTENCE}",
        examples=["what-is-generative"],
    )
    name: Annotated[FilledText, AboutKey(elsewhere=("title",))] = Field(
        description="The deck's name in Anki; '::' nests decks.",
        examples=["Generative Models::What a generative model is"],
    )
    description: Text = Field(default="", description="Markdown, shown on the deck's page in Anki.")
    language: Language = Field(
        default="en", description="The language of the lesson, a BCP 47 tag.", examples=["en", "pt-BR"]
    )
    flashcards: Text = Field(
        default="",
        description="The name of the flashcards' deck and their heading; by default the word for flashcards in the language of "
        "the lesson.",
        examples=["Flashcards"],
    )
    tags: Annotated[tuple[Tag, ...], AboutKey(member="tag")] = Field(
        default=(), description="Tags on every note, without spaces; '::' nests.", examples=[["generative-models"]]
    )
    source: Text = Field(default="", description="A link or citation (Markdown), shown small on every answer.")
    html: Boolean = Field(
        default=False, description="true: raw HTML in texts passes through; false: it is shown as typed."
    )
    macros: MacroTexts = Field(
        default_factory=dict,
        description="LaTeX commands of this lesson: the text of each, with its arguments as #1 to #9.",
        examples=[{r"\R": r"\mathbb{R}", r"\E": r"\operatorname{E}\left[#1\right]"}],
    )


_FEW_CHOICES: Final = Finding("'choices' needs at least two to choose from", Code.FEW_CHOICES)
# The keys that a question must have: all of the first, or the second.
FORMS: Final = (("question", "answer"), ("cloze",))
_ONE_OF: Final[dict[str, Any]] = {"oneOf": [{"required": list(form)} for form in FORMS]}


@dataclass(
    frozen=True,
    slots=True,
    kw_only=True,
    config=ConfigDict(extra="forbid", defer_build=True, json_schema_extra=_ONE_OF),
)
class Question:
    """A flashcard or a practice question: a question with its answer, or a text with deletions. It becomes one note."""

    id: Id = Field(
        description=f"The note's identity, for ever, unique in the file: a learner's reviews hang on it. {_ID_SENTENCE}",
        examples=["generative-vs-discriminative"],
    )
    question: Annotated[Text, AboutKey(elsewhere=("front",), not_beside=("cloze",))] = Field(
        default="", description="The front (Markdown, $…$ math)."
    )
    answer: Annotated[
        Text | tuple[Text, ...], AboutKey(member="answer", elsewhere=("back",), not_beside=("cloze",))
    ] = Field(
        default="",
        description="The back (Markdown, $…$ math). With choices: one of them as it stands there, or a list of them. If it is "
        "typed, a list of answers, each of which is right.",
    )
    choices: Annotated[
        tuple[FilledText, ...],
        AboutKey(member="choice", elsewhere=("options",), too_few=_FEW_CHOICES, not_beside=("cloze",)),
    ] = Field(
        default=(),
        min_length=2,
        description="The answers to choose from, for this question alone; a section's own are for all its questions.",
        examples=[["Paris", "Rome"]],
    )
    cloze: Annotated[Text, AboutKey(elsewhere=("text",))] = Field(
        default="",
        description="Instead of question and answer: a text with deletions, {{c1::hidden}} or {{c1::hidden::hint}}.",
        examples=["The {{c1::ELBO}} is a lower bound on {{c2::$\\log p(x)$}}."],
    )
    why: Annotated[Text, AboutKey(elsewhere=("explanation", "comment"))] = Field(
        default="", description="An explanation (Markdown), shown under the answer."
    )
    hint: Text = Field(default="", description="A hint (Markdown), hidden until tapped.")
    tags: Annotated[tuple[Tag, ...], AboutKey(member="tag")] = Field(
        default=(), description="Tags on this note, without spaces; '::' nests."
    )
    reverse: Annotated[Boolean, AboutKey(not_beside=("cloze", "choices"))] = Field(
        default=False, description="true: also ask answer -> question, on a card of its own."
    )
    typed: Annotated[Boolean, AboutKey(not_beside=("cloze", "choices"))] = Field(
        default=False, description="true: the learner types the answer and Anki compares."
    )
    source: Text = Field(default="", description="A link or citation (Markdown) for this note, instead of the deck's.")


_NO_QUESTIONS: Final = Finding("'questions' is empty: a section needs at least one", Code.NO_QUESTIONS)


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Section:
    """A set of practice questions: a deck of its own."""

    id: Id = Field(
        description=f"The section's identity, unique among sections. {_ID_SENTENCE}", examples=["short-questions"]
    )
    title: Annotated[FilledText, AboutKey(elsewhere=("name",))] = Field(
        description="The section's heading and the name of its deck.", examples=["Practice"]
    )
    intro: Text = Field(default="", description="Markdown, shown on the section's deck in Anki.")
    prompt: Text = Field(
        default="", description="One line above every question of the section.", examples=["Which paradigm is it?"]
    )
    minutes: Minutes | None = Field(default=None, description="About how long the section takes.", examples=[8])
    choices: Annotated[
        tuple[FilledText, ...], AboutKey(member="choice", elsewhere=("options",), too_few=_FEW_CHOICES)
    ] = Field(
        default=(),
        min_length=2,
        description="The answers to choose from, for every question of the section.",
        examples=[["Autoregressive", "Latent-variable", "Diffusion"]],
    )
    answers: ShownAnswers = Field(
        default="each",
        description="On the study page, each: every question shows its own answer; together: the section shows all of "
        "them at once, when the learner has tried each.",
    )
    questions: Annotated[tuple[Question, ...], AboutKey(member="question", too_few=_NO_QUESTIONS)] = Field(
        min_length=1, description="The questions, in the order they are asked."
    )


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Retired:
    """A note that was published and is withdrawn."""

    id: Id = Field(description="The id of the note that is withdrawn.", examples=["likelihood-free"])
    why: Text = Field(default="", description="Why (Markdown), for those who have the note.")
    see: Id = Field(default="", description="The id of the note that takes its place.", examples=["elbo"])


def _or_id(schema: dict[str, Any]) -> None:
    """Let an id alone stand for a record in the JSON Schema of `retired`."""
    id = TypeAdapter(Id).json_schema()
    schema["items"] = {"anyOf": [id, schema["items"]]}


@dataclass(
    frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid", defer_build=True, title="gen2anki lesson")
)
class Lesson:
    """A lesson: its deck, flashcards and practice questions."""

    deck: Deck = Field(description="What the whole deck is and is called.")
    flashcards: Annotated[tuple[Question, ...], AboutKey(member="flashcard", elsewhere=("cards",))] = Field(
        default=(), description="The flashcards, in the order they are learnt."
    )
    practice: Annotated[tuple[Section, ...], AboutKey(member="section", elsewhere=("sections",))] = Field(
        default=(), description="The sections of practice questions, in order."
    )
    retired: Annotated[tuple[Retired, ...], AboutKey(member="retired id", alone="id")] = Field(
        default=(),
        description="Ids of notes that were published and are withdrawn; none may be used again. In place of an id, a mapping "
        "may say why, and which note to see.",
        examples=[["likelihood-free"]],
        json_schema_extra=_or_id,
    )


_LESSON: Final = TypeAdapter(Lesson)
# Takes plain data; raises pydantic's ValidationError, which names everything that is wrong with the shape.
lesson_of: Final = _LESSON.validate_python


def schema() -> str:
    """Return the JSON Schema of `cards.yaml`, as it ships in `cards.schema.json`."""
    from gen2anki.schema.for_editors import for_editors

    return json.dumps(for_editors(_LESSON.json_schema()), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":  # `make schema` prints the file anew
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(schema())
