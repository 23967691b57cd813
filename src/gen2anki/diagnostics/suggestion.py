"""The nearest of the words that an author may have meant."""

from functools import cache


@cache
def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """Return the one of `known` that `word` was most likely meant to be."""
    # Imported here: most runs print no problem.
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower(), known, n=1, cutoff=0.6)), None)
