"""A key that is rotated under a run is used only if it is the same tenant's."""

from __future__ import annotations

import asyncio

import pytest

from grantex_tui.events.event import decode_event
from grantex_tui.events.kept.care.looking import identities_of
from grantex_tui.events.kept.care.placing import key_fingerprint
from grantex_tui.events.kept.header import Identity
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.memory import MemoryJournal
from grantex_tui.events.live.key import ApiKey
from grantex_tui.watch.rotation import Rotation
from tests.support.clock import VirtualClock


OLD, NEW = "grantex-old-key", "grantex-new-key"


class Turn:
    """A run whose key's file changes, with the tenants that Grantex names one after the other."""

    def __init__(self, tmp_path, *tenants: str, spool=None, tenant: str = "dev_A") -> None:
        mine = Identity(tenant, key_fingerprint(OLD))
        self.folder = tmp_path / "journal"
        self.spool = spool or Journal.open(self.folder, clock=VirtualClock(), identity=mine)
        self.tenants = list(tenants)
        self.asked: list[str] = []
        self.said: list[str] = []
        self.rotation = Rotation(
            self.spool, tenant, ask=self.ask, tell=self.said.append, sleep=self.sleep
        )
        self.key = ApiKey(OLD, lambda: NEW, self.rotation.offer)

    async def ask(self, key: str) -> str:
        self.asked.append(key)
        return self.tenants.pop(0)

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 1

    async def renew(self) -> str:
        self.key.renew()
        self.key.renew()  # refused once more before the answer is there
        for _ in range(10):
            await asyncio.sleep(0)
        return self.key.authorization.removeprefix("Bearer ")


async def test_a_key_of_the_same_tenant_is_used_and_noted_in_the_journal(tmp_path) -> None:
    turn = Turn(tmp_path, "dev_A")
    turn.spool.append([decode_event(b'{"id":"evt_1","type":"t"}')], 0.0)
    assert await turn.renew() == NEW
    turn.spool.append([decode_event(b'{"id":"evt_2","type":"t"}')], 0.0)
    turn.spool.close()
    keys = [each.key for each in identities_of(turn.folder)]
    assert keys == [key_fingerprint(OLD), key_fingerprint(NEW)]
    assert turn.asked == [NEW]


async def test_a_key_of_another_tenant_is_told_and_not_used(tmp_path) -> None:
    turn = Turn(tmp_path, "dev_B")
    assert await turn.renew() == OLD
    assert len(turn.said) == 1
    assert "tenant dev_B's and this run keeps the events of dev_A" in turn.said[0]
    assert turn.spool.identity.key == key_fingerprint(OLD)
    turn.spool.close()


async def test_a_key_that_grantex_does_not_know_yet_is_asked_for_again(tmp_path) -> None:
    turn = Turn(tmp_path, "", "", "dev_A")
    assert await turn.renew() == NEW
    assert len(turn.asked) == 3
    turn.spool.close()


@pytest.mark.parametrize("without", ["a tenant", "a journal"])
async def test_where_no_tenant_can_be_mixed_up_a_key_is_used_at_once(without, tmp_path) -> None:
    spool = MemoryJournal(1000) if without == "a journal" else None
    turn = Turn(tmp_path, spool=spool, tenant="" if without == "a tenant" else "dev_A")
    turn.key.renew()
    assert turn.key.authorization == f"Bearer {NEW}"
    turn.spool.close()
