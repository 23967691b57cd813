"""What an author may have meant by a word that is unknown."""

from functools import cache


@cache
def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """Return the word of `known` that is most like `word`, one that differs in capitals first; None where none is like it."""
    if same := next((one for one in known if one.casefold() == word.casefold()), None):
        return same
    # Imported here: most runs print no problem.
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower(), known, n=1, cutoff=0.6)), None)


def is_one_letter_off(word: str, known: str) -> bool:
    """Return True if a word lacks one letter of another, has one more, another one or two in the wrong order."""
    if word.casefold() == known.casefold():
        return True
    at = next((number for number, (one, other) in enumerate(zip(word, known, strict=False)) if one != other), -1)
    if at < 0:
        return abs(len(word) - len(known)) == 1
    return (
        word[at + 1 :] == known[at:]
        or word[at:] == known[at + 1 :]
        or word[at + 1 :] == known[at + 1 :]
        or (word[at : at + 2] == known[at : at + 2][::-1] and word[at + 2 :] == known[at + 2 :])
    )
