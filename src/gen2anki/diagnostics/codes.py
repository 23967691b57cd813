"""Every kind of problem, declared once: its code, which stays for ever, and its severity.

docs/problems.md has a heading for each, which says what to do about it.
"""

from enum import StrEnum
from typing import Literal, Self

# An error keeps the deck from being built; a warning does not.
Severity = Literal["error", "warning"]


class Code(StrEnum):
    """The code of a kind of problem. Its value is printed in brackets behind the message."""

    severity: Severity
    is_told_once: bool  # of a file: what is wrong is the same everywhere, and has one cure

    def __new__(cls, slug: str, severity: Severity = "error", is_told_once: bool = False) -> Self:
        """Take the code as it is printed: lower-case words joined by hyphens."""
        code = str.__new__(cls, slug)
        code._value_ = slug
        code.severity = severity
        code.is_told_once = is_told_once
        return code

    # The file
    CANNOT_READ = "cannot-read"
    CANNOT_WRITE = "cannot-write"
    TOO_LARGE = "too-large"
    BAD_ENCODING = "bad-encoding"
    BAD_CHARACTER = "bad-character"
    EMPTY_FILE = "empty-file"
    SECOND_DOCUMENT = "second-document"
    MERGE_MARK = "merge-mark"

    # YAML
    TAB_INDENT = "tab-indent"
    ODD_SPACE = "odd-space"
    BAD_INDENTATION = "bad-indentation"
    KEY_COLON = "key-colon"
    LIST_DASH = "list-dash"
    LIST_INLINE = "list-inline"
    COLON_IN_TEXT = "colon-in-text"
    BRACKET_IN_TEXT = "bracket-in-text"
    COMMENT_IN_TEXT = "comment-in-text"
    FOLDED_LIST = "folded-list"
    FIRST_CHARACTER = "first-character"
    UNCLOSED_QUOTE = "unclosed-quote"
    EARLY_QUOTE = "early-quote"
    UNCLOSED_BRACKET = "unclosed-bracket"
    BAD_ESCAPE = "bad-escape"
    DUPLICATE_KEY = "duplicate-key"
    KEY_TYPE = "key-type"
    MERGE_KEY = "merge-key"
    YAML_TAG = "yaml-tag"
    UNKNOWN_ALIAS = "unknown-alias"
    ALIAS_LOOP = "alias-loop"
    ALIAS_BOMB = "alias-bomb"
    TOO_DEEP = "too-deep"
    YAML_SYNTAX = "yaml-syntax"

    # Keys and values
    UNKNOWN_KEY = "unknown-key"
    MISSING_KEY = "missing-key"
    MISSING_ID = "missing-id"
    EMPTY_VALUE = "empty-value"
    WRONG_TYPE = "wrong-type"
    BAD_MINUTES = "bad-minutes"
    BAD_LANGUAGE = "bad-language"
    NO_NOTES = "no-notes"
    NO_QUESTIONS = "no-questions"

    # Names and ids
    BAD_ID = "bad-id"
    DUPLICATE_ID = "duplicate-id"
    BAD_DECK_NAME = "bad-deck-name"
    BAD_TITLE = "bad-title"
    DUPLICATE_TITLE = "duplicate-title"
    ONE_LINE = "one-line"
    BAD_TAG = "bad-tag"
    TAG_CASE = "tag-case", "warning"

    # Questions and choices
    KEY_CONFLICT = "key-conflict"
    ANSWER_LIST = "answer-list"
    UNKNOWN_ANSWER = "unknown-answer"
    TYPED_ANSWER = "typed-answer"
    FEW_CHOICES = "few-choices"
    DUPLICATE_CHOICE = "duplicate-choice"
    SPLIT_CHOICE = "split-choice"

    # Clozes
    CLOZE_DELETION = "cloze-deletion"
    CLOZE_NUMBER = "cloze-number"
    CLOZE_UNCLOSED = "cloze-unclosed"
    CLOZE_MISPLACED = "cloze-misplaced"
    CLOZE_HINT = "cloze-hint", "warning"
    CLOZE_RENUMBERED = "cloze-renumbered", "warning"

    # Math
    MATH_UNCLOSED = "math-unclosed"
    MATH_DELIMITER = "math-delimiter"
    MATH_SYNTAX = "math-syntax"
    MATH_COMMAND = "math-command"
    MATH_CHARACTER = "math-character"
    MATH_TEXT = "math-text"
    MATH_MACRO = "math-macro"
    MATH_PERCENT = "math-percent"
    MATH_LABEL = "math-label"

    # Markdown
    TABLE_CELLS = "table-cells"
    TABLE_MARKS = "table-marks"
    BOLD_MARKS = "bold-marks"
    CODE_FENCE = "code-fence"
    LINK_ADDRESS = "link-address"
    ANKI_MARK = "anki-mark"
    WRAPPED_LINES = "wrapped-lines", "warning"
    EMPHASIS_IN_WORD = "emphasis-in-word", "warning"
    READING_TYPED = "reading-typed", "warning", True
    HTML_TYPED = "html-typed", "warning", True
    HTML_TAG = "html-tag"

    # Pictures and sounds
    MEDIA_MISSING = "media-missing"
    MEDIA_OUTSIDE = "media-outside"
    MEDIA_IN_DESCRIPTION = "media-in-description"
    MEDIA_TYPE = "media-type"
    MEDIA_EMPTY = "media-empty"
    MEDIA_SIZE = "media-size"
    MEDIA_UNREADABLE = "media-unreadable"
    MEDIA_CHANGED = "media-changed"
    MEDIA_SYNTAX = "media-syntax"

    # The study page
    CARD_TOO_LONG = "card-too-long", "warning"

    # The ledger
    ID_GONE = "id-gone"
    RETIRED_REUSED = "retired-reused"
    RETIRED_IN_USE = "retired-in-use"
    RETIRED_SEE = "retired-see"
    NOTE_TYPE = "note-type"
    DECK_RENAMED = "deck-renamed", "warning"
    SECTION_RENAMED = "section-renamed", "warning"
    NOTE_MOVED = "note-moved", "warning"
    DECK_SHARED = "deck-shared", "warning"
    NUMBER_SHARED = "number-shared", "warning"
    CLOCK_BEHIND = "clock-behind", "warning"
    CLOCK_AHEAD = "clock-ahead", "warning"
    LEDGER_FROZEN = "ledger-frozen"
    LEDGER_DAMAGED = "ledger-damaged"
    LEDGER_TWICE = "ledger-twice", "warning"
    LEDGER_AHEAD = "ledger-ahead"
    LEDGER_FOREIGN = "ledger-foreign"
    LEDGER_ELSEWHERE = "ledger-elsewhere", "warning"
    LEDGER_FORMAT = "ledger-format"

    # Packages and collections
    PACKAGE_FOREIGN = "package-foreign"
    PACKAGE_DAMAGED = "package-damaged"
    PACKAGE_COMPRESSED = "package-compressed"
    COLLECTION_FOREIGN = "collection-foreign"
    COLLECTION_DAMAGED = "collection-damaged"
    COLLECTION_LOCKED = "collection-locked"
    COLLECTION_TOO_NEW = "collection-too-new"
    NO_ANKI = "no-anki"
