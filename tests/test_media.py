"""Pictures and sounds, from the author's folder to the learner's media folder."""

import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path
from typing import Any, Literal

import pytest

from author import Author
from gen2anki.diagnostics.codes import Code
from gen2anki.text import media, renderer
from learner import Arrived, Learner
from lesson import settle_in

# The smallest real files: a PNG and a GIF of one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + bytes(64)

LESSON = """\
deck: {id: media, name: Media}
flashcards:
  - id: seen
    question: What is this? ![a red pixel](media/pixel.png)
    answer: A pixel.
  - id: heard
    question: Who sings?
    answer: "A bird: ![](media/bird%20song.mp3)"
"""


@pytest.fixture
def media_author(author: Author) -> Author:
    """Return an author with a lesson of one picture and one sound."""
    folder = author.folder / "media"
    folder.mkdir()
    (folder / "pixel.png").write_bytes(PNG)
    (folder / "bird song.mp3").write_bytes(MP3)
    author.write(LESSON)
    return author


def media_folder(learner: Learner) -> dict[str, bytes]:
    """Return the learner's media by name."""
    folder = Path(learner.collection.media.dir())
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_pictures_and_sounds_arrive(media_author: Author, learner: Learner) -> None:
    """Each is in the learner's media folder, byte for byte, under the name the field has; Anki misses none."""
    assert learner.take(media_author.publish()) == Arrived(new=2)
    (picture,) = re.findall(r'<img src="([^"]*)" alt="a red pixel">', learner.field("seen", "Question"))
    (sound,) = re.findall(r"\[sound:([^\]]*)\]", learner.field("heard", "Answer"))
    assert media_folder(learner) == {picture: PNG, sound: MP3}
    assert re.fullmatch(r"pixel-[0-9a-f]{16}\.png", picture)
    assert re.fullmatch(r"bird_song-[0-9a-f]{16}\.mp3", sound)
    found = learner.collection.media.check()
    assert (list(found.missing), list(found.unused)) == ([], [])


def test_sound_plays_on_the_answer_side(media_author: Author, learner: Learner) -> None:
    """Anki itself finds the sound in the card."""
    learner.take(media_author.publish())
    (card,) = learner.note("heard").cards()
    assert [tag.filename for tag in card.answer_av_tags()] == re.findall(  # type: ignore[union-attr]
        r"\[sound:(.*?)\]", learner.field("heard", "Answer")
    )


def test_a_drawing_is_the_same_on_every_system(author: Author, learner: Learner) -> None:
    """Git writes an SVG's lines as the system does: on Windows and on Linux it is one picture, and no change."""
    author.write("deck: {id: d, name: D}\nflashcards: [{id: a, question: '![](d.svg)', answer: b}]\n")
    drawing = author.folder / "d.svg"
    drawing.write_bytes(b"<svg>\r\n</svg>\r\n")
    first = author.publish()
    ledger = author.ledger.read_bytes()
    learner.take(first)
    assert list(media_folder(learner).values()) == [b"<svg>\n</svg>\n"]
    drawing.write_bytes(b"<svg>\n</svg>\n")
    assert (author.publish().read_bytes(), author.ledger.read_bytes()) == (first.read_bytes(), ledger)


def test_a_picture_arrives_with_its_width(media_author: Author, learner: Learner) -> None:
    """In percent or in pixels, as HTML has it, and as Anki's editor writes it; the file is packed as ever."""
    media_author.replace("(media/pixel.png)", "(media/pixel.png){width=50%}")
    media_author.replace("A pixel.", "'![](media/pixel.png){width=300px}'")
    learner.take(media_author.publish())
    (picture,) = re.findall(r'<img src="([^"]*)" alt="a red pixel" width="50%">$', learner.field("seen", "Question"))
    assert learner.field("seen", "Answer") == f'<img src="{picture}" alt="" width="300">'
    assert media_folder(learner)[picture] == PNG


def test_a_sound_has_no_width(media_author: Author) -> None:
    """It is told at the sound."""
    media_author.replace("song.mp3)", "song.mp3){width=50%}")
    (problem,) = media_author.json("check")["problems"]
    assert (problem["line"], problem["code"]) == (8, Code.MEDIA_SYNTAX)
    assert problem["text"] == "a sound or film has no width"


