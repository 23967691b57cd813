"""`make mutations`: break the product on purpose, in a copy; each breakage must turn a named test red.

A test that stays green whatever is broken proves nothing. Where a breakage no longer fits the code, say so: then it
must be written anew, not dropped.
"""
# ruff: noqa: T201 (a command, which prints)

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rules_broken import RULES

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "src" / "gen2anki"


@dataclass(frozen=True)
class Mutation:
    """One breakage: in `file`, `old` (which stands there once) becomes `new`; one of `tests` must turn red."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MERGE, LEDGER, FROZEN = "tests/test_merge.py::", "tests/test_ledger.py::", "tests/test_frozen.py::"
GUARD, BRANCHES = "tests/test_ledger_guard.py::", "tests/test_branches.py::"
SOURCE, CLOZE = "tests/test_source.py::", "tests/test_cloze.py::"
CORRECTION: Final = f"{MERGE}test_a_reworded_question_and_a_new_card_cost_the_learner_nothing"
OUTLIVES: Final = f"{MERGE}test_an_edit_that_the_author_did_not_touch_outlives_every_edition"
THREE: Final = f"{MERGE}test_three_editions_in_a_row_arrive_whole"
PICTURE: Final = f"{MERGE}test_a_picture_replaced_by_another_of_the_same_name_arrives"

MUTATIONS: Final = (
    Mutation(
        "one mod for all notes, that of the build",
        "output/apkg.py",
        "                mod,\n                tag_texts",
        "                max(mod for _, mod, _, _ in self._by_id),\n                tag_texts",
        (CORRECTION, OUTLIVES),
    ),
    Mutation(
        "one constant mod for all notes",
        "output/apkg.py",
        "                mod,\n                tag_texts",
        "                1,\n                tag_texts",
        (CORRECTION, THREE),
    ),
    Mutation(
        "the guid grows from the text",
        "output/apkg.py",
        "frozen.guid(self._deck_id, note.id),",
        "frozen.guid(self._deck_id, note.question),",
        (CORRECTION,),
    ),
    Mutation(
        "the guid grows from the note's id alone",
        "anki/frozen.py",
        "guid_for(deck_id, note_id)",
        "guid_for(note_id)",
        (f"{FROZEN}test_the_guid_of_a_note", f"{MERGE}test_two_lessons_share_their_note_types_and_nothing_else"),
    ),
    Mutation(
        "a field added to a note type",
        "anki/frozen.py",
        '    "Id": 176394240010113,\n',
        '    "Id": 176394240010113,\n    "More": 176394240010117,\n',
        (f"{FROZEN}test_the_fields_their_order_and_ids",),
    ),
    Mutation(
        "two fields change places",
        "anki/frozen.py",
        '    "Notice": 176394240010111,\n    "Extra": 176394240010112,\n',
        '    "Extra": 176394240010112,\n    "Notice": 176394240010111,\n',
        (f"{FROZEN}test_the_fields_their_order_and_ids",),
    ),
    Mutation(
        "fields without ids",
        "output/apkg.py",
        '{"name": name, "id": id} for',
        '{"name": name} for',
        (f"{FROZEN}test_the_ids_reach_anki_with_every_field_and_template",),
    ),
    Mutation(
        "another id for the note type",
        "anki/frozen.py",
        "CARD_NOTETYPE: Final = 1763942400101",
        "CARD_NOTETYPE: Final = 1763942400109",
        (f"{FROZEN}test_the_note_types_their_ids_and_names",),
    ),
    Mutation(
        "the CSS changes and MOD does not",
        "anki/templates/style.css",
        "\n",
        "\n.card { color: red; }\n",
        (f"{FROZEN}test_a_new_look_has_a_new_mod",),
    ),
    Mutation(
        "the second half of a large source does not know the anchors of the first",
        "edition/parallel.py",
        "if not found.loaded.has_anchors and",
        "if",
        ("tests/test_parallel.py::test_a_source_whose_halves_depend_on_each_other_is_read_whole",),
    ),
    Mutation(
        "a long text behind an alias weighs no more than a short one",
        "source/composer.py",
        "1 + len(value) // _NODE_CHARACTERS",
        "1",
        (f"{SOURCE}test_a_long_text_weighs_more_behind_an_alias",),
    ),
    Mutation(
        "views are read like tables",
        "anki/packed_collection.py",
        'kind not in {"table", "index"}',
        'kind not in {"table", "index", "view"}',
        ("tests/test_hostile_packages.py::test_a_database_made_to_do_harm_is_told",),
    ),
    Mutation(
        "triggers are left to Anki",
        "verify/verification.py",
        "        package_reader.read(file)\n",
        "",
        ("tests/test_hostile_packages.py::test_verify_gives_anki_no_package_that_diff_refuses",),
    ),
    Mutation(
        "a package's own account of its size is all that counts",
        "anki/packed_collection.py",
        "            room -= len(chunk)\n            if room < 0:\n                raise too_large(file)\n            try",
        "            try",
        ("tests/test_hostile_packages.py::test_a_bomb_is_told_in_little_memory",),
    ),
    Mutation(
        "a code's last line gets an end with its colours",
        "text/highlight.py",
        'coloured if _SPAN.sub("", coloured) == code else code',
        'coloured + "\\n"',
        ("tests/test_diff.py::test_code_whose_last_line_has_no_end_is_no_change",),
    ),
    Mutation(
        "what killed builds leave stays",
        "output/leftovers.py",
        "                os.unlink(entry.path)",
        "                pass",
        ("tests/test_faults.py::test_the_next_build_removes_what_a_killed_one_left",),
    ),
    Mutation(
        "the temporary files of a living build are taken for dead",
        "output/leftovers.py",
        "                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)\n            except",
        "                pass\n            except",
        ("tests/test_faults.py::test_the_next_build_removes_what_a_killed_one_left",),
    ),
    Mutation(
        "a package may take the place of its source",
        "cli/commands/build.py",
        "    refuse_input(target, job.sources)\n",
        "",
        ("tests/test_faults.py::test_an_output_never_takes_the_place_of_an_input",),
    ),
    Mutation(
        "a ledger that can't be looked at is taken for missing",
        "cli/inputs.py",
        "    except (FileNotFoundError, NotADirectoryError):\n        return None",
        "    except OSError:\n        return None",
        ("tests/test_faults.py::test_a_ledger_that_cannot_be_looked_at_is_not_taken_for_missing",),
    ),
    Mutation(
        "pipes are waited for",
        "diagnostics/files.py",
        "if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else",
        "if True else",
        ("tests/test_faults.py::test_a_device_without_end_is_told",),
    ),
    Mutation(
        "a signal that Python loses is lost",
        "__main__.py",
        "        sys.unraisablehook = self._not_raised\n",
        "",
        ("tests/test_faults.py::test_a_signal_that_python_loses_is_not_lost",),
    ),
    Mutation(
        "a tag that the library finds is a tag, whatever the deck says",
        "markdown/writer.py",
        "elif self._writing.html:",
        "elif True:",
        ("tests/test_links.py::test_a_tag_behind_a_link_is_shown_as_typed",),
    ),
    Mutation(
        "a link may open a file",
        "markdown/writer.py",
        '"http https ftp',
        '"http https file ftp',
        ("tests/test_links.py::test_no_spelling_of_an_address_gets_past",),
    ),
    Mutation(
        "one list more may be nested",
        "source/composer.py",
        "MAX_DEPTH: Final = 64",
        "MAX_DEPTH: Final = 65",
        (f"{SOURCE}test_lists_are_nested_64_deep_and_no_deeper",),
    ),
    Mutation(
        "what can't be read is missing",
        "lesson/load.py",
        "misspelled=repairs.misspelled | around,",
        "misspelled=repairs.misspelled,",
        ("tests/test_recovery.py::test_every_kind_of_slip_among_good_notes",),
    ),
    Mutation(
        "an id that can't be read is gone",
        "source/recovery.py",
        "hides_ids=bool(_ID.search(lost)),",
        "hides_ids=False,",
        ("tests/test_recovery.py::test_the_ledger_misses_no_note_that_is_set_aside",),
    ),
    Mutation(
        "after a slip, all notes are read one by one from the first",
        "source/recovery.py",
        "_GROUP: Final = 8",
        "_GROUP: Final = 8_000_000",
        ("tests/test_recovery.py::test_a_thousand_slips_are_no_more_work_than_a_few_readings",),
    ),
    Mutation(
        "a half of which a part can't be read is joined, though the whole can",
        "edition/parallel.py",
        "if is_readable(document):",
        "if False:",
        ("tests/test_parallel.py::test_a_source_whose_halves_depend_on_each_other_is_read_whole",),
    ),
    Mutation(
        "an id is offered that a note had",
        "edition/pipeline.py",
        "for note in found.rendered.notes}.union(old.entries if old else ())",
        "for note in found.rendered.notes}",
        ("tests/test_offered_ids.py::test_no_id_is_offered_that_a_note_has_or_had",),
    ),
    Mutation(
        "a file is mended though another text comes of it",
        "source/mending.py",
        "return content if _Meaning(before, mends).is_kept(before.data, after.data) else None",
        "return content",
        ("tests/test_fix.py::test_no_other_text_is_written",),
    ),
    Mutation(
        "a text that goes on is put in quotes as far as its line",
        "source/mends.py",
        'return bool(below.strip()) and indent > column and not below.lstrip().startswith("#")',
        "return False",
        ("tests/test_fix.py::test_what_may_mean_two_things_is_left_alone",),
    ),
    Mutation(
        "a mended file is written over what an editor saved meanwhile",
        "cli/fixing.py",
        "if read_source(self.name) != self.before:",
        "if False:",
        ("tests/test_fix.py::test_what_another_program_writes_meanwhile_is_kept",),
    ),
    Mutation(
        "only the first hundred problems are reported",
        "source/composer.py",
        'for misreading in sorted(misreadings, key=attrgetter("at")):',
        'for misreading in sorted(misreadings, key=attrgetter("at"))[:100]:',
        (f"{SOURCE}test_a_mistake_made_a_thousand_times_is_reported_a_thousand_times",),
    ),
    Mutation(
        "any comment on a line of its own continues the text above",
        "source/pitfalls.py",
        'column > document.line(owner)[1] and text[owner] != "["',
        "True",
        (f"{SOURCE}test_a_comment_on_its_own_line_continues_a_text_only_if_it_is_indented_further",),
    ),
    Mutation(
        "a line as far right as a key continues the key's text",
        "source/syntax_errors.py",
        "depth <= len(began[1])",
        "depth < len(began[1])",
        (f"{SOURCE}test_a_line_below_a_comment_continues_the_text_only_if_it_is_indented_further",),
    ),
    Mutation(
        r"\nu in double quotes is a line break",
        "source/pitfalls.py",
        "less|mid|parallel|sim|u)",
        "less|mid|parallel|sim)",
        ("tests/test_bad.py::test_a_mistake_is_reported_with_its_place_and_what_to_do[escape-in-math]",),
    ),
    Mutation(
        "a brace left open in a deletion does not tear it",
        "text/cloze.py",
        "            if depth > 0:\n",
        "            if depth > 1:\n",
        (f"{CLOZE}test_a_deletion_that_anki_ends_too_early_is_reported",),
    ),
    Mutation(
        "a brace behind a deletion pairs with none in it",
        "text/cloze.py",
        "        elif depth > 1:\n",
        "        elif depth > 0:\n",
        (f"{CLOZE}test_a_deletion_that_anki_ends_too_early_is_reported",),
    ),
    Mutation(
        "the braces around a deletion count as its own",
        "text/cloze.py",
        "            opened.append((brace, depth))\n            depth = 0\n",
        "            opened.append((brace, depth))\n",
        (f"{CLOZE}test_a_deletion_that_ends_where_it_was_meant_to_is_fine",),
    ),
    Mutation(
        "the clock may be ten years ahead",
        "cli/inputs.py",
        "_YEAR: Final = 366 * _DAY",
        "_YEAR: Final = 3660 * _DAY",
        ("tests/test_trouble.py::test_a_build_more_than_a_year_ahead_is_wrong_usage",),
    ),
    Mutation(
        "a boolean is a text that a '#' may continue",
        "schema/values.py",
        '        is_words=True,\n        stand_in="false",\n',
        '        stand_in="false",\n',
        ("tests/test_keys.py::test_a_new_key_is_taken",),
    ),
    Mutation(
        "a misspelled key is missing, too",
        "lesson/shape_errors.py",
        "is_known = error.is_missing_id or error.path in misspelled",
        "is_known = error.is_missing_id",
        ("tests/test_bad.py::test_a_mistake_is_reported_with_its_place_and_what_to_do[unknown-key-required]",),
    ),
    Mutation(
        "the ledger is ignored",
        "edition/pipeline.py",
        "make_plan(old, rendered",
        "make_plan(None, rendered",
        (CORRECTION, f"{LEDGER}test_a_renamed_id_is_an_error_that_names_the_new_one"),
    ),
    Mutation(
        "a changed note gets the time of the build, though the clock went back",
        "edition/plan.py",
        "max(now, entry.last_mod + 1)",
        "now",
        (f"{LEDGER}test_a_clock_set_back_still_gives_a_later_mod",),
    ),
    Mutation(
        "a changed note gets a mod that is not later",
        "edition/plan.py",
        "max(now, entry.last_mod + 1)",
        "max(now, entry.last_mod)",
        (f"{LEDGER}test_two_changes_within_a_second_both_arrive",),
    ),
    Mutation(
        "tags are no content",
        "edition/plan.py",
        "{' '.join(note.tags)}",
        "",
        (f"{LEDGER}test_whatever_a_learner_would_see_counts_as_content",),
    ),
    Mutation(
        "a retired note stays in the package's ids",
        "edition/plan.py",
        '_replace(is_retired=True, moved_to="")',
        '_replace(is_retired=False, moved_to="")',
        (f"{LEDGER}test_a_retired_id_cannot_be_used_again",),
    ),
    Mutation(
        "withdrawn notes are searched for by their ids alone",
        "render/decks.py",
        'f"nid:{',
        'f"-nid:{',
        ("tests/test_decks.py::test_search_for_withdrawn_notes_finds_no_others",),
    ),
    Mutation(
        "a withdrawn note may name any other to see",
        "lesson/rules.py",
        "retired.see not in notes and is_told",
        "retired.see in notes and is_told",
        ("tests/test_bad.py::test_a_mistake_is_reported_with_its_place_and_what_to_do",),
    ),
    Mutation(
        "a picture has its own width",
        "markdown/writer.py",
        "return found[2] or found[3]",
        'return ""',
        ("tests/test_markup.py",),
    ),
    Mutation(
        "kana between signs belongs to no reading",
        "text/readings.py",
        "signs = len(words) - piece.start() + before",
        "break",
        ("tests/test_readings.py::test_a_reading_finds_its_signs",),
    ),
    Mutation(
        "pinyin belongs to all signs before it",
        "text/readings.py",
        "begin = bracket - count\n",
        "begin = bracket - len(_run(_IS_HAN, text, done, bracket))\n",
        ("tests/test_readings.py::test_each_rule_of_the_manual_holds",),
    ),
    Mutation(
        "readings are typed",
        "text/typed_answer.py",
        "<(r[tp])\\b[^>]*>[^<]*</\\1>|",
        "",
        ("tests/test_readings.py::test_readings_arrive_in_every_text",),
    ),
    Mutation(
        "vanished ids go unnoticed",
        "edition/plan.py",
        "    for id in sorted(gone):\n",
        "    for id in []:\n",
        (f"{LEDGER}test_an_id_that_vanished_is_an_error",),
    ),
    Mutation(
        "a note may change its note type",
        "edition/plan.py",
        "if entry.is_retired or (entry.is_cloze != note.is_cloze and _is_meant(loaded, note)):",
        "if entry.is_retired:",
        (f"{LEDGER}test_a_note_may_not_change_its_kind_under_its_id",),
    ),
    Mutation(
        "due dropped: new cards come in no order",
        "output/apkg.py",
        "ord, mod, due\n",
        "ord, mod, 1000 - due\n",
        (f"{MERGE}test_new_cards_come_in_source_order_within_their_deck",),
    ),
    Mutation(
        "media by their plain names",
        "text/media.py",
        'name=f"{stem.lower()}-{media_hash(content)}{suffix.lower()}"',
        'name=f"{stem.lower()}{suffix.lower()}"',
        (PICTURE,),
    ),
    Mutation(
        "the clock in the zip",
        "output/apkg.py",
        "zipfile.ZipInfo(name, _ZIP_DATE)",
        "zipfile.ZipInfo(name, __import__('time').localtime()[:6])",
        (f"{MERGE}test_the_package_is_one_that_every_anki_reads",),
    ),
    Mutation(
        "reverse cards left out",
        "render/questions.py",
        "(0, 1) if question.reverse else (0,)",
        "(0,)",
        (f"{MERGE}test_a_card_turned_two_way_gains_a_card_and_keeps_the_other",),
    ),
    Mutation(
        "the flashcards' deck is called otherwise",
        "schema/fixed_words.toml",
        '[en]\nflashcards = "Flashcards"',
        '[en]\nflashcards = "Cards"',
        (f"{FROZEN}test_the_names_of_the_decks",),
    ),
    Mutation(
        "the back repeats the question, and its sound",
        "anki/templates/card.back.html",
        "{{FrontSide}}",
        "{{Question}}",
        ("tests/test_cards.py::test_turning_a_card_plays_only_the_sounds_of_the_answer",),
    ),
    Mutation(
        "both sides of a cloze have its sounds",
        "text/cloze.py",
        'if match[0].startswith("[") and not depth:',
        'if match[0].startswith("[") and depth:',
        ("tests/test_cards.py::test_turning_a_card_plays_only_the_sounds_of_the_answer",),
    ),
    Mutation(
        "no language on the card",
        "anki/templates/cloze.front.html",
        ' lang="{{Language}}"',
        "",
        ("tests/test_cards.py::test_a_card_is_marked_with_the_language_of_its_lesson",),
    ),
    Mutation(
        "a curly apostrophe must be typed",
        "text/typed_answer.py",
        ".translate(_KEYS)",
        "",
        ("tests/test_cards.py::test_a_learner_types_the_question_of_a_reversed_card",),
    ),
    Mutation(
        "cards are numbered through",
        "output/apkg.py",
        "id = frozen.card_id(note_id, ord, taken)",
        "id = 10**12 + len(taken)",
        (f"{FROZEN}test_the_ids_of_cards_hang_on_their_note_and_their_number_alone",),
    ),
    Mutation(
        "a reverse card gets another id",
        "anki/frozen.py",
        "_CARD_SPAN_MS: Final = 1_000_003",
        "_CARD_SPAN_MS: Final = 1_000_033",
        (f"{FROZEN}test_the_id_of_a_card",),
    ),
    Mutation(
        "decks get other numbers",
        "anki/frozen.py",
        'f"{deck_id}__{key}"',
        'f"{deck_id}_{key}"',
        (f"{FROZEN}test_the_number_of_a_deck",),
    ),
    Mutation(
        "the search for withdrawn notes takes _ for any character",
        "render/decks.py",
        r'id.replace("_", r"\_")',
        "id",
        ("tests/test_decks.py::test_page_says_why_a_note_is_withdrawn_and_which_takes_its_place",),
    ),
    Mutation(
        "escapes in coloured code stay as a highlighter wrote them",
        "text/highlight.py",
        "code if '<' in code else escape(unescape(code), quote=False)",
        "code",
        ("tests/test_diff.py::test_code_is_the_same_whatever_its_highlighter_escaped",),
    ),
    Mutation(
        "a ledger of another format than the newest counts as a later one",
        "edition/ledger.py",
        "format > max(READERS)",
        "format != max(READERS)",
        (f"{LEDGER}test_a_ledger_of_every_format_is_read_by_its_own_reader",),
    ),
    Mutation(
        "capitals make another deck",
        "anki/names.py",
        'unicodedata.normalize("NFC", name).casefold()',
        'unicodedata.normalize("NFC", name)',
        (f"{LEDGER}test_a_deck_renamed_in_capitals_only_is_the_same_deck",),
    ),
    Mutation(
        "verify knows fields by the names that a learner gave them",
        "verify/engine.py",
        'ours.get(field["id"], field["name"])',
        'field["name"]',
        ("tests/test_verify.py::test_a_field_that_the_learner_gave_another_name_is_still_ours",),
    ),
    Mutation(
        "a damaged line of the ledger is skipped",
        "edition/entries.py",
        "            problems.append(damaged(file, number, line, found))\n",
        "",
        (f"{LEDGER}test_a_damaged_line_is_named_and_nothing_overwritten",),
    ),
    Mutation(
        "a line of the ledger is taken whatever its check",
        "edition/ledger_format_2.py",
        "if check is not None and check != _check(_body(id, entry), start):",
        "if False:",
        (f"{GUARD}test_each_flipped_bit_is_told_or_changes_nothing",),
    ),
    Mutation(
        "lost lines of the ledger go unnoticed",
        "edition/ledger_format_2.py",
        'header.get("sum") != _hex(total)',
        "False",
        (f"{GUARD}test_lines_that_a_merge_lost_are_told",),
    ),
    Mutation(
        "a mod years ahead is taken",
        "edition/entries.py",
        "if entry.last_mod > latest",
        "if False",
        (f"{GUARD}test_a_mod_years_ahead_is_an_error",),
    ),
    Mutation(
        "a forgotten note's mod is lost",
        "edition/plan.py",
        "max(self.now, self.forgotten + 1) if self.forgotten else self.now",
        "self.now",
        (f"{GUARD}test_a_draft_that_was_forgotten_comes_back_with_a_later_mod",),
    ),
    Mutation(
        "clozes numbered anew are no matter",
        "edition/plan.py",
        "problems += cloze_warnings(loaded, note, entry.hides)",
        "pass",
        (f"{GUARD}test_clozes_numbered_anew_are_a_warning",),
    ),
    Mutation(
        "other words behind a number are a number anew",
        "edition/side_effects.py",
        "if words == others or (",
        "if True or (",
        (f"{GUARD}test_a_cloze_that_is_mended_or_grows_is_no_warning",),
    ),
    Mutation(
        "of two branches' dates the latest stays",
        "edition/entries.py",
        "min(fitting, key=_order)",
        "max(fitting, key=_order)",
        (f"{BRANCHES}test_a_note_of_which_branches_say_different_things_is_settled_by_one_rule",),
    ),
    Mutation(
        "a date stays though the other branch had another text later",
        "edition/entries.py",
        "if entry.mod > other]",
        "]",
        (f"{BRANCHES}test_a_note_of_which_branches_say_different_things_is_settled_by_one_rule",),
    ),
    Mutation(
        "builds do not wait for each other",
        "output/lock.py",
        "        fcntl.flock(descriptor, fcntl.LOCK_EX)\n",
        "",
        ("tests/test_lock.py::test_a_build_waits_for_another_and_no_lock_outlives_a_kill",),
    ),
    Mutation(
        "verify looks at the last earlier edition only",
        "verify/fates.py",
        "same[-1] if same",
        "same[0] if same",
        ("tests/test_verify.py::test_what_the_first_edition_alone_shows_is_found_behind_others_too",),
    ),
    Mutation(
        "another deck's ledger is taken",
        "edition/ledger.py",
        "if ledger.deck_id == deck_id:",
        "if True:",
        (f"{LEDGER}test_another_decks_ledger_is_refused",),
    ),
    Mutation(
        "diff tells nothing of a change that would not arrive",
        "diff/comparison.py",
        "    if not later:\n",
        "    if False:\n",
        ("tests/test_diff.py::test_what_would_not_arrive_is_told",),
    ),
    Mutation(
        "verify takes what was refused for fine",
        "verify/report.py",
        '_FAILURES: Final = frozenset({"refused", "redated", "duplicated", "lost"})',
        '_FAILURES: Final = frozenset({"lost"})',
        ("tests/test_verify.py::test_an_edition_built_without_its_ledger_is_refused_where_it_is_older",),
    ),
    Mutation(
        "verify forgets the log beside a collection",
        "verify/engine.py",
        'for suffix in ("", "-wal"):',
        'for suffix in ("",):',
        ("tests/test_verify.py::test_what_a_crash_left_in_the_log_counts",),
    ),
    Mutation(
        "the page's policy allows scripts that are written in it",
        "page/document.py",
        "script-src {scripts};",
        "script-src 'unsafe-inline';",
        ("tests/page/test_command.py::test_the_policy_allows_the_page_its_own_parts_only",),
    ),
    Mutation(
        "the page shows a picture from elsewhere",
        "page/contents.py",
        "_PICTURE_ELSEWHERE.sub(_link, html)",
        "html",
        ("tests/page/test_contents.py::test_a_picture_elsewhere_is_a_link_and_a_style_a_number",),
    ),
    Mutation(
        "a card of a cloze hides all that the text hides",
        "page/contents.py",
        "asked = number is None or own == number",
        "asked = True",
        ("tests/page/test_contents.py::test_a_cloze_card_asks_for_its_number_and_shows_the_rest",),
    ),
    Mutation(
        "the preview answers under any host name",
        "preview/server.py",
        "if host not in self.server.hosts:",
        "if not host.strip('x'):",
        ("tests/preview/test_safety.py::test_another_host_is_refused",),
    ),
    Mutation(
        "a page of another site may ask the preview for notes",
        "preview/server.py",
        'and origin in {None, f"http://{host}"}:',
        "and True:",
        ("tests/preview/test_safety.py::test_another_origin_is_refused",),
    ),
    Mutation(
        "a card's script may read the preview's news",
        "preview/server.py",
        "elif _same(token, self.server.page_token) and",
        "elif (_same(token, self.server.page_token) or _same(token, self.server.frame_token)) and",
        ("tests/preview/test_safety.py::test_the_frames_token_opens_no_more_than_a_frame_needs",),
    ),
    Mutation(
        "a save with errors takes the cards away",
        "preview/session.py",
        "new = replace(old, version=old.version + 1, problems",
        "new = State(version=old.version + 1, problems",
        ("tests/preview/test_fates.py::test_the_place_of_a_note_is_that_of_its_id",),
    ),
    Mutation(
        "the preview is sent all notes at each save",
        "preview/session.py",
        "if before.get(id) is not line]",
        "if line]",
        ("tests/preview/test_fates.py::test_a_page_is_told_only_what_changed",),
    ),
    Mutation(
        "any words that the preview saw pass for those that learners have",
        "preview/fates.py",
        "if note and entry and note_hash(note) == entry.hash else None",
        "if note and entry else None",
        ("tests/preview/test_fates.py::test_an_edition_that_somebody_else_built_makes_old_words_unknown",),
    ),
    Mutation(
        "the preview shows no front on the back",
        "preview/sides.py",
        "        return front\n",
        '        return ""\n',
        ("tests/preview/test_templates.py::test_every_kind_of_card_is_rendered_as_anki_renders_it",),
    ),
)
# The rules of texts, each without one of its conditions.
ALL: Final = MUTATIONS + tuple(
    Mutation(f"{file}: without a part of {old}", file, old, new, (test,)) for file, old, new, test in RULES
)


def run(source: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run some tests on the product as it is in `source`."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--no-header",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        *tests,
    ]
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def try_out(mutation: Mutation, folder: Path) -> str:
    """Return what is wrong: the breakage does not fit, or no test finds it. Empty where one does."""
    source = folder / f"{ALL.index(mutation)}"
    shutil.copytree(PACKAGE, source / "gen2anki", ignore=shutil.ignore_patterns("__pycache__"))
    file = source / "gen2anki" / mutation.file
    text = file.read_text(encoding="utf-8")
    if mutation.old not in text or (text.count(mutation.old) > 1 and not mutation.file.endswith(".css")):
        return f"'{mutation.old.strip()}' does not stand in {mutation.file} once: write this breakage anew"
    file.write_text(text.replace(mutation.old, mutation.new, 1), encoding="utf-8")
    ran = run(source, mutation.tests)
    # 1: tests ran, and some failed. Anything else (a syntax error of ours, no such test) proves nothing.
    if ran.returncode == 1:
        return ""
    return "no test turned red" if ran.returncode == 0 else f"pytest ended with {ran.returncode}: {ran.stdout[-500:]}"


def main() -> None:
    """Try all breakages; exit with 1 where one is not found."""
    start = time.monotonic()
    chosen = [mutation for mutation in ALL if not sys.argv[1:] or any(word in mutation.name for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        tests = tuple(dict.fromkeys(test for mutation in chosen for test in mutation.tests))
        whole = pool.submit(run, PACKAGE.parent, tests)
        found = list(pool.map(lambda mutation: try_out(mutation, Path(name)), chosen))
        unbroken = whole.result()
    for mutation, wrong in zip(chosen, found, strict=True):
        print(f"{'FAIL' if wrong else 'red '}  {mutation.name}{f': {wrong}' if wrong else ''}")
    if unbroken.returncode:
        print(f"FAIL  the tests are red without any breakage:\n{unbroken.stdout[-3000:]}")
    failed = any(found) or unbroken.returncode != 0
    print(
        f"{len(chosen)} breakages, {time.monotonic() - start:.0f} s: {'see above' if failed else 'each turned a test red'}."
    )
    sys.exit(failed)


if __name__ == "__main__":
    main()
