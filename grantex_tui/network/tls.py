"""Whose certificates are trusted, and which one we show: made into a TLS context once it is needed.

Trusted are the system's authorities and Mozilla's, or those of ``SSL_CERT_FILE`` (``SSL_CERT_DIR``)
instead, as OpenSSL has it; ``--ca-file`` names further ones. A file that does not hold what it
should is told of at once: OpenSSL itself would pass over it.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.errors import InvalidFileError


if TYPE_CHECKING:
    from collections.abc import Mapping

_PEM = "It must hold certificates as PEM: -----BEGIN CERTIFICATE----- …"


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM, empty for none."""

    ca_file: str = ""
    """Authorities to trust besides the usual ones."""
    client_cert: str = ""
    """Our own, for servers that ask for one; its key may be in the same file."""
    client_key: str = ""

    def __bool__(self) -> bool:
        """Whether anything is named."""
        return bool(self.ca_file or self.client_cert)


def tls_context(certificates: Certificates, environment: Mapping[str, str]) -> ssl.SSLContext:
    """A context for connections to servers.

    Raises:
        InvalidFileError: A file is missing, or holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _trust_usual(context, environment)
    if certificates.ca_file:
        _trust_file(context, certificates.ca_file, "--ca-file")
    if certificates.client_cert:
        _show(context, certificates)
    return context


def _trust_usual(context: ssl.SSLContext, environment: Mapping[str, str]) -> None:
    file, folder = environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR")
    if file:
        _trust_file(context, file, "SSL_CERT_FILE")
    if folder:
        _readable(folder, "SSL_CERT_DIR", is_folder=True)
        context.load_verify_locations(capath=folder)
    if not (file or folder):
        import certifi

        context.load_default_certs()
        context.load_verify_locations(cafile=certifi.where())


def _trust_file(context: ssl.SSLContext, path: str, name: str) -> None:
    _readable(path, name)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        raise InvalidFileError(
            f"{name} holds no certificate that can be read", path=path, hint=_PEM
        ) from error


def _show(context: ssl.SSLContext, certificates: Certificates) -> None:
    path, key = certificates.client_cert, certificates.client_key or None
    _readable(path, "the client certificate")
    if key:
        _readable(key, "the client certificate's key")
    try:
        context.load_cert_chain(path, key, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise InvalidFileError(
                "the client certificate and its key don't belong together", path=path
            ) from error
        raise InvalidFileError(
            "no client certificate with its key, unencrypted, can be read",
            path=key or path,
            hint="Give PEM files: --client-cert, and --client-key unless the key is in there too.",
        ) from error


def _readable(path: str, name: str, *, is_folder: bool = False) -> None:
    """Refuse what can't be opened, with the system's reason.

    Raises:
        InvalidFileError: It says why.
    """
    place = Path(path)
    try:
        if is_folder:
            next(place.iterdir(), None)
            return
        with place.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise InvalidFileError(
            f"{name} can't be read: {error.strerror}", path=path, hint="Check the path."
        ) from error