def test_another_picture_of_the_same_name_arrives(media_author: Author, learner: Learner) -> None:
    """A picture replaced on disk changes its note, and no other, and the new one is what the learner sees."""
    learner.take(media_author.publish())
    (media_author.folder / "media" / "pixel.png").write_bytes(PNG + b"\0")
    assert learner.take(media_author.publish()) == Arrived(updated=1, unchanged=1)
    (picture,) = re.findall(r'src="([^"]*)"', learner.field("seen", "Question"))
    assert media_folder(learner)[picture] == PNG + b"\0"


def test_a_picture_under_another_name_is_the_same_content(media_author: Author) -> None:
    """Two names of the same bytes are two files; a picture used twice is packed once."""
    media_author.replace("A pixel.", "A ![](media/pixel.png) and ![](media/other.png)")
    (media_author.folder / "media" / "other.png").write_bytes(PNG)
    with zipfile.ZipFile(media_author.publish()) as archive:
        names = json.loads(archive.read("media"))
        assert sorted(archive.read(number) for number in names) == sorted([PNG, PNG, MP3])
    assert sorted(name.partition("-")[0] for name in names.values()) == ["bird_song", "other", "pixel"]


def test_zip_is_the_same_everywhere(media_author: Author) -> None:
    """Entries are deflated, sorted and dated 1980-01-01."""
    with zipfile.ZipFile(media_author.publish()) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["0", "1", "collection.anki2", "media"]
    assert {(entry.date_time, entry.compress_type, entry.create_system) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_DEFLATED, 3)
    }


def test_names_that_anki_would_change_are_made_plain(author: Author, learner: Learner) -> None:
    """Punctuation, a leading underscore, other alphabets and long names: the field's name is the file's."""
    names = ["_logo.gif", "a [b] 'c'.gif", "été.gif", "図.gif", "x" * 200 + ".gif", "UPPER.GIF"]
    lines = ["deck: {id: names, name: Names}", "flashcards:"]
    for number, name in enumerate(names):
        (author.folder / name).write_bytes(GIF + bytes(number))
        lines.append(f'  - {{id: n{number}, question: q, answer: "![](<{name}>)"}}')
    author.write("\n".join(lines))
    learner.take(author.publish())
    used = [re.findall(r'src="([^"]*)"', learner.field(f"n{number}", "Answer"))[0] for number in range(len(names))]
    assert sorted(media_folder(learner)) == sorted(used)
    assert [name.rpartition("-")[0] for name in used] == ["logo", "a_b_c", "été", "図", "x" * 80, "upper"]
    assert not list(learner.collection.media.check().missing)


def test_media_in_raw_html_are_packed(author: Author, learner: Learner) -> None:
    """With `html: true` the author's own tags name media too."""
    (author.folder / "a.gif").write_bytes(GIF)
    (author.folder / "b.mp3").write_bytes(MP3)
    author.write(
        "deck: {id: raw, name: Raw, html: true}\n"
        "flashcards:\n"
        "  - id: a\n"
        "    question: <img class=wide src='a.gif'>\n"
        '    answer: <audio controls src="b.mp3"></audio> <img src="https://example.org/c.gif"> ![](a.gif)\n'
    )
    learner.take(author.publish())
    names = list(media_folder(learner))
    assert learner.field("a", "Question") == f'<img class=wide src="{names[0]}">'
    assert learner.field("a", "Answer") == (
        f'<audio controls src="{names[1]}"></audio> <img src="https://example.org/c.gif"> <img src="{names[0]}" alt="">'
    )


