"""How a package is added to the environment that gen2anki runs in, for messages."""

import os
import sys
from importlib.util import find_spec


def command_to_add(package: str, prefix: str = sys.prefix, *, has_pip: bool | None = None) -> str:
    """Return the command that adds a package, or a newer version of it, where gen2anki was installed.

    `prefix` is the folder of the environment. pipx and uv leave a file of their own in it. `has_pip` tells whether pip is
    installed; by default, Python is asked.
    """
    if os.path.exists(os.path.join(prefix, "pipx_metadata.json")):
        return f"pipx inject --force gen2anki {package}"
    if os.path.exists(os.path.join(prefix, "uv-receipt.toml")):
        return f"uv tool install --upgrade --with {package} gen2anki"
    if has_pip is None:
        has_pip = find_spec("pip") is not None
    return f"{'pip' if has_pip else 'uv pip'} install --upgrade {package}"
