"""`make words`: write the fixed words of the cards as CSS, from the table of `schema/fixed_words.toml`.

All decks share the cards' templates, so a word in the lesson's language can't stand there. The stylesheet has it in each language,
and each card says which is its own.
"""

import sys
import tomllib
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parent.parent / "src" / "gen2anki"
TABLE: Final = PACKAGE / "schema" / "fixed_words.toml"
WORDS: Final = PACKAGE / "anki" / "templates" / "words.css"
# Tags that name a language of the table otherwise, as `schema.fixed_words` knows them.
TAGS: Final = {
    "nb": ("nb", "nn", "no"),
    "he": ("he", "iw"),
    "id": ("id", "in"),
    "zh-hant": ("zh-hant", "zh-tw", "zh-hk", "zh-mo"),
}
# A sign beside which a slash brings the word that is read aloud. Older browsers drop the line, and keep the sign.
SIGNS: Final = {"right": r'"\2713"', "wrong": r'"\2715"'}
HEAD: Final = "/* Made by `make words` from schema/fixed_words.toml: the words of a card in its own language. */\n"


def css(table: dict[str, dict[str, str]]) -> str:
    """Return the stylesheet; English stands for each language that the table lacks."""
    lines = [HEAD]
    for language, words in table.items():
        tags = [""] if language == "en" else [f":lang({tag})" for tag in TAGS.get(language, (language,))]
        back = ".card .gen2anki.back .choice"
        for selector, text in (
            (".gen2anki .word{}::before", f'"{words["hint"]}"'),
            (f"{back}.right{{}}::before", f'{SIGNS["right"]} / "{words["right"]}"'),
            (f'{back}[aria-pressed="true"]:not(.right){{}}::before', f'{SIGNS["wrong"]} / "{words["wrong"]}"'),
        ):
            lines.append(f"{', '.join(selector.format(tag) for tag in tags)} {{ content: {text}; }}\n")
    return "".join(lines)


def main() -> None:
    """Write the stylesheet, or, with `--check`, exit with 1 where it is not what the table says."""
    made = css(tomllib.loads(TABLE.read_text(encoding="utf-8")))
    if "--check" in sys.argv:
        sys.exit(made != WORDS.read_text(encoding="utf-8"))
    WORDS.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
