"""List J: a journal with pending events is damaged between two runs; the second has to say so."""

import json
import random
import re
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from grantex_tui.clock import WallClock
from grantex_tui.events.event import decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.header import Identity
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.settings import JournalSettings
from tests.reliability.case import Case, Outcome
from tests.reliability.program import Watch
from tests.reliability.sink import Sink
from tests.reliability.source import Source


ME: dict[str, object] = {"developerId": "dev_A"}
DELIVERED, PENDING = 100, 200
_SEGMENT = 8_000
_IDENTITY = Identity(tenant="dev_A")
Damage = Callable[[Path, random.Random], None]


def payload(number: int) -> bytes:
    event = {
        "id": f"evt_{number:04d}",
        "type": "token.issued",
        "createdAt": "2026-01-05T09:00:00.000Z",
        "data": {"grantId": f"grnt_{number % 97}", "note": "äöü" * (number % 3)},
    }
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def fill(folder: Path) -> None:
    """A journal of six segments: some delivered, the rest pending."""
    settings = JournalSettings(segment_bytes=_SEGMENT, fsync=False)
    journal = Journal.open(folder, clock=WallClock(), settings=settings, identity=_IDENTITY)
    for number in range(DELIVERED + PENDING):
        if number % 23 == 0:
            journal.append_gap(Gap(time.time(), time.time(), "cut"))
        journal.append([decode_event(payload(number))], time.time())
    taken = 0
    while taken < DELIVERED and (chunk := journal.take(DELIVERED - taken, 1 << 30)):
        taken += len(chunk.entries)
        journal.settle(chunk.end, delivered=len(chunk.entries), dead_lettered=0, unreadable=0)
    journal.close()


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("0*.ndjson"))


def checkpoints(folder: Path) -> list[Path]:
    return sorted(folder.glob("checkpoint*.json"))


# --- the damages ----------------------------------------------------------------------------------


def edit(which: int, change: Callable[[bytes], bytes]) -> Damage:
    """Change the bytes of one segment."""

    def damage(folder: Path, _: random.Random) -> None:
        path = segments(folder)[which]
        path.write_bytes(change(path.read_bytes()))

    return damage


def each(change: Callable[[bytes], bytes]) -> Damage:
    """Change every segment."""

    def damage(folder: Path, _: random.Random) -> None:
        for path in segments(folder):
            path.write_bytes(change(path.read_bytes()))

    return damage


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(change(data.splitlines(keepends=True)))


def middle(data: bytes, filling: bytes) -> bytes:
    start = len(data) // 2 - len(filling) // 2
    return data[:start] + filling + data[start + len(filling) :]


def flipped(folder: Path, dice: random.Random, count: int = 100) -> None:
    """Flipped bits, anywhere in the segments."""
    found = segments(folder)
    for _ in range(count):
        path = dice.choice(found)
        data = bytearray(path.read_bytes())
        if data:
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            path.write_bytes(data)


def missing(which: int) -> Damage:
    return lambda folder, _: segments(folder)[which].unlink()


def older(folder: Path, _: random.Random) -> None:
    """Four kilobytes of an older segment where newer ones belong."""
    first, newer = segments(folder)[0], segments(folder)[-2]
    newer.write_bytes(middle(newer.read_bytes(), first.read_bytes()[1000:5000]))


def renumbered(folder: Path, _: random.Random) -> None:
    for path in reversed(segments(folder)):
        path.rename(path.with_name(f"{int(path.stem) + 3:08d}.ndjson"))


def both_checkpoints(data: bytes) -> Damage:
    def damage(folder: Path, _: random.Random) -> None:
        for path in checkpoints(folder):
            path.write_bytes(data)

    return damage


def moved_checkpoint(by: Callable[[dict[str, int], Path], dict[str, int]]) -> Damage:
    """Both checkpoints edited by hand."""

    def damage(folder: Path, _: random.Random) -> None:
        for path in checkpoints(folder):
            changed = by(json.loads(path.read_text()), folder)
            path.write_text(json.dumps(changed, separators=(",", ":")))

    return damage


def ahead(said: dict[str, int], folder: Path) -> dict[str, int]:
    last = segments(folder)[-1]
    return {**said, "segment": int(last.stem), "offset": last.read_bytes().index(b"\n") + 1}


