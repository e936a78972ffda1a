"""The authority that `serve --tls` keeps, so that a client has to be told of it once a month.

It lies in a folder that only its owner can enter; one that others could have read or changed is
refused, for whoever has the key can pass for the played hosts at every client that trusts it.
"""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from grantex_sim.tls.authority import Authority, key_pem
from grantex_tui.errors import InvalidFileError


if TYPE_CHECKING:
    from collections.abc import Sequence

CERTIFICATE: Final = "ca.pem"
KEY: Final = "ca.key"
_LEFT: Final = timedelta(days=2)
"""What it must still have to live at a start; with less, a new one takes its place."""


def default_folder() -> Path:
    """Where it is kept unless somebody says otherwise."""
    import platformdirs

    given = os.environ.get("GRANTEX_SIM_CA_DIR")
    return Path(given) if given else platformdirs.user_state_path("grantex-sim") / "ca"


def kept_authority(folder: Path, hosts: Sequence[str] = ()) -> Authority:
    """The authority of *folder*, made or renewed if need be.

    Args:
        folder: Made if there is none.
        hosts: Names and addresses, beside the usual, that it must be able to vouch for.

    Raises:
        InvalidFileError: Others can get at it, or its files are no authority.
        OSError: They can't be read or written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_private(folder)
    found = _read(folder, hosts)
    if found is not None and _will_do(found, hosts):
        return found
    made = Authority.made(hosts)
    _write(folder / KEY, key_pem(made.key))
    _write(folder / CERTIFICATE, made.pem.encode())
    return made


def _read(folder: Path, hosts: Sequence[str]) -> Authority | None:
    key_file, certificate_file = folder / KEY, folder / CERTIFICATE
    if not key_file.exists() or not certificate_file.exists():
        return None
    for each in (key_file, certificate_file):
        _check_private(each)
    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_authority(folder, str(error)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _no_authority(folder, "its key is of another kind")
    if certificate.public_key() != key.public_key():
        raise _no_authority(folder, "its key belongs to another certificate")
    return Authority(certificate, key, hosts)


def _will_do(found: Authority, hosts: Sequence[str]) -> bool:
    """Whether it lives on for a while and may vouch for *hosts*."""
    if found.certificate.not_valid_after_utc - datetime.now(UTC) < _LEFT:
        return False
    extension = found.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    permitted = extension.value.permitted_subtrees or []
    names = {str(each.value).partition("/")[0] for each in permitted}
    return names.issuperset(hosts)


def _write(path: Path, text: bytes) -> None:
    """Written beside it first: half a key is none."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    beside.replace(path)


def _check_private(path: Path) -> None:
    found = path.stat()
    if found.st_uid != os.getuid():
        raise InvalidFileError(
            f"{path} belongs to another user",
            hint="Remove it, or name a folder of your own in GRANTEX_SIM_CA_DIR.",
        )
    shared = (
        stat.S_IRWXG | stat.S_IRWXO
        if path.is_dir() or path.name == KEY
        else stat.S_IWGRP | stat.S_IWOTH
    )
    if found.st_mode & shared:
        raise InvalidFileError(
            f"others can get at {path}, with which they can pass for the played hosts",
            hint=f"Remove {path if path.is_dir() else path.parent}; a new authority is made then.",
        )


def _no_authority(folder: Path, reason: str) -> InvalidFileError:
    return InvalidFileError(
        f"{folder} holds no authority that can be used: {reason}",
        hint=f"Remove {folder}; a new one is made then.",
    )
