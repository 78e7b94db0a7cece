"""A model is tried in a process of its own before it is let into this one.

llama.cpp is not made for files that it cannot trust: where a check of its own fails it ends the
process, and on a processor that lacks what it was compiled for the first token does. That must not
happen to the process that switches the lights on.

    python -m assistant.llm.trial MODEL [ADAPTER]
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assistant.errors import AssistantError, ModelError
from assistant.llm.gguf import find_gguf

_LONGEST_S = 180.0
_CPU = Path("/proc/cpuinfo")
_TELLING = ("model name", "flags", "Features", "CPU part")
_PACKAGE = Path(__file__).parents[2]


@contextmanager
def tried(path: Path, adapter: Path | None, folder: Path) -> Iterator[None]:
    """Within it the model at `path` may be loaded, for it has survived a trial.

    That it did is remembered in `folder`, for these files on this machine, and forgotten while it
    is loaded: should that end this process, the next one tries again. Raises `ModelError` where
    the trial ended badly.
    """
    mark = folder / f"tried-{_key(find_gguf(path), adapter)}"
    if not mark.exists():
        _try(find_gguf(path), adapter)
    with suppress(OSError):
        mark.unlink(missing_ok=True)
    yield
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _try(path: Path, adapter: Path | None) -> None:
    files = [str(path), *([str(adapter)] if adapter is not None else [])]
    places = [str(_PACKAGE), os.environ.get("PYTHONPATH", "")]
    try:
        ended = subprocess.run(  # noqa: S603  this very interpreter
            [sys.executable, "-m", "assistant.llm.trial", *files],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, places)),
                "GGML_NO_BACKTRACE": "1",
            },
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=_LONGEST_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            f"{path} did not write a token within {_LONGEST_S:g} s: it is damaged, or much too big "
            "for this machine (`assistant models recommend`)"
        ) from error
    except OSError:
        return  # without processes there is no trial
    if ended.returncode < 0:
        how = signal.Signals(-ended.returncode).name
        with_it = f" with {adapter}" if adapter is not None else ""
        raise ModelError(
            f"{path}{with_it} ends llama.cpp ({how}): it is damaged, or llama.cpp was not compiled "
            "for this processor; fetch it again with `assistant models fetch`, or choose another "
            "with llm.model"
        )


def _key(path: Path, adapter: Path | None) -> str:
    """Tells these files, this llama.cpp and this processor from others."""
    about = [importlib.metadata.version("llama-cpp-python")]
    for file in (path, *([adapter] if adapter is not None else [])):
        with suppress(OSError):  # loading it will tell what is wrong
            status = file.stat()
            about.append(f"{file}:{status.st_size}:{status.st_mtime_ns}")
    with suppress(OSError):
        lines = _CPU.read_text("utf-8", "replace").splitlines()
        about += sorted({line for line in lines if line.startswith(_TELLING)})
    return hashlib.sha256("\0".join(about).encode()).hexdigest()[:24]


def main(arguments: list[str]) -> int:
    """Load a model and let it write a token; 0 where it lives through that, right or wrong."""
    from assistant.llm.llama import LlamaModel
    from assistant.llm.native import EngineOptions

    model, *adapters = map(Path, arguments)
    try:
        loaded = LlamaModel(
            model, EngineOptions(context=512), adapter=adapters[0] if adapters else None
        )
        loaded.complete("One, two,", max_tokens=2)
    except AssistantError as error:  # whoever loads it is told the same
        print(error, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