def behind(folder: Path, _: random.Random) -> None:
    """A checkpoint from before: events are sent twice, and none is lost."""
    for path in checkpoints(folder):
        path.unlink()


def of_another(folder: Path, _: random.Random) -> None:
    other = folder.parent.parent / "another"
    fill(other)
    for path in checkpoints(folder):
        shutil.copy(other / path.name, path)


def torn_letters(folder: Path, _: random.Random) -> None:
    (folder / "dead-letter.ndjson").write_bytes(b'{"at":"2026-01-05T09:00:00.000Z","status":4')


def forged_letters(folder: Path, _: random.Random) -> None:
    """Lines that would keep pending events from being sent."""
    forged = []
    for path in segments(folder):
        end = 0
        for line in path.read_bytes().splitlines(keepends=True):
            end += len(line)
            letter = {
                "at": "x",
                "status": 400,
                "reason": "x",
                "segment": int(path.stem),
                "end": end,
            }
            forged.append(json.dumps({**letter, "entry": {}}))
    (folder / "dead-letter.ndjson").write_text("\n".join(forged) + "\n")


def pretty(data: bytes) -> bytes:
    return b"".join(json.dumps(json.loads(line)).encode() + b"\n" for line in data.splitlines())


def swapped(found: list[bytes]) -> list[bytes]:
    half = len(found) // 2
    return [*found[:half], found[half + 1], found[half], *found[half + 2 :]]


