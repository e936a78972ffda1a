"""The files that a runtime is pointed to, for it to trust our authority besides the system's."""

from __future__ import annotations

import atexit
import os
import shutil
import ssl
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self


if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography import x509

_USUAL: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep the roots that they trust, as one file."""
JAVA_PASSWORD: Final = "changeit"  # noqa: S105 - no secret, see below
"""What every Java store of public certificates has; there is no secret in it."""


@dataclass(frozen=True, slots=True)
class Trust:
    """A folder of them, its owner's alone."""

    folder: Path

    @property
    def authority(self) -> Path:
        """Our authority, alone."""
        return self.folder / "ca.pem"

    @property
    def bundle(self) -> Path:
        """The system's roots, and ours."""
        return self.folder / "bundle.pem"

    @property
    def java_store(self) -> Path:
        """The same for Java, as PKCS12."""
        return self.folder / "truststore.p12"

    @classmethod
    def made(cls, pem: str, environment: Mapping[str, str] | None = None) -> Self:
        """Write them, into a new folder.

        Args:
            pem: Our authority.
            environment: Where a file of other roots than the system's may be named.
        """
        trust = cls(Path(tempfile.mkdtemp(prefix="grantex-sim-trust-")))
        roots = _roots(os.environ if environment is None else environment)
        trust.authority.write_text(pem)
        trust.bundle.write_text(f"{roots.rstrip()}\n{pem}" if roots.strip() else pem)
        trust.java_store.write_bytes(_java_store(pem, roots))
        return trust

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def trusted(pem: str) -> Trust:
    """The files for one authority, made once a process and taken away at its end."""
    made = Trust.made(pem)
    atexit.register(made.remove)
    return made


def _roots(environment: Mapping[str, str]) -> str:
    """What is trusted today; empty where nothing says so."""
    system = ssl.get_default_verify_paths()
    named = (environment.get("SSL_CERT_FILE"), system.cafile, *_USUAL)
    for each in filter(None, named):
        path = Path(each)
        if path.is_file():
            return path.read_text("utf-8", "replace")
    return ""


def _java_store(pem: str, roots: str) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    certificates = [x509.load_pem_x509_certificate(pem.encode()), *_readable(roots)]
    entries = [
        pkcs12.PKCS12Certificate(each, f"root-{number}".encode() if number else b"grantex-sim")
        for number, each in enumerate(certificates)
    ]
    return pkcs12.serialize_java_truststore(
        entries, BestAvailableEncryption(JAVA_PASSWORD.encode())
    )


def _readable(roots: str) -> list[x509.Certificate]:
    """Of the system's roots those that can be read: one that can't is no reason to have none."""
    import contextlib
    import warnings

    from cryptography import x509

    end = "-----END CERTIFICATE-----"
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old roots have serial numbers that are told to be odd
        for part in roots.split(end)[:-1]:
            with contextlib.suppress(ValueError):
                found.append(x509.load_pem_x509_certificate(f"{part}{end}\n".encode()))
    return found
