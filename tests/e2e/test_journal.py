"""Journals across runs that differ, and the commands about them, with a real `watch`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.program import Watch
from tests.reliability.sink import Sink
from tests.reliability.source import Source


ME: dict[str, object] = {
    "developerId": "dev_A",
    "name": "A",
    "email": None,
    "mode": "live",
    "plan": "free",
}


async def refuse(sink, exchange, number) -> None:
    await exchange.body()
    await exchange.reply(403, b'{"errors":["Forbidden"]}')


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grantex_tui", "journal", *words],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


async def leave_pending(folder: Path, count: int = 20, *options: str) -> None:
    """A run that could deliver nothing."""
    async with (
        Source(rate=500, count=count, me=ME) as source,
        Sink(refuse) as sink,
        Watch(folder, source.url, sink.url, *options) as watch,
    ):
        await source.connected("sse")
        source.emitting.set()
        while len(watch.out) < count:
            await asyncio.sleep(0.02)
        await watch.end()


@pytest.mark.parametrize(
    ("options", "env"),
    [
        (["--service", "other", "--tag", "env:new"], {}),
        (["--types", "token.issued"], {}),
        ([], {"GRANTEX_API_KEY": "rotated-key-0123456789abcdef"}),
    ],
    ids=["service", "types", "key"],
)
async def test_what_an_earlier_run_left_goes_out_as_it_was_noted(tmp_path, options, env) -> None:
    await leave_pending(tmp_path, 20, "--service", "first", "--tag", "env:old")
    async with (
        Source(count=0, me=ME) as source,
        Sink() as sink,
        Watch(tmp_path, source.url, sink.url, *options, **env) as watch,
    ):
        await source.connected("sse")
        await sink.has(20)
        summary = await watch.end()
    assert (summary["carriedOver"], summary["delivered"], summary["pending"]) == (20, 20, 0)
    assert {(e["service"], str(e["ddtags"]).partition(",")[2]) for e in sink.entries} == {
        ("first", "env:old")
    }
    assert summary["gaps"]


async def test_what_was_only_watched_is_never_sent_and_locks_nothing(tmp_path) -> None:
    async with Source(rate=500, count=20, me=ME) as source, Sink() as sink:
        async with (
            Watch(tmp_path, source.url, sink.url) as first,
            Watch(tmp_path, source.url, sink.url, "--no-forward") as second,
            Watch(tmp_path, source.url, sink.url, "--no-forward") as third,
        ):
            while len(source.sse.subscribers) < 3:
                await asyncio.sleep(0.02)
            source.emitting.set()
            await sink.has(20)
            for watch in (first, second, third):
                assert (await watch.end())["received"] == 20
        async with Watch(tmp_path, source.url, sink.url) as again:
            await source.connected("sse")
            assert (await again.end())["carriedOver"] == 0
    assert (len(sink.delivered), sink.duplicates) == (20, 0)


async def test_another_tenants_events_are_named_and_go_out_by_adopt_only(tmp_path) -> None:
    await leave_pending(tmp_path)
    other = {**ME, "developerId": "dev_B"}
    async with Source(rate=500, count=5, me=other) as source, Sink() as sink:
        async with Watch(tmp_path, source.url, sink.url) as watch:
            await watch.says("20 undelivered events", "tenant dev_A", "journal adopt")
            await source.connected("sse")
            source.emitting.set()
            await sink.has(5)
            await watch.end()
        assert len(sink.delivered) == 5
        done = run("adopt", str(tmp_path / "journal" / "dev_A"))
        assert "20 events go out at the next start" in done.stdout, done.stderr
        async with Watch(tmp_path, source.url, sink.url) as watch:
            await sink.has(20)
            summary = await watch.end()
    assert (summary["carriedOver"], summary["delivered"], len(sink.entries)) == (20, 20, 25)


async def test_the_commands_say_what_is_there(tmp_path) -> None:
    await leave_pending(tmp_path)
    folder = str(tmp_path / "journal")
    (info,) = [json.loads(line) for line in run("info", folder, "--json").stdout.splitlines()]
    assert (info["tenant"], info["pending"], info["lost"]) == ("dev_A", 20, 0)
    assert "pending        20" in run("info", folder).stdout
    assert run("verify", folder).returncode == 0
    lines = run("export", folder, "--pending").stdout.splitlines()
    events = [line for line in map(json.loads, lines) if "event" in line]
    assert [set(line) for line in events] == [{"receivedAt", "event"}] * 20
    path = next(Path(folder).rglob("0*.ndjson"))
    path.write_bytes(path.read_bytes().replace(b"user_1", b"user_2", 1))
    damaged = run("verify", folder)
    assert damaged.returncode == 7
    assert "1 pending events are lost" in damaged.stdout
    assert run("info", str(tmp_path / "nowhere")).returncode == 2


async def test_damage_to_what_was_delivered_is_no_loss(tmp_path) -> None:
    async with (
        Source(rate=200, count=20) as source,
        Sink() as sink,
        Watch(tmp_path, source.url, sink.url, "--flush-interval", "0.2") as watch,
    ):
        await source.connected("sse")
        source.emitting.set()
        await sink.has(20)
        await watch.end()
    path = next((tmp_path / "journal").rglob("0*.ndjson"))
    path.write_bytes(path.read_bytes().replace(b"user_1", b"user_2", 1))
    found = run("verify", str(tmp_path / "journal"))
    assert found.returncode == 1
    assert "no pending event is lost; 1 that had been dealt with" in found.stdout
    assert "damaged in 1 place, 1 event unreadable" in found.stdout


async def test_a_newer_journal_is_left_alone(tmp_path) -> None:
    folder = tmp_path / "journal" / "dev_A"
    folder.mkdir(parents=True)
    line = b'{"journal":3,"segment":1,"what":"ever"}\n'
    (folder / "00000001.ndjson").write_bytes(line)
    async with (
        Source(me=ME) as source,
        Sink() as sink,
        Watch(tmp_path, source.url, sink.url) as watch,
    ):
        await watch.process.wait()
    assert watch.process.returncode == 6
    assert "format 3" in watch.stderr
    assert [path.name for path in folder.iterdir()] == ["00000001.ndjson"]
    assert (folder / "00000001.ndjson").read_bytes() == line
