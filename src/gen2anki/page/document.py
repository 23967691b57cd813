"""Values to the text of a page: templates filled in, and the policy that allows the page its own parts and no others."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from gzip import decompress
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gen2anki.page import fonts
from gen2anki.page.contents import Contents
from gen2anki.page.study import Study
from gen2anki.render.direction import runs_from_right
from gen2anki.schema.fixed_words import words

# What nothing on a page may do: load, send, or be framed by a script that is not its own.
_POLICY: Final = (
    "default-src 'none'; img-src data:; media-src data:; font-src data:; style-src {styles}; script-src {scripts}; "
    "base-uri 'none'; form-action 'none'"
)
_HEAD_SCRIPT: Final = 'document.documentElement.classList.add("js")'


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A lesson on the index: its page's name, and what it holds."""

    page: str
    study: Study
    description: Markup


def page(study: Study, contents: Contents, *, deck: str, index: str) -> str:
    """Return the text of a lesson's page; `deck` is the address of its deck, `index` of the index, if there is one."""
    scripts = [_HEAD_SCRIPT, _template("page.js")]
    if contents.formulas.has_fallback:
        scripts += [_template("mathjax-setup.js"), _mathjax()]
    return _filled("page.html", contents, scripts, study=study, deck=deck, index=index, language=study.language)


def index(links: tuple[Link, ...], contents: Contents) -> str:
    """Return the text of the index of several lessons; its words are in the language of the first."""
    return _filled("index.html", contents, [], links=links, language=links[0].study.language)


def _styles(contents: Contents) -> Iterator[str]:
    """Yield the stylesheet's parts: the fonts of the formulas, what all pages share, and this page's own styles."""
    rules, families = fonts.faces(contents.formulas.characters)
    yield rules
    yield _template("style.css")
    yield _template("print.css")
    if families:
        yield f"math {{ font-family: {families}, var(--serif); }}"
    yield from (f'[data-s="{number}"] {{ {style} }}' for style, number in contents.styles.items())


def _filled(template: str, contents: Contents, scripts: list[str], *, language: str, **values: Any) -> str:
    """Fill in a template."""
    # A text between tags ends at the first that closes it, wherever it stands.
    style = "\n".join(_styles(contents)).replace("</", "<\\/")
    spoken = words(language)
    policy = _POLICY.format(styles=_hash(style), scripts=" ".join(map(_hash, scripts)) or "'none'")
    return (
        _environment()
        .get_template(template)
        .render(
            policy=policy,
            style=style,
            scripts=scripts,
            words=spoken,
            script_words=_script_words(spoken),
            language=language,
            direction="rtl" if runs_from_right(language) else "ltr",
            **values,
        )
    )


def _script_words(spoken: Mapping[str, str]) -> str:
    """Return the words that the page's script says, as JSON."""
    keys = ("right", "wrong", "answered", "known", "missed", "your_answer", "answer", "duplex", "fold_note")
    return json.dumps({key: spoken[key] for key in keys}, ensure_ascii=False)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _template(name: str) -> str:
    return files("gen2anki.page").joinpath("templates", name).read_text(encoding="utf-8")


def _mathjax() -> str:
    return decompress(files("gen2anki.page").joinpath("templates", "mathjax.js.gz").read_bytes()).decode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("gen2anki.page", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
