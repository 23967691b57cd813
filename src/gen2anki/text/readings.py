"""Readings of Japanese and Chinese signs, written in brackets behind them: `食[た]べる`, `你好[nǐ hǎo]`.

Which signs a reading belongs to follows from the two alone. The blank before the signs that Anki's own furigana need may be
there, and is not shown.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Final

from gen2anki.diagnostics.codes import Code
from gen2anki.diagnostics.finding import Finding
from gen2anki.markdown.literal_marks import FindReading
from gen2anki.markdown.stand_ins import Reading

_HAN: Final = "\u3005-\u3007\u303b\u30f5\u30f6\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA: Final = "\u3041-\u309f\u30a1-\u30ff\uff66-\uff9f"
_IS_HAN: Final = re.compile(f"[{_HAN}]").match
_IS_JAPANESE: Final = re.compile(f"[{_HAN}{_KANA}]").match
_IS_DIGIT: Final = re.compile("[0-9０-９]").match
# As many signs before a bracket are looked at, as many characters in it.
_MOST: Final = 60
_IN_KANA: Final = re.compile(rf"\[([{_KANA}][{_KANA}・ \u3000]{{,{_MOST}}})\](?![\[(])")
_IN_LETTERS: Final = re.compile(rf"\[([^\W_](?:[^\W_]|[ '’·\u0300-\u036f-]){{,{_MOST}}})\](?![\[(])")
_BOPOMOFO: Final = "\u3105-\u312f\u31a0-\u31bf"
_IN_BOPOMOFO: Final = re.compile(rf"\[([{_BOPOMOFO}ˊˇˋ˙ \u3000]{{1,{_MOST}}})\](?![\[(])")
_KANA_BETWEEN: Final = re.compile(f"[{_KANA}]+")
_HIRAGANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F5)}  # by the katakana of the same sound
# Between these and the signs no blank is needed: one is there for Anki, or from habit.
_BEFORE_BLANK: Final = re.compile(rf"[\u3000-\u303f\uff01-\uff65{_HAN}{_KANA}\n]").match

_APART: Final = re.compile("[ '’·-]+")
_TONE: Final = re.compile("[\u0300\u0301\u0304\u030c]|(?<=[a-z])[1-5]")
_MARKS: Final = re.compile("[\u0300-\u0307\u0309-\u036f]")  # but for the dots of ü
# A syllable of pinyin; or the r of 儿, which is a sign of its own.
_PINYIN: Final = re.compile(
    "(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:a(?:i|o|ng?)?|e(?:i|ng?)|(?<![bpfjqxw])er?|i(?:a(?:o|ng?)?|e|ng?|ong|u)?|o(?:ng|u)?|(?:u\u0308?|v)(?:a(?:i|ng?)?|e|i|o|n)?)[0-5]?|r[0-5]?"
)
_OTHER_SYLLABLE: Final = re.compile("[^\\W\\d_]+[0-9]*")
_BOPOMOFO_SYLLABLE: Final = re.compile(f"˙?[{_BOPOMOFO}]+[ˊˇˋ˙]?")
# Signs whose syllable may have no tone.
_TONELESS: Final = frozenset("吗嗎嘛的得地了呢吧啊呀们們么麼子着著过過个個头頭啦哇里裡")

_JAPANESE: Final = frozenset({"ja", "ojp"})
_MANDARIN: Final = frozenset({"zh", "cmn", "lzh"})
# Chinese languages with other syllables; and what marks them, or their home, in a tag that begins with `zh`.
_OTHERS: Final = frozenset({"yue", "nan", "hak", "wuu", "gan", "hsn", "cdo", "cjy", "cpx", "mnp"})
_HOMES: Final = frozenset({"hk", "mo"})


def readings_in(language: str) -> FindReading | None:
    """Return what finds the readings of a language, given as its tag; None for one that has none.

    It takes a text, where the last part of it has ended, and where a bracket opens behind that.
    """
    main, *others = language.lower().split("-")
    if main in _JAPANESE:
        return japanese
    if main in _OTHERS or (main == "zh" and not (_OTHERS | _HOMES).isdisjoint(others)):
        return chinese
    return mandarin if main in _MANDARIN else None


def readings_as_typed(prose: str, language: str) -> Iterator[Finding]:
    """Yield the first bracket that would be a reading, but in a lesson of another language; `prose` is without code and math."""
    for bracket in re.finditer(f"(?<=[{_HAN}])\\[", prose):
        for find, other, kind in (japanese, "ja", "kana"), (mandarin, "zh", "pinyin"):
            if reading := find(prose, 0, bracket.start()):
                text = (
                    f"this reading is shown as typed: it is in {kind}, and the deck's language is '{language}'. Write 'language: {other}'"
                    " to have it above its signs, or '\\[' to keep the bracket"
                )
                yield Finding(text, Code.READING_TYPED, reading.typed().removeprefix(" "))
                return


def japanese(text: str, done: int, bracket: int) -> Reading | None:
    """Find furigana: kana behind a Han sign.

    They belong to the Han signs before them, and to the kana between these that the reading has too.
    """
    found = _IN_KANA.match(text, bracket)
    if not found:
        return None
    words = _run(_IS_JAPANESE, text, done, bracket)
    signs = len(_run(_IS_HAN, text, done, bracket))
    if not signs:
        return None
    spoken, kana = found[1].translate(_HIRAGANA), words.translate(_HIRAGANA)
    for piece in reversed([*_KANA_BETWEEN.finditer(kana, 0, len(kana) - signs)]):
        before = len(_run(_IS_HAN, words, 0, piece.start()))
        if not before or not _has(spoken, _KANA_BETWEEN.findall(kana[piece.start() - before :])):
            break
        signs = len(words) - piece.start() + before
    begin = bracket - signs
    digits = len(_run(_IS_DIGIT, text, done, begin))
    if digits and text[begin - digits - 1 : begin - digits] == " ":
        begin -= digits
    return Reading(text[begin:bracket], found[1], _blank(text, done, begin))


def mandarin(text: str, done: int, bracket: int) -> Reading | None:
    """Find pinyin or bopomofo: as many syllables as there are Han signs before them, or fewer."""
    if found := _IN_BOPOMOFO.match(text, bracket):
        return _behind(text, done, found, len(_BOPOMOFO_SYLLABLE.findall(found[1])))
    if not (found := _IN_LETTERS.match(text, bracket)):
        return None
    letters = unicodedata.normalize("NFD", found[1]).lower()
    syllables = [_syllables(_PINYIN, word) for word in _APART.split(_MARKS.sub("", letters)) if word]
    count = sum(syllables)
    has_tone = _TONE.search(letters) or (count == 1 and text[bracket - 1] in _TONELESS)
    return _behind(text, done, found, count) if has_tone and all(syllables) else None


def chinese(text: str, done: int, bracket: int) -> Reading | None:
    """Find pinyin, or the letters of another Chinese language, whose syllables stand apart or end in a number."""
    if reading := mandarin(text, done, bracket):
        return reading
    if not (found := _IN_LETTERS.match(text, bracket)):
        return None
    letters = unicodedata.normalize("NFD", found[1])
    syllables = [_syllables(_OTHER_SYLLABLE, word) for word in _APART.split(_MARKS.sub("", letters)) if word]
    has_tone = re.search("[\u0300-\u036f]|(?<=[a-z])[1-9]", letters)
    return _behind(text, done, found, sum(syllables)) if has_tone and all(syllables) else None


def _behind(text: str, done: int, found: re.Match[str], count: int) -> Reading | None:
    """Return a reading of so many syllables; None where there are not as many signs before it."""
    bracket = found.start()
    if not 0 < count <= len(_run(_IS_HAN, text, done, bracket)):
        return None
    begin = bracket - count
    return Reading(text[begin:bracket], found[1], _blank(text, done, begin))


def _syllables(syllable: re.Pattern[str], word: str) -> int:
    """Return how many syllables a word has; 0 where it is not made of syllables alone."""
    found = syllable.findall(word)
    return len(found) if "".join(found) == word else 0


def _run(is_part: Callable[[str], object], text: str, first: int, end: int) -> str:
    """Return the characters right before `end`, from `first` on, that are all parts of one run."""
    start = max(first, end - _MOST)
    length = sum(1 for _ in takewhile(is_part, reversed(text[start:end])))
    return text[end - length : end]


def _has(spoken: str, kana: Sequence[str]) -> bool:
    """Return True if a reading has these kana in their order, with a sound before, between and behind them."""
    place = 1
    for piece in kana:
        found = spoken.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece) + 1
    return place <= len(spoken)


def _blank(text: str, done: int, begin: int) -> str:
    """Return the blank before signs if it is not to be shown; empty if there is none, or if it is."""
    blank = begin - 1
    if blank < done or text[blank] != " ":
        return ""
    is_behind_reading = blank == done and text[blank - 1 : blank] == "]"
    is_free = blank == 0 or is_behind_reading or _BEFORE_BLANK(text, blank - 1) or text.startswith("::", blank - 2)
    return " " if is_free else ""
