"""A key that is rotated under a run: used once Grantex says that it is the same tenant's.

A journal is one tenant's. Events of another one must not get among those that wait in it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.events.kept.care.placing import key_fingerprint
from grantex_tui.events.kept.journal import Journal


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from grantex_tui.events.kept.spool import Spool

_ASK_AGAIN = 5.0
"""Seconds. A key may be in the file a moment before Grantex knows it."""


class Rotation:
    """Vets keys for a run whose events go into a journal.

    Args:
        spool: where the events go.
        tenant: whose they are; empty if Grantex did not say, then every key is taken.
        ask: whose key it is; empty while Grantex doesn't say.
        tell: takes what a person is to know.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        spool: Spool,
        tenant: str,
        *,
        ask: Callable[[str], Awaitable[str]],
        tell: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._spool = spool
        self._tenant = tenant
        self._ask = ask
        self._tell = tell
        self._sleep = sleep
        self._candidate = ""
        self._vetting: asyncio.Task[None] | None = None

    def offer(self, key: str, accept: Callable[[], None]) -> None:
        """Use *key* from now on, or as soon as it is known to be the tenant's."""
        if not self._tenant or not isinstance(self._spool, Journal):
            self._take(key, accept)
        elif key != self._candidate:
            self.close()
            self._candidate = key
            self._vetting = asyncio.get_running_loop().create_task(self._vet(key, accept))

    def close(self) -> None:
        """Ask no more."""
        if self._vetting is not None:
            self._vetting.cancel()

    async def _vet(self, key: str, accept: Callable[[], None]) -> None:
        while not (tenant := await self._ask(key)):
            await self._sleep(_ASK_AGAIN)
        if tenant == self._tenant:
            self._take(key, accept)
            return
        self._tell(
            f"the new API key is tenant {tenant}'s and this run keeps the events of {self._tenant}: "
            "the old key stays in use; stop this run and start one with the new key"
        )

    def _take(self, key: str, accept: Callable[[], None]) -> None:
        if isinstance(self._spool, Journal):
            mine = msgspec.structs.replace(self._spool.identity, key=key_fingerprint(key))
            self._spool.change_identity(mine)
        accept()
