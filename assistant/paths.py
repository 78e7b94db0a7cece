"""Where things are kept: packaged data, configuration, state and the control socket."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def packaged(relative: str) -> Path:
    """A file or folder that comes with the product: `intents`, `models/manifest.toml`, …

    An installed package carries them in `assistant/_data`, a checkout at its top level.
    """
    inside = _PACKAGE / "_data" / relative
    return inside if inside.exists() else _PACKAGE.parent / relative


def checkout() -> Path | None:
    """The top of the source checkout this code runs from, or None when installed."""
    top = _PACKAGE.parent
    return top if (top / "pyproject.toml").is_file() else None


def _xdg(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable, "")
    return Path(value) if Path(value).is_absolute() else Path.home() / fallback


def config_files() -> tuple[Path, ...]:
    """Configuration files looked for, weakest first."""
    return (
        Path("/etc/assistant/assistant.toml"),
        _xdg("XDG_CONFIG_HOME", ".config") / "assistant" / "assistant.toml",
    )


def data_directory() -> Path:
    """State that must survive: systemd's state directory, else the user's data directory."""
    state = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(state) if state else _xdg("XDG_DATA_HOME", ".local/share") / "assistant"


def runtime_directory() -> Path:
    """Sockets of the running daemon: systemd's runtime directory, else the user's, else state."""
    for variable in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        value = os.environ.get(variable, "").split(":")[0]
        if value and Path(value).is_dir():
            return Path(value) if variable == "RUNTIME_DIRECTORY" else Path(value) / "assistant"
    return data_directory() / "run"
