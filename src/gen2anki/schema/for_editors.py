"""The JSON Schema that pydantic prints, made fit for editors: draft-07, which they all read, and nothing that Tab inserts unasked."""

from typing import Any, Final

# A name, not an address: nothing is loaded from anywhere.
_ID: Final = "urn:gen2anki:cards.schema.json"
# What is typed over: each snippet is accepted by `check` as it stands.
_NOTE: Final = {"id": "${1:new-card}", "question": "${2:A question}", "answer": "${3:Its answer}"}
_CLOZE: Final = {"id": "${1:new-cloze}", "cloze": "${2:A text that hides} {{c1::${3:a part}}}"}
_CHOICE: Final = {
    "id": "${1:new-choice}",
    "question": "${2:Which one?}",
    "answer": "${3:This one}",
    "choices": ["${3:This one}", "${4:Another}"],
}
_SECTION: Final = {
    "id": "${1:new-section}",
    "title": "${2:Practice}",
    "questions": [_NOTE | {"id": "${3:new-question}"}],
}
_SNIPPETS: Final[dict[str, tuple[tuple[str, str, Any], ...]]] = {
    "Deck": (("deck", "a deck's id and name", {"id": "${1:my-name.my-lesson}", "name": "${2:My lesson}"}),),
    "Question": (
        ("card", "a question and its answer", _NOTE),
        ("cloze", "a text that hides a part", _CLOZE),
        ("choice", "a question with answers to choose from", _CHOICE),
    ),
    "Section": (("section", "a section with one question", _SECTION),),
}
# By pattern: what an editor says of a text that does not match it.
_ERRORS: Final = {
    "{1,64}$": "An id is made of lower-case letters, digits, '-', '_' and '.', at most 64 characters; a deck's has no '__'.",
    r'^[^\s"]+$': "A tag has no spaces and no quotes; '::' nests tags.",
    r"\S": "This can't be empty.",
    "^[A-Za-z]{2,3}": "This is the tag of a language, such as en, de or pt-BR.",
}


def for_editors(made: dict[str, Any]) -> dict[str, Any]:
    """Return the schema for editors; `made` is what pydantic prints."""
    definitions = {name: _of_record(_mended(one), name) for name, one in made.pop("$defs").items()}
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "$id": _ID, "title": made.pop("title")}
    whole: dict[str, Any] = head | _mended(made)
    return whole | {"definitions": definitions}


def _mended(part: Any) -> Any:
    """Return a part of the schema, and all that is in it."""
    if isinstance(part, list):
        return [_mended(one) for one in part]
    return _of_value({key: _mended(value) for key, value in part.items()}) if isinstance(part, dict) else part


def _of_value(part: dict[str, Any]) -> dict[str, Any]:
    if isinstance(part.get("title"), str):  # pydantic's, made of the key
        part.pop("title")
    if isinstance(part.get("$ref"), str):
        part["$ref"] = part["$ref"].replace("#/$defs/", "#/definitions/")
    if "ge" in part:
        part["minimum"] = part.pop("ge")
    if part.get("default") in ("", [], {}, None):  # nobody means to type that
        part.pop("default", None)
    pattern = part.get("pattern")
    if isinstance(pattern, str) and (error := next((text for of, text in _ERRORS.items() if of in pattern), None)):
        part["patternErrorMessage"] = error
    if "{1,64}" in str(part.get("pattern", part.get("items", ""))):  # an id is the author's own
        part.pop("examples", None)
    return part


def _of_record(part: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the definition of a record, with its snippets."""
    if "oneOf" in part:  # what is required there is named there
        part["oneOf"] = [
            {"type": "object", "properties": {key: {} for key in one["required"]}} | one for one in part["oneOf"]
        ]
    snippets = [{"label": label, "description": text, "body": body} for label, text, body in _SNIPPETS.get(name, ())]
    return part | {"defaultSnippets": snippets} if snippets else part
