"""`grantex-sim ca`: the authority of `serve --tls`, and how each runtime is told to trust it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode, InvalidFileError


if TYPE_CHECKING:
    from pathlib import Path

_DESCRIPTION = """\
The authority whose certificates `grantex-sim serve --tls` shows. It is made when it is first needed
and lives for 30 days, in a folder that only you can enter (GRANTEX_SIM_CA_DIR names another). It can
vouch for Grantex's and Datadog's hosts and for this machine, and for nothing else.
"""
_EPILOG = """\
examples:
  export NODE_EXTRA_CA_CERTS="$(grantex-sim ca path)"
  grantex-sim ca pem > ca.pem
  grantex-sim ca trust-hint                    for Node, Python, curl, Java, Go
exit codes: 0 fine, 2 usage, 3 the folder can't be used
"""
_HINT = """\
Node       export NODE_EXTRA_CA_CERTS={path}
curl       curl --cacert {path} …
Python     ssl.create_default_context(cafile="{path}")
requests   requests.post(…, verify="{path}")
Java       keytool -importcert -noprompt -alias grantex-sim -file {path} \\
             -keystore grantex-sim.p12 -storetype PKCS12 -storepass changeit
           java -Djavax.net.ssl.trustStore=grantex-sim.p12 -Djavax.net.ssl.trustStorePassword=changeit …
Go         SSL_CERT_FILE={path}     (instead of the system's roots)

No runtime needs to be told under `grantex-sim run -- COMMAND`, which sets all of this, with the
system's roots beside ours. Don't add it to the system's own store: a test needs no trust beyond
its own process.
"""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `ca` to *commands*."""
    parser = commands.add_parser(
        "ca",
        help="the authority of `serve --tls`, for clients that are to trust it",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "what",
        choices=("path", "pem", "trust-hint"),
        help="where its certificate lies; the certificate itself; how to tell each runtime about it",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say it.

    Raises:
        InvalidFileError: The folder can't be used.
    """
    from grantex_sim.tls.kept import CERTIFICATE, default_folder, kept_authority

    folder = default_folder()
    try:
        authority = kept_authority(folder)
    except OSError as error:
        raise InvalidFileError(
            f"the authority can't be kept in {folder}: {error.strerror}",
            hint="Name another folder in GRANTEX_SIM_CA_DIR.",
        ) from error
    path = folder / CERTIFICATE
    said = {"path": f"{path}\n", "pem": authority.pem, "trust-hint": _hint(path)}
    sys.stdout.write(said[args.what])
    return ExitCode.OK


def _hint(path: Path) -> str:
    return _HINT.format(path=path)
