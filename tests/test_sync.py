"""The phone's path: editions on the desktop, reviews on the phone, and Anki's own sync server between them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anki.errors import NetworkError
from anki.sync import SyncAuth

from author import DAY, Author
from learner import Arrived, Learner
from lesson import CARDS, NOTES, PICTURE, add_note, settle_in

_START_SECONDS = 20


class Server:
    """A sync server on this machine, with one account."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "SYNC_USER1": "learner:secret",
            "SYNC_BASE": str(folder),
            "SYNC_HOST": "127.0.0.1",
            "SYNC_PORT": str(self.port),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "anki.syncserver"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def login(self, learner: Learner) -> SyncAuth:
        """Log a device in; the server may still be starting."""
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                return learner.collection.sync_login("learner", "secret", f"http://127.0.0.1:{self.port}/")
            except NetworkError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait()


class Device:
    """A desktop or a phone: a collection that syncs."""

    def __init__(self, learner: Learner, server: Server) -> None:
        self.learner = learner
        self.auth = server.login(learner)

    def sync(self) -> bool:
        """Sync collection and media; say whether a full sync was asked for (and then not done)."""
        output = self.learner.collection.sync_collection(self.auth, sync_media=False)
        asked = output.required not in {output.NO_CHANGES, output.NORMAL_SYNC}
        if not asked:
            self._sync_media()
        return asked

    def first_sync(self, *, upload: bool) -> None:
        """Do the full sync that every new device begins with."""
        collection = self.learner.collection
        output = collection.sync_collection(self.auth, sync_media=False)
        collection.close_for_full_sync()
        collection.full_upload_or_download(auth=self.auth, server_usn=output.server_media_usn, upload=upload)
        collection.reopen(after_full_sync=True)
        self._sync_media()

    def _sync_media(self) -> None:
        collection = self.learner.collection
        collection.sync_media(self.auth)
        end = time.monotonic() + _START_SECONDS
        while collection.media_sync_status().active:
            assert time.monotonic() < end, "the media do not arrive"
            time.sleep(0.01)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Return a sync server."""
    made = Server(tmp_path / "server")
    yield made
    made.stop()


@pytest.fixture
def desktop(author: Author, server: Server, new_learner: Callable[[], Learner]) -> Device:
    """Return a desktop that took the first edition, and synced it."""
    settle_in(author.folder)
    made = Device(new_learner(), server)
    assert made.learner.take(author.publish()) == Arrived(new=NOTES)
    made.first_sync(upload=True)
    return made


@pytest.fixture
def phone(desktop: Device, server: Server, new_learner: Callable[[], Learner]) -> Device:
    """Return a phone that got everything from the desktop, through the server."""
    made = Device(new_learner(), server)
    made.first_sync(upload=False)
    assert made.learner.texts() == desktop.learner.texts()
    return made


def _correct(author: Author) -> Path:
    author.replace("Which sea is the largest?", "Which sea has the largest area?")
    (author.folder / "media" / "map.png").write_bytes(PICTURE + b", mended")
    author.write(add_note(author.text()))
    return author.publish()


def _has_all(learner: Learner) -> bool:
    return (
        learner.field("largest", "Question") == "Which sea has the largest area?"
        and learner.field("warmest", "Answer") == "The Red Sea"
        and learner.medium(learner.field("map", "Question")) == PICTURE + b", mended"
    )


def test_reviews_on_the_phone_outlive_an_edition_taken_on_the_desktop(
    author: Author, desktop: Device, phone: Device
) -> None:
    """Phone reviews, sync, edition on the desktop, sync, phone: all reviews, texts and pictures, and no full sync."""
    assert len(phone.learner.review(4)) == 4
    phone.learner.edit("shores", "Answer", "The one of the eels")
    learnt = phone.learner.learning()
    assert [phone.sync(), desktop.sync()] == [False, False]
    assert desktop.learner.learning() == learnt

    assert desktop.learner.take(_correct(author)) == Arrived(new=1, updated=2, unchanged=NOTES - 2)
    assert [desktop.sync(), phone.sync()] == [False, False]

    assert phone.learner.learning().of(learnt) == learnt
    assert phone.learner.field("shores", "Answer") == "The one of the eels"
    assert _has_all(phone.learner)
    assert phone.learner.texts() == desktop.learner.texts()
    assert phone.learner.is_sound()
    assert len(phone.learner.review(2)) == 2
    assert [phone.sync(), desktop.sync()] == [False, False]
    assert desktop.learner.learning() == phone.learner.learning()


def test_an_edition_opened_on_the_phone_itself(author: Author, desktop: Device, phone: Device) -> None:
    """The phone merges it as the desktop would, and the desktop gets it through the sync."""
    assert len(phone.learner.review(4)) == 4
    learnt = phone.learner.learning()
    assert phone.learner.take(_correct(author)) == Arrived(new=1, updated=2, unchanged=NOTES - 2)
    assert phone.learner.learning().of(learnt) == learnt
    assert [phone.sync(), desktop.sync()] == [False, False]
    assert _has_all(desktop.learner)
    assert desktop.learner.learning() == phone.learner.learning()


def test_an_edition_opened_on_both_before_they_sync(author: Author, desktop: Device, phone: Device) -> None:
    """The sync finds the same on both sides: one of each note, and the phone's reviews."""
    edition = _correct(author)
    assert len(phone.learner.review(4)) == 4
    learnt = phone.learner.learning()
    for device in (desktop, phone):
        assert device.learner.take(edition) == Arrived(new=1, updated=2, unchanged=NOTES - 2)
    assert [desktop.sync(), phone.sync(), desktop.sync()] == [False, False, False]
    assert desktop.learner.texts() == phone.learner.texts()
    assert len(desktop.learner.texts()) == NOTES + 1
    assert phone.learner.learning().of(learnt) == learnt
    assert desktop.learner.learning() == phone.learner.learning()
    assert desktop.learner.is_sound()


