"""How clients are greeted that speak TLS: by the certificate of the host that they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grantex_sim.http.played import is_here, is_played
from grantex_sim.http.tls_transport import Greeting, Spoil
from grantex_sim.tls.flaw import Flaw


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_sim.tls.authority import Authority

    HandshakeFault = Callable[[str], Flaw | Spoil | None]
    """What is to go wrong with the handshake of a client that asks for a host."""

_TRUST: Final = "does the client trust the authority? `grantex-sim ca trust-hint` says how"


@dataclass(slots=True)
class Failures:
    """Handshakes that a client broke off, or that failed, without a fault's doing."""

    count: int = 0
    last: str = ""
    """The last one's host and reason."""


class TlsFront:
    """Greets.

    Args:
        make: Gives the authority, asked once, when the first client or somebody wants it.
        hosts: Names, beside the played hosts and the loopback, that have a certificate of theirs.
        fault: What is to go wrong with the handshake of a client that asks for that name.
    """

    def __init__(
        self,
        make: Callable[[], Authority],
        hosts: Sequence[str] = (),
        fault: HandshakeFault = lambda _name: None,
        failures: Failures | None = None,
    ) -> None:
        self._fault = fault
        self._make = make
        self._hosts = frozenset(map(str.lower, hosts))
        self._authority: Authority | None = None
        self.failures = failures or Failures()
        """Of this and all that are `within` it."""

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
        fault = self._fault(name)
        flaw = fault if isinstance(fault, Flaw) else Flaw.NONE
        spoil = fault if isinstance(fault, Spoil) else Spoil.NONE
        context = self.authority.context(name if known else "", flaw)
        return Greeting(context, spoil, is_fault=fault is not None)

    def within(self, fault: HandshakeFault) -> TlsFront:
        """One of the same authority where something else goes wrong."""
        return TlsFront(lambda: self.authority, tuple(self._hosts), fault, self.failures)

    def failed(self, name: str, reason: str) -> None:
        """Count it, and keep why."""
        self.failures.count += 1
        words = reason.lower().replace("_", " ")
        hint = f"; {_TRUST}" if "unknown ca" in words or "certificate" in words else ""
        self.failures.last = f"{name or 'no name'}: {words}{hint}"
