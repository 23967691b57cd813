"""The shape of `cards.yaml`, as types: they validate the data, and print the JSON Schema that editors read.

Everything arrives as text (`source` keeps each scalar as typed); the types here decide what it becomes.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, WithJsonSchema
from pydantic.dataclasses import dataclass

from gen2anki.schema import identifiers


def _boolean(value: Any) -> Any:
    # The words of YAML 1.2, so that an editor's reading of the file is ours.
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


# An editor's YAML parser reads `012` as a number and `yes` or `true` as a boolean; here they are texts.
_TYPED = {"type": ["string", "number", "boolean"]}

Text = Annotated[str, WithJsonSchema(_TYPED)]
FilledText = Annotated[str, StringConstraints(pattern=r"\S"), WithJsonSchema(_TYPED | {"pattern": r"\S"})]
Id = Annotated[
    str,
    StringConstraints(pattern=f"^{identifiers.ID.pattern}$"),
    WithJsonSchema(_TYPED | {"pattern": f"^{identifiers.ID.pattern}$"}),
]
Tag = Annotated[
    str,
    StringConstraints(pattern=r'^[^\s"\x00-\x1f]+$'),
    WithJsonSchema(_TYPED | {"pattern": r'^[^\s"]+$'}),
]
Boolean = Annotated[bool, BeforeValidator(_boolean), Field(strict=True)]
Minutes = Annotated[int, BeforeValidator(_number), Field(strict=True, ge=1)]


# Dataclasses with slots: a hundred thousand questions are held at once.
_CONFIG: Final = ConfigDict(extra="forbid", defer_build=True)


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Deck:
    """What the whole deck is and is called."""

    id: Id = Field(
        description="The deck's identity, for ever: every card's review history grows from it. "
        f"{identifiers.ID_RULE[0].upper()}{identifiers.ID_RULE[1:]}.",
        examples=["what-is-generative"],
    )
    name: FilledText = Field(
        description="The deck's name in Anki; '::' nests decks.",
        examples=["Generative Models::What a generative model is"],
    )
    description: Text = Field(default="", description="Markdown, shown on the deck's page in Anki.")
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] = Field(
        default="en", description="The language of the lesson, a BCP 47 tag.", examples=["en", "pt-BR"]
    )
    tags: tuple[Tag, ...] = Field(
        default=(), description="Tags on every note, without spaces; '::' nests.", examples=[["generative-models"]]
    )
    source: Text = Field(default="", description="A link or citation (Markdown), shown small on every answer.")
    html: Boolean = Field(
        default=False, description="true: raw HTML in texts passes through; false: it is shown as typed."
    )
    macros: Mapping[str, Text] = Field(
        default_factory=dict,
        description="LaTeX commands of this lesson: the text of each, with its arguments as #1 to #9.",
        examples=[{r"\R": r"\mathbb{R}", r"\E": r"\operatorname{E}\left[#1\right]"}],
    )


# A question is one of two things; the message for one that is neither comes from `rules`.
_ONE_OF: Final[dict[str, Any]] = {"oneOf": [{"required": ["question", "answer"]}, {"required": ["cloze"]}]}


@dataclass(
    frozen=True,
    slots=True,
    kw_only=True,
    config=ConfigDict(extra="forbid", defer_build=True, json_schema_extra=_ONE_OF),
)
class Question:
    """One note: a question with its answer, or a text with deletions."""

    id: Id = Field(
        description="The note's identity, for ever, unique in the file: a learner's reviews hang on it. "
        f"{identifiers.ID_RULE[0].upper()}{identifiers.ID_RULE[1:]}.",
        examples=["generative-vs-discriminative"],
    )
    question: Text = Field(default="", description="The front (Markdown, $…$ math).")
    answer: Text | tuple[Text, ...] = Field(
        default="",
        description="The back (Markdown, $…$ math). In a section with choices: one of them as it stands there, or a "
        "list of them.",
    )
    cloze: Text = Field(
        default="",
        description="Instead of question and answer: a text with deletions, {{c1::hidden}} or {{c1::hidden::hint}}.",
        examples=["The {{c1::ELBO}} is a lower bound on {{c2::$\\log p(x)$}}."],
    )
    why: Text = Field(default="", description="An explanation (Markdown), shown under the answer.")
    hint: Text = Field(default="", description="A hint (Markdown), hidden until tapped.")
    tags: tuple[Tag, ...] = Field(default=(), description="Tags on this note, without spaces; '::' nests.")
    reverse: Boolean = Field(default=False, description="true: also ask answer -> question, on a card of its own.")
    typed: Boolean = Field(default=False, description="true: the learner types the answer and Anki compares.")
    source: Text = Field(default="", description="A link or citation (Markdown) for this note, instead of the deck's.")


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Section:
    """A set of practice questions: a deck of its own."""

    id: Id = Field(
        description=f"The section's identity, unique among sections. {identifiers.ID_RULE[0].upper()}{identifiers.ID_RULE[1:]}.",
        examples=["short-questions"],
    )
    title: FilledText = Field(description="The section's heading and the name of its deck.", examples=["Practice"])
    intro: Text = Field(default="", description="Markdown, shown on the section's deck in Anki.")
    prompt: Text = Field(
        default="", description="One line above every question of the section.", examples=["Which paradigm is it?"]
    )
    minutes: Minutes | None = Field(default=None, description="About how long the section takes.", examples=[8])
    choices: tuple[FilledText, ...] = Field(
        default=(),
        min_length=2,
        description="The answers to choose from, for every question of the section.",
        examples=[["Autoregressive", "Latent-variable", "Diffusion"]],
    )
    questions: tuple[Question, ...] = Field(min_length=1, description="The questions, in the order they are asked.")


@dataclass(
    frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid", defer_build=True, title="gen2anki lesson")
)
class Lesson:
    """A lesson: its deck, flashcards and practice questions."""

    deck: Deck = Field(description="What the whole deck is and is called.")
    flashcards: tuple[Question, ...] = Field(default=(), description="The flashcards, in the order they are learnt.")
    practice: tuple[Section, ...] = Field(default=(), description="The sections of practice questions, in order.")
    retired: tuple[Id, ...] = Field(
        default=(), description="Ids of notes that were published and are withdrawn; none may be used again."
    )


_LESSON: Final = TypeAdapter(Lesson)
# Takes plain data; raises pydantic's ValidationError with all faults of the shape.
lesson_of: Final = _LESSON.validate_python


def keys(part: type) -> tuple[str, ...]:
    """Return the keys of one of the types above, in their order."""
    return tuple(field.name for field in fields(part))


def schema() -> str:
    """Return the JSON Schema of `cards.yaml`, as it ships in `cards.schema.json`."""
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | _LESSON.json_schema()
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
