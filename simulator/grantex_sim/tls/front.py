"""How clients are greeted that speak TLS: by the certificate of the host that they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.http.played import is_here, is_played
from grantex_sim.http.tls_transport import Greeting


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_sim.tls.authority import Authority

_TRUST: Final = "does the client trust the authority? `grantex-sim ca trust-hint` says how"


class TlsFront:
    """Greets.

    Args:
        make: Gives the authority, asked once, when the first client or somebody wants it.
        hosts: Names, beside the played hosts and the loopback, that have a certificate of theirs.
    """

    def __init__(self, make: Callable[[], Authority], hosts: Sequence[str] = ()) -> None:
        self._make = make
        self._hosts = frozenset(map(str.lower, hosts))
        self._authority: Authority | None = None
        self.failures = 0
        """Handshakes that a client broke off, or that failed."""
        self.last_failure = ""
        """The last one's host and reason."""

    @property
    def authority(self) -> Authority:
        """Whose certificates are shown.

        Raises:
            InvalidFileError: The one that is kept can't be used.
            OSError: It can't be read or written.
        """
        if self._authority is None:
            self._authority = self._make()
        return self._authority

    def greet(self, name: str) -> Greeting:
        """With the certificate of *name*, if it is one of ours; else with that of the address."""
        known = is_played(name) or is_here(name) or name in self._hosts
        return Greeting(self.authority.context(name if known else ""))

    def failed(self, name: str, reason: str) -> None:
        """Count it, and keep why."""
        self.failures += 1
        words = reason.lower().replace("_", " ")
        hint = f"; {_TRUST}" if "unknown ca" in words or "certificate" in words else ""
        self.last_failure = f"{name or 'no name'}: {words}{hint}"