def test_source_in_another_folder_finds_its_media(media_author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Media are looked up from the source's folder, wherever the command runs."""
    monkeypatch.chdir(media_author.folder.parent)
    result = media_author.run("build", "author/cards.yaml", "-o", "author/x.apkg")
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(media_author.folder / "x.apkg") as archive:
        assert archive.read("0") in {PNG, MP3}


def test_a_folder_of_a_longer_name_is_another_folder(author: Author) -> None:
    """A path that begins with the name of the lesson's folder may lie outside of it all the same."""
    (author.folder.parent / "author-2").mkdir()
    (author.folder.parent / "author-2" / "x.gif").write_bytes(GIF)
    author.write('deck: {id: o, name: O}\nflashcards:\n  - {id: a, question: q, answer: "![](../author-2/x.gif)"}\n')
    assert [problem["code"] for problem in author.json("check")["problems"]] == ["media-outside"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_file_is_found_in_whichever_form_its_name_is_stored(
    author: Author, learner: Learner, form: Literal["NFC", "NFD"]
) -> None:
    """A Mac takes accents apart, and the source is read composed; its name in Anki is composed, too."""
    (author.folder / f"{unicodedata.normalize(form, 'été')}.gif").write_bytes(GIF)
    author.write('deck: {id: n, name: N}\nflashcards:\n  - {id: a, question: q, answer: "![](été.gif)"}\n')
    learner.take(author.publish())
    assert [name.rpartition("-")[0] for name in media_folder(learner)] == ["été"]
    assert not list(learner.collection.media.check().missing)


@pytest.mark.parametrize("name", ["Mona%20Lisa.png", "Caf%C3%A9.png", "Café%20Ă.png", "100%.png"])
def test_a_file_may_be_called_as_an_address_is_written(author: Author, learner: Learner, name: str) -> None:
    """A picture saved from the web may have `%20` in its name; that is what it is found by, unless there is another."""
    (author.folder / name).write_bytes(PNG)
    author.write(f'deck: {{id: m, name: M}}\nflashcards:\n  - {{id: a, question: "![]({name})", answer: a}}\n')
    learner.take(author.publish())
    assert learner.medium(learner.field("a", "Question")) == PNG


def test_a_name_with_a_space_comes_before_one_with_its_sign(author: Author, learner: Learner) -> None:
    """In Markdown, `%20` is a space in the first place; and what is wrong with the other file is told of that."""
    (author.folder / "a b.png").write_bytes(GIF)
    (author.folder / "a%20b.png").write_bytes(PNG)
    (author.folder / "c%20d.png").write_bytes(b"")
    note = "deck: {{id: m, name: M}}\nflashcards:\n  - {{id: a, question: '![]({})', answer: a}}\n"
    author.write(note.format("a%20b.png"))
    learner.take(author.publish())
    assert learner.medium(learner.field("a", "Question")) == GIF
    found = []
    for name in ("c%20d.png", "c%20e.png"):
        author.write(note.format(name))
        found += [(p["code"], p["column"], p["text"]) for p in author.json("check")["problems"]]
    assert found == [
        ("media-empty", 28, "'c%20d.png' is empty"),
        ("media-missing", 28, "there is no file 'c e.png': did you mean 'a b.png'?"),
    ]


def test_a_name_that_the_system_cannot_spell_is_a_problem(author: Author) -> None:
    """In the C locale a name of a file is ASCII: the author is told, and gets no traceback."""
    (author.folder / "é.gif").write_bytes(GIF)
    author.write('deck: {id: c, name: C}\nflashcards:\n  - {id: a, question: q, answer: "![](é.gif)"}\n')
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "gen2anki", "check", "--json"]
    run = subprocess.run(command, cwd=author.folder, env=environment, capture_output=True, check=False)
    assert (run.returncode, run.stderr) == (1, b"")
    assert [problem["code"] for problem in json.loads(run.stdout)["problems"]] == ["media-unreadable"]


def test_picture_that_changes_while_it_is_packed(media_author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name never stands for other bytes: the build says so, and writes nothing."""
    from gen2anki.output import apkg

    write = apkg.write

    def swap_then_write(*arguments: Any) -> None:
        (media_author.folder / "media" / "pixel.png").write_bytes(GIF)
        write(*arguments)

    monkeypatch.setattr(apkg, "write", swap_then_write)
    result = media_author.run("build")
    assert result.exit_code == 1
    assert "changed while the deck was built" in result.stderr
    assert sorted(path.name for path in media_author.folder.iterdir()) == ["cards.yaml", "media"]


@pytest.mark.parametrize(("more", "codes"), [(0, []), (1, ["media-size"])])
def test_a_medium_of_just_the_most_bytes_is_packed(
    author: Author, monkeypatch: pytest.MonkeyPatch, more: int, codes: list[str]
) -> None:
    """Up to 100 MiB, as docs/format.md says."""
    settle_in(author.folder)
    size = (author.folder / "media" / "map.png").stat().st_size
    monkeypatch.setattr(media, "MAX_BYTES", size - more)
    assert [problem["code"] for problem in author.json("check")["problems"]] == codes


@pytest.mark.parametrize("address", ["http://example.org/a.png", "https://example.org/a.png"])
def test_a_picture_elsewhere_stays_there(author: Author, learner: Learner, address: str) -> None:
    """An address is no file."""
    author.write(
        "deck: {id: m, name: M}\n"
        f'flashcards: [{{id: a, question: "![]({address})", answer: "http://example.org/x"}}]\n'
    )
    learner.take(author.publish())
    assert address in learner.field("a", "Question")


@pytest.mark.parametrize(
    ("name", "shown"), [("a.mp4", "[sound:"), ("a.avi", "[sound:"), ("a.webp", "<img "), ("a.svg", "<img ")]
)
def test_films_and_newer_pictures_are_shown(author: Author, learner: Learner, name: str, shown: str) -> None:
    """A film as a sound is."""
    (author.folder / name).write_bytes(b"x")
    author.write("deck: {id: m, name: M}\n" + f'flashcards: [{{id: a, question: "q ![]({name})", answer: a}}]\n')
    learner.take(author.publish())
    assert shown in learner.field("a", "Question")


def test_entries_of_a_package_are_sorted(author: Author) -> None:
    """Also where there are more than ten pictures."""
    for number in range(11):
        (author.folder / f"{number}.png").write_bytes(bytes([number]))
    pictures = "".join(f"![]({number}.png)" for number in range(11))
    author.write("deck: {id: m, name: M}\n" + f'flashcards: [{{id: a, question: "{pictures}", answer: a}}]\n')
    with zipfile.ZipFile(author.publish()) as archive:
        assert archive.namelist() == sorted(archive.namelist())


def test_the_nearest_name_differs_in_capitals_alone(author: Author) -> None:
    """A name in other capitals is nearer than one that looks alike."""
    for name in ("a.png", "ECG.PNG"):
        (author.folder / name).write_bytes(PNG)
    author.write('deck: {id: m, name: M}\nflashcards:\n  - {id: a, question: "![](ECG.png)", answer: a}\n')
    (problem,) = author.json("check")["problems"]
    assert problem["text"] == "there is no file 'ECG.png': did you mean 'ECG.PNG'?"


def test_capitals_that_only_this_disk_ignores_are_told(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that ignores capitals finds the file by either name; other systems, and learners' phones, do not."""
    (author.folder / "map.png").write_bytes(PNG)
    author.write('deck: {id: m, name: M}\nflashcards:\n  - {id: a, question: "![](map.png)", answer: a}\n')
    names = os.listdir

    def as_stored(folder: str) -> list[str]:
        return ["Map.png" if name == "map.png" else name for name in names(folder)]

    monkeypatch.setattr(os, "listdir", as_stored)
    (problem,) = author.json("check")["problems"]
    assert (problem["code"], problem["text"].partition(",")[0]) == ("media-missing", "the file's name is 'Map.png'")


def test_a_picture_under_other_capitals_is_seen(author: Author, learner: Learner) -> None:
    """Anki looks for names without regard to capitals, so packed names are in small letters."""
    note = 'deck: {{id: m, name: M}}\nflashcards:\n  - {{id: a, question: "![]({})", answer: a}}\n'
    for name in ("map.png", "Map.png"):
        for old in author.folder.glob("*.png"):
            old.unlink()
        (author.folder / name).write_bytes(PNG)
        author.write(note.format(name))
        learner.take(author.publish())
        assert learner.medium(learner.field("a", "Question")) == PNG
        assert not list(learner.collection.media.check().missing)


def test_media_that_an_author_of_html_names_are_packed(author: Author, learner: Learner) -> None:
    """Each by its tag: Anki's own check misses none."""
    for name in ("a.png", "c.mp3", "d.mp4", "f.svg"):
        (author.folder / name).write_bytes(name.encode())
    tags = '<img alt="x" src="a.png"> <video src="d.mp4"></video> <audio><source src="c.mp3"></audio> <object data="f.svg"></object>'
    author.write(
        f"deck: {{id: m, name: M, html: true}}\nflashcards:\n  - id: a\n    question: q\n    answer: '{tags}'\n"
    )
    learner.take(author.publish())
    assert len(learner.media()) == 4
    assert not list(learner.collection.media.check().missing)


def test_verify_fails_on_what_ankis_own_check_misses(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture that a note shows and the package lacks is missing, whatever the lesson thinks of it."""
    author.write(
        "deck: {id: m, name: M, html: true}\nflashcards: [{id: a, question: q, answer: '<img src=lost.png>'}]\n"
    )
    monkeypatch.setattr(renderer, "_RAW_MEDIUM", re.compile("(?!)"))
    result = author.run("verify", "--json")
    assert (result.exit_code, json.loads(result.stdout)["media_missing"]) == (1, ["lost.png"])
