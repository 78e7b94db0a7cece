"""An authority and its certificates, made with OpenSSL's command line for the tests."""

from __future__ import annotations

import subprocess
from pathlib import Path


class Authority:
    """Signs certificates; all files are PEM in `directory`."""

    def __init__(self, directory: Path, name: str = "authority") -> None:
        self._directory = directory
        self.ca = directory / f"{name}.pem"
        self._key = directory / f"{name}.key"
        self._openssl(
            "req", "-x509", *self._new_key(self._key), "-days", "2", "-subj", f"/CN={name}",
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign", "-out", self.ca,
        )  # fmt: skip

    def issue(self, name: str, host: str = "IP:127.0.0.1", days: int = 2) -> tuple[Path, Path]:
        """A certificate made out for `host`, and its key; with negative `days` it has expired."""
        certificate, key, request, extensions = (
            self._directory / f"{name}.{ending}" for ending in ("pem", "key", "csr", "ext")
        )
        extensions.write_text(f"subjectAltName={host}\n")
        self._openssl("req", *self._new_key(key), "-subj", f"/CN={name}", "-out", request)
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self._key, "-CAcreateserial",
            "-days", days, "-extfile", extensions, "-out", certificate,
        )  # fmt: skip
        return certificate, key

    @staticmethod
    def _new_key(path: Path) -> tuple[object, ...]:
        return (
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-keyout",
            path,
        )

    @staticmethod
    def _openssl(*arguments: object) -> None:
        subprocess.run(
            ["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30
        )


def served(certificate: tuple[Path, Path], clients: Path | None = None) -> tuple[str, ...]:
    """A Mosquitto listener's lines; with `clients` it takes those whom that authority signed."""
    lines = (f"certfile {certificate[0]}", f"keyfile {certificate[1]}")
    if clients is None:
        return lines
    return (*lines, f"cafile {clients}", "require_certificate true")
