"""What the model says of its keys. Every list of keys in the program is derived here."""

from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from gen2anki.diagnostics.problem import Path
from gen2anki.schema.model import AboutKey, Lesson
from gen2anki.schema.values import AboutValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of a record. What it says of its value, it says of each member where the value is a list (`is_list`).

    `record` is the type of the record that the value is, or None where it is a single value. With `may_be_list`, the
    value may be a single one or a list.
    """

    name: str
    about: AboutKey
    value: AboutValue
    record: type | None
    is_list: bool
    may_be_list: bool
    is_required: bool

    @property
    def is_text(self) -> bool:
        """Return True if its value is a text that learners read, or a list of these."""
        return self.record is None and not self.value.is_words and not self.value.is_mapping

    @property
    def a_member(self) -> str:
        """Return what messages call a member of its list, with an article: "a choice"."""
        return f"{'an' if self.about.member[0] in 'aeiou' else 'a'} {self.about.member}"

    def stand_in(self) -> Any:
        """Return plain data that can take the place of its value: as little as is valid."""
        if self.is_list:
            return [self.member_stand_in()]
        return self.member_stand_in()

    def member_stand_in(self) -> Any:
        """Return plain data that can take the place of one member of its list."""
        if self.record is None:
            return self.value.stand_in
        return {key.name: key.stand_in() for key in keys_of(self.record).values() if key.is_required}


# What a message says of a value that should be a record.
_RECORD: Final = AboutValue(must_be="a mapping of keys to values")


@cache
def keys_of(record: Any) -> dict[str, Key]:
    """Return the keys of a record, one of the model's types, by name and in their order."""
    hints = get_type_hints(record, include_extras=True)
    fields: dict[str, FieldInfo] = record.__pydantic_fields__
    return {name: _key(name, hints[name], is_required=field.is_required()) for name, field in fields.items()}


def _key(name: str, hint: Any, *, is_required: bool) -> Key:
    kinds = list(_kinds(hint))
    _, kind, metadata = kinds[0]
    in_list = [is_member for is_member, _, _ in kinds]
    of_key = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    about = next((item for item in of_key if isinstance(item, AboutKey)), AboutKey())
    value = next((item for item in metadata if isinstance(item, AboutValue)), _RECORD)
    if about.alone:
        value = keys_of(kind)[about.alone].value
        value = replace(value, must_be=f"{value.must_be} or {_RECORD.must_be}")
    return Key(
        name=name,
        about=about,
        value=value,
        record=kind if is_dataclass(kind) else None,
        is_list=all(in_list),
        may_be_list=any(in_list) and not all(in_list),
        is_required=is_required,
    )


def _kinds(hint: Any, *, in_list: bool = False) -> Iterator[tuple[bool, type, tuple[Any, ...]]]:
    """Yield, for each type that a hint allows, whether it is a list's member, the type, and its annotations."""
    base, *metadata = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    if get_origin(base) is tuple:
        yield from _kinds(get_args(base)[0], in_list=True)
    elif get_origin(base) in {Union, UnionType}:
        for part in get_args(base):
            if part is not NoneType:
                yield from _kinds(part, in_list=in_list)
    else:
        yield in_list, base, tuple(metadata)


def whole(data: Any) -> Any:
    """Return plain data of a lesson with a whole record wherever the value of one key may stand for it."""
    if not isinstance(data, dict):
        return data
    for name, key in keys_of(Lesson).items():
        if key.about.alone and isinstance(members := data.get(name), list):
            data = {
                **data,
                name: [{key.about.alone: member} if isinstance(member, str) else member for member in members],
            }
    return data


def record_at(path: Path) -> type | None:
    """Return the type of the record at `path`, or of the records in the list there."""
    record: type | None = Lesson
    for step in path:
        if isinstance(step, str):
            key = keys_of(record).get(step) if record else None
            record = key.record if key else None
    return record


def key_at(path: Path) -> Key | None:
    """Return the last key in `path`; None where there is none, or where the model does not have it."""
    names = [number for number, step in enumerate(path) if isinstance(step, str)]
    if not names:
        return None
    around, name = path[: names[-1]], str(path[names[-1]])
    if record := record_at(around):
        return keys_of(record).get(name)
    mapping = key_at(around)
    if mapping and mapping.value.is_mapping:  # its names are the author's own
        return replace(mapping, name=name, value=AboutValue(), is_required=False)
    return None


def _all_keys(record: type = Lesson) -> Iterator[Key]:
    """Yield every key of a record and of the records in it."""
    for key in keys_of(record).values():
        yield key
        if key.record:
            yield from _all_keys(key.record)


_ALL: Final = tuple(_all_keys())
# The names of all keys, each once.
NAMES: Final = tuple(dict.fromkeys(key.name for key in _ALL))
# Keys whose values never contain a '#'.
WORD_NAMES: Final = frozenset(key.name for key in _ALL if key.value.is_words).difference(
    key.name for key in _ALL if not key.value.is_words
)
# Keys that hold an id, or a list of ids or of records with ids.
ID_NAMES: Final = frozenset(key.name for key in _ALL if key.value.is_id or (key.is_list and key.record))
# Keys whose value may be a single one or a list.
LIST_OR_ONE_NAMES: Final = frozenset(key.name for key in _ALL if key.may_be_list)