def test_two_editions_opened_on_two_devices_before_they_sync(author: Author, desktop: Device, phone: Device) -> None:
    """A sync takes two cards of one number for one card, so a new side must not change the numbers of other cards."""
    others = "".join(f"  - {{id: {id}, question: {id}?, answer: a}}\n" for id in ("coldest", "oldest"))
    author.write(add_note(author.text()).replace("practice:\n", f"{others}practice:\n"))
    second = author.publish()
    author.replace("About 11 km\n", "About 11 km\n    reverse: true\n")
    author.replace("The Red Sea}", "The Red Sea, reverse: true}")
    author.replace("of {{c2::salt}}.", "of {{c2::salt}}, in {{c3::all}} seas.")
    third = author.publish()
    assert desktop.learner.take(second) == Arrived(new=3, unchanged=NOTES)
    assert phone.learner.take(third) == Arrived(new=3, updated=2, unchanged=NOTES - 2)
    assert len(phone.learner.review(4)) == 4
    learnt = phone.learner.learning()
    assert [phone.sync(), desktop.sync(), phone.sync(), desktop.sync()] == [False] * 4
    for device in (desktop, phone):
        assert device.learner.learning() == learnt
        assert len(learnt.scheduling) == CARDS + 3 + 3
        assert device.learner.is_sound()


def test_two_lessons_built_in_one_second_and_opened_on_two_devices(
    author: Author, desktop: Device, phone: Device
) -> None:
    """A sync takes two notes of one number for one note, so no two decks may use the same numbers."""
    author.write(add_note(author.text()))
    seas = author.publish()
    author.now -= DAY
    other = author.folder / "lakes.yaml"
    other.write_text("deck: {id: lakes, name: Lakes}\nflashcards:\n  - {id: largest, question: q, answer: a}\n")
    lakes = author.publish("lakes.yaml")
    assert desktop.learner.take(seas) == Arrived(new=1, unchanged=NOTES)
    assert phone.learner.take(lakes) == Arrived(new=1)
    assert [phone.sync(), desktop.sync(), phone.sync()] == [False, False, False]
    assert desktop.learner.texts() == phone.learner.texts()
    assert len(phone.learner.texts()) == NOTES + 2


def test_a_new_look_needs_no_full_sync(
    author: Author, desktop: Device, phone: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other templates or CSS, under a later MOD, are synced like a changed note."""
    from dataclasses import replace

    from gen2anki.anki import notetypes

    new_look = replace(notetypes.card(), css="/* new */")
    monkeypatch.setattr(notetypes, "card", lambda: new_look)
    monkeypatch.setattr(notetypes, "MOD", notetypes.MOD + 1)
    assert desktop.learner.take(author.publish()) == Arrived(unchanged=NOTES)
    assert [desktop.sync(), phone.sync()] == [False, False]
    model = phone.learner.collection.models.by_name("gen2anki Card")
    assert model is not None
    assert model["css"] == "/* new */"