DAMAGES: Sequence[tuple[str, str, Damage]] = [
    ("1", "torn last line", edit(-1, lambda d: d + b'{"receivedAt":"2026-01-05T0')),
    ("2", "zeros at the end", edit(-1, lambda d: d + b"\0" * 4096)),
    ("3", "zeros and a line end", edit(-1, lambda d: d + b"\0" * 4096 + b"\n")),
    ("4", "4 kB of zeros in the middle", edit(-2, lambda d: middle(d, b"\0" * 4096))),
    ("5", "4 kB of an older file in the middle", older),
    *((str(n), f"100 flipped bits, seed {n}", flipped) for n in range(6, 10)),
    ("10", "first pending segment missing", lambda f, _: segments(f)[2].unlink()),
    ("11", "middle segment missing", missing(-3)),
    ("12", "last segment missing", missing(-1)),
    ("13", "middle segment empty", edit(-3, lambda _: b"")),
    ("14", "truncated in the middle of a line", edit(-1, lambda d: d[: len(d) // 2])),
    ("15", "truncated at a line's end", edit(-1, lines(lambda found: found[:-4]))),
    ("16", "five lines taken out", edit(-2, lines(lambda found: found[:5] + found[10:]))),
    ("17", "two lines swapped", edit(-2, lines(swapped))),
    ("18", "a line doubled", edit(-2, lines(lambda found: [*found[:7], *found[6:]]))),
    ("19", "an unknown field at a line's head", edit(-2, lines(
        lambda found: [*found[:5], b'{"x":1,' + found[5][1:], *found[6:]]))),
    ("20", "reformatted by a JSON tool", each(pretty)),
    ("21", "CRLF line ends", each(lambda d: d.replace(b"\n", b"\r\n"))),
    ("22", "segments renumbered", renumbered),
    ("23", "both checkpoints garbage", both_checkpoints(b"\0garbage")),
    ("24", "both checkpoints empty", both_checkpoints(b"")),
    ("25", "checkpoint from the future", moved_checkpoint(lambda s, _: {**s, "segment": 99})),
    ("26", "checkpoint within a line", moved_checkpoint(lambda s, _: {**s, "offset": s["offset"] + 5})),
    ("27", "checkpoint ahead, at a line's start", moved_checkpoint(ahead)),
    ("28", "checkpoint behind", behind),
    ("29", "checkpoint of another journal", of_another),
    ("30", "dead letters torn", torn_letters),
    ("31", "dead letters forged", forged_letters),
]  # fmt: skip
QUIET = {"28"}
"""Nothing in the folder says that there was a later checkpoint."""


async def attempt(number: str, damage: Damage, folder: Path) -> Outcome:
    """Fill, damage, and let a real `watch` deliver what it may."""
    journal = folder / "journal" / "dev_A"
    fill(journal)
    damage(journal, random.Random(int(number)))
    pending = {f"evt_{n:04d}" for n in range(DELIVERED, DELIVERED + PENDING)}
    originals = {f"evt_{n:04d}": payload(n).decode() for n in range(DELIVERED + PENDING)}
    async with (
        Source(count=0, me=ME) as source,
        Sink() as sink,
        Watch(folder, source.url, sink.url, "--flush-interval", "0.1") as watch,
    ):
        await source.connected("sse")
        summary = await watch.end()
    altered = sum(
        originals.get(json.loads(str(entry["message"]))["id"]) != entry["message"]
        for entry in sink.entries
    )
    lost = len(pending - set(sink.delivered))
    dropped = int(str(summary["dropped"]))
    told = bool(re.search(r"WARN .*(ndjson|journal|checkpoint)", watch.stderr))
    figures = {
        "delivered": len(pending & set(sink.delivered)), "altered": altered, "lost": lost,
        "dropped": dropped, "told": told, "exit": watch.process.returncode,
    }  # fmt: skip
    reasons = [
        ("altered events were delivered", altered),
        ("a loss was not counted", dropped != lost),
        ("not told", not told and number not in QUIET),
        ("a traceback", "Traceback" in watch.stderr),
        ("the exit code", watch.process.returncode != (7 if dropped else 0)),
        ("the accounts", dropped + int(str(summary["delivered"])) != summary["carriedOver"]),
    ]
    wrong = ", ".join(reason for reason, is_wrong in reasons if is_wrong)
    return Outcome(not wrong, figures, wrong)


# --- at random, without processes -----------------------------------------------------------------


def at_random(folder: Path, dice: random.Random) -> str:
    """Up to three random damages, or flipped bits, or both; says what is wrong with what came of them."""
    found = segments(folder)
    if dice.random() < 0.3:
        flipped(folder, dice, dice.randint(1, 40))
    for _ in range(dice.randint(0, 3)):
        path = dice.choice(found)
        data = path.read_bytes() if path.exists() else b""
        start = dice.randrange(len(data) + 1)
        length = dice.choice([1, 10, 300, 4096])
        junk = dice.choice([b"", b"\0" * length, dice.randbytes(length), b"\n", data[:length]])
        path.write_bytes(data[:start] + junk + data[start + dice.choice([0, length]) :])
    journal = Journal.open(folder, clock=WallClock(), identity=_IDENTITY)
    delivered = []
    while chunk := journal.take(1000, 1 << 30):
        delivered += [bytes(entry.raw) for entry in chunk.entries]
    dropped = sum(journal.dropped.values())
    accounts = journal.carried_over == len(delivered) + dropped
    journal.close()
    wanted = {payload(n) for n in range(DELIVERED, DELIVERED + PENDING)}
    known = wanted | {payload(n) for n in range(DELIVERED)}
    wrong = [
        ("altered", any(raw not in known for raw in delivered)),
        ("again", any(raw in known - wanted for raw in delivered)),
        ("not counted", dropped != len(wanted - set(delivered))),
        ("accounts", not accounts),
        ("twice", any(a == b for a, b in pairwise(sorted(delivered)))),
    ]
    return ", ".join(what for what, is_wrong in wrong if is_wrong)


async def many(folder: Path, count: int) -> Outcome:
    template = folder / "template"
    fill(template)
    wrong: list[str] = []
    for seed in range(count):
        if seed and seed % 1000 == 0:
            print(
                f"{seed:,} of {count:,} random damages, {len(wrong)} wrong",
                file=sys.stderr,
                flush=True,
            )
        copy = folder / "copy"
        shutil.copytree(template, copy)
        if what := at_random(copy, random.Random(seed)):
            wrong.append(f"seed {seed}: {what}")
            print(wrong[-1], file=sys.stderr, flush=True)
        shutil.rmtree(copy)
    return Outcome(not wrong, {"damages": count, "wrong": len(wrong)}, "; ".join(wrong[:5]))


BRIEF = {"4", "12", "15", "17", "20", "27", "29", "31"}
CASES: Sequence[Case] = [
    *(Case(n, name, partial(attempt, n, damage), n in BRIEF) for n, name, damage in DAMAGES),
    Case("R200", "200 random damages", lambda folder: many(folder, 200), brief=True),
    Case("R", "10,000 random damages", lambda folder: many(folder, 10_000), timeout=3600.0),
]
