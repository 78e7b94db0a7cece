"""TLS towards the broker: certificates in, and what is wrong with them in plain words."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from assistant.config import MqttSettings
from assistant.errors import BrokerError

_EXPIRED, _NOT_YET, _OTHER_NAMES = 10, 9, (62, 63, 64)
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_EOF_WHILE_READING")
_UNKNOWN_SIGNERS = (2, 18, 19, 20, 21)
"""Codes of OpenSSL's X509_STORE_CTX_get_error (docs.openssl.org)."""


def tls_context(settings: MqttSettings) -> ssl.SSLContext | None:
    """What the broker's certificate is checked against; None without TLS.

    Reads files: not for the event loop. Raises `BrokerError` for files that are not there or not
    what they should be.
    """
    files = {"ca": settings.ca, "certificate": settings.certificate, "key": settings.key}
    if not settings.tls:
        for name, file in files.items():
            if file:
                raise BrokerError(f"mqtt.{name} is set, but mqtt.tls is not: set mqtt.tls = true.")
        return None
    paths = {name: _readable(f"mqtt.{name}", file) for name, file in files.items() if file}
    if "key" in paths and "certificate" not in paths:
        raise BrokerError("mqtt.key is set, but mqtt.certificate is not: set both.")
    try:
        context = ssl.create_default_context(cafile=paths.get("ca"))
    except ssl.SSLError as error:
        raise BrokerError(
            f"mqtt.ca: {paths['ca']} holds no certificate; give the authority's, in PEM form."
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = not settings.tls_insecure
    if "certificate" in paths:
        _present(context, paths)
    return context


def _present(context: ssl.SSLContext, paths: Mapping[str, str]) -> None:
    """Load the client's own certificate and key."""
    try:
        context.load_cert_chain(paths["certificate"], paths.get("key"), password=lambda: "")
    except ssl.SSLError as error:
        key = paths.get("key", paths["certificate"])
        if error.reason == "KEY_VALUES_MISMATCH":
            sentence = f"the key in {key} does not belong to it"
        elif error.reason in ("BAD_DECRYPT", "BAD_PASSWORD_READ"):
            sentence = f"the key in {key} is locked with a password; give one without"
        else:
            sentence = f"there must be a certificate in it and its key in {key}, both in PEM form"
        raise BrokerError(f"mqtt.certificate: {paths['certificate']}: {sentence}.") from error


def _readable(setting: str, file: str) -> str:
    path = Path(file).expanduser()
    try:
        with path.open("rb"):
            return str(path)
    except FileNotFoundError as error:
        raise BrokerError(f"{setting}: there is no file {path}; correct the path.") from error
    except OSError as error:
        raise BrokerError(
            f"{setting}: {path} cannot be read ({error.strerror}); correct path or permissions."
        ) from error


def explain(error: BaseException | None, settings: MqttSettings) -> str | None:
    """What a failed handshake means and what to do; None where TLS is not the reason."""
    if settings.tls and isinstance(error, ConnectionResetError):
        return "hangs up on TLS; check mqtt.port and mqtt.tls"
    if isinstance(error, ssl.SSLCertVerificationError):
        return _explain_certificate(error, settings)
    if isinstance(error, ssl.SSLError):
        if isinstance(error, ssl.SSLEOFError) or error.reason in _NO_TLS:
            return "does not speak TLS on this port; check mqtt.port and mqtt.tls"
        return f"failed in the TLS handshake ({error.reason or error})"
    return None


def _explain_certificate(error: ssl.SSLCertVerificationError, settings: MqttSettings) -> str:
    code = error.verify_code
    if code == _EXPIRED:
        return "has a certificate that has expired; renew it on the broker"
    if code == _NOT_YET:
        return "has a certificate that is not valid yet; check the clock of this machine"
    if code in _OTHER_NAMES:
        return (
            f"has a certificate that was made out for another name than {settings.host}; set "
            "mqtt.host to that name, or mqtt.tls_insecure = true to take it nevertheless"
        )
    if code in _UNKNOWN_SIGNERS:
        known = settings.ca or "any authority that this system knows"
        return (
            f"has a certificate that was not signed by {known}; set mqtt.ca to the certificate of "
            "the authority that signed it"
        )
    return f"has a certificate that cannot be trusted: {error.verify_message}"
