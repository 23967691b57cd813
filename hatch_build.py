"""The README as package indexes show it: with links that work outside the repository.

An index has no files beside the README. So each link to a file of the repository leads to the repository's address, which is
`Repository` under `[project.urls]`, or GEN2ANKI_REPOSITORY where a fork builds a package of its own. Without an address such a
link is plain text, and a picture is its description.
"""

import os
import re
from pathlib import Path
from typing import Any, Final

from hatchling.metadata.plugin.interface import MetadataHookInterface

_FILE: Final = r"(?!https?:|#)[^)\"\s]+"
_LINK: Final = re.compile(rf"(?<!!)\[([^\]]*)\]\(({_FILE})\)")
_PICTURE: Final = re.compile(r"<picture>.*?<img alt=\"([^\"]*)\" src=\"([^\"]*)\">.*?</picture>", re.DOTALL)


def readme_for_index(text: str, repository: str) -> str:
    """Return the README's text with links to `repository`, the address of its start page, or with none where it is empty."""
    if not repository:
        return _LINK.sub(r"\1", _PICTURE.sub(r"*\1*", text))
    pages, files = f"{repository.rstrip('/')}/blob/main/", f"{repository.rstrip('/')}/raw/main/"
    text = _PICTURE.sub(rf'<img alt="\1" src="{files}\2">', text)
    return _LINK.sub(rf"[\1]({pages}\2)", text)


class Hook(MetadataHookInterface):
    """Give the package its README."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add `readme` to the project's metadata."""
        repository = os.environ.get("GEN2ANKI_REPOSITORY") or metadata.get("urls", {}).get("Repository", "")
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": readme_for_index(text, repository)}
