"""The types of single values, each with what a message says of a wrong one.

Everything arrives as text (`source` keeps each scalar as typed); the types here decide what it becomes.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.schema import identifiers

# Stands in for a required text that is wrong or missing, so that the rest of the file is still checked. No author would
# choose it as an id: an id in use would be mistaken for the note that has it.
NO_ID: Final = "." * identifiers.MAX_LENGTH
# How much of a wrong text a message repeats.
_MAX_SHOWN: Final = 40


def shortened(text: str) -> str:
    """Return a text, cut where it is too long for a message."""
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutValue:
    """What the rest of the program needs to know of a type of value.

    `must_be` completes "must be …", with the problem code `code`; `if_empty` is the advice for an empty one; `mismatch`
    explains a text that does not match the type's pattern. `is_words` is true of values that never contain a '#',
    `is_mapping` of those that map names of the author's own to texts; `stand_in` takes the place of a required value
    that is wrong.
    """

    must_be: str = "a text"
    code: Code = Code.WRONG_TYPE
    if_empty: str = ""
    mismatch: Callable[[str], Finding] | None = None
    is_words: bool = False
    is_id: bool = False
    is_mapping: bool = False
    stand_in: str = NO_ID


# An editor's YAML parser reads `012` as a number and `yes` or `true` as a boolean; here they are texts.
_TYPED: Final = {"type": ["string", "number", "boolean"]}

Text = Annotated[str, WithJsonSchema(_TYPED), AboutValue()]
FilledText = Annotated[str, StringConstraints(pattern=r"\S"), WithJsonSchema(_TYPED | {"pattern": r"\S"}), AboutValue()]


def _id_mismatch(value: str) -> Finding:
    if "__" in value and identifiers.ID.fullmatch(value):
        text = f"a deck's id has no two '_' in a row, which join it to a note's: write '{re.sub('_+', '_', value)}'"
        return Finding(text, Code.BAD_ID)
    if len(value) > identifiers.MAX_LENGTH and identifiers.ID.fullmatch(value[: identifiers.MAX_LENGTH]):
        return Finding(f"this id has {len(value)} characters: an id has at most {identifiers.MAX_LENGTH}", Code.BAD_ID)
    ascii_only = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    advice = re.sub(r"[^a-z0-9._-]+", "-", ascii_only).strip("-")[: identifiers.MAX_LENGTH]
    if not any(map(str.isalnum, advice)):
        advice = "-".join(identifiers.words(value))[: identifiers.MAX_LENGTH].strip("-")
    rule = f"an id is made of {identifiers.ID_RULE}"
    return Finding(f"{rule}: write '{advice}'" if advice else rule, Code.BAD_ID)


_ID_PATTERN: Final = f"^{identifiers.ID.pattern}$"
Id = Annotated[
    str,
    StringConstraints(pattern=_ID_PATTERN),
    WithJsonSchema(_TYPED | {"pattern": _ID_PATTERN}),
    AboutValue(mismatch=_id_mismatch, is_words=True, is_id=True),
]


def _without_double_line(value: str) -> str:
    if "__" in value:
        raise PydanticCustomError("string_pattern_mismatch", "two low lines in a row")
    return value


# With two low lines in a row, the deck `a` with a note `b__c` would have the guid of the deck `a__b` with a note `c`.
_DECK_ID_PATTERN: Final = f"^(?!.*__){identifiers.ID.pattern}$"
DeckId = Annotated[
    str,
    StringConstraints(pattern=_ID_PATTERN),
    AfterValidator(_without_double_line),
    WithJsonSchema(_TYPED | {"pattern": _DECK_ID_PATTERN}),
    AboutValue(mismatch=_id_mismatch, is_words=True, is_id=True),
]


def _tag_mismatch(value: str) -> Finding:
    advice = re.sub(r'["\s]+', "-", value).strip("-")
    return Finding(f"a tag can't contain spaces or quotes: write '{advice}', or nest tags with '::'", Code.BAD_TAG)


Tag = Annotated[
    str,
    StringConstraints(pattern=r'^[^\s"\x00-\x1f]+$'),
    WithJsonSchema(_TYPED | {"pattern": r'^[^\s"]+$'}),
    AboutValue(mismatch=_tag_mismatch, is_words=True),
]


def _language_mismatch(value: str) -> Finding:
    return Finding(f"'{shortened(value)}' is not a language tag such as en, de or pt-BR", Code.BAD_LANGUAGE)


Language = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"),
    AboutValue(mismatch=_language_mismatch, is_words=True, stand_in="en"),
]


def _boolean(value: Any) -> Any:
    # The words of YAML 1.2: an editor reads the file as we do.
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


Boolean = Annotated[
    bool,
    BeforeValidator(_boolean),
    Field(strict=True),
    AboutValue(
        must_be="true or false",
        if_empty=": write true or false, or delete the key",
        is_words=True,
        stand_in="false",
    ),
]


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


Minutes = Annotated[
    int,
    BeforeValidator(_number),
    Field(strict=True, ge=1),
    AboutValue(must_be="a whole number, 1 or more", code=Code.BAD_MINUTES, is_words=True, stand_in="1"),
]

ShownAnswers = Annotated[
    Literal["each", "together"], AboutValue(must_be="'each' or 'together'", is_words=True, stand_in="each")
]


MacroTexts = Annotated[
    Mapping[str, Text],
    AboutValue(
        must_be="a mapping of commands to their texts, such as {'\\R': '\\mathbb{R}'}",
        is_mapping=True,
    ),
]
