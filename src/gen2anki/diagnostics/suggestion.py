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
