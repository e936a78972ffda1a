"""Proves a segment's lines, and says exactly what is wrong where one fails.

Pure: lines in, flaws out. A line that is whole tells its place (`seal`), so beside a changed line
each missing, moved and repeated one is known. A place that is not the expected one is believed only
if it is near, or if the next line goes on from it: a changed line's is any of four billion.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from grantex_tui.events.kept.header import START, Header, parse_header
from grantex_tui.events.kept.lines import place_behind, step_of
from grantex_tui.events.kept.seal import EVENT, events_between, place_offset


if TYPE_CHECKING:
    from collections.abc import Sequence

_NEAR = 64
"""Events."""
_FEW = 7
"""Lines that are no events and may be missing at once where nothing else proves it."""
_TELLING = b'"receivedAt"'
_OTHERS = (b'{"gap"', b'{"journal"')
_HEAD = 80
_SHOWN = 65_536
"""Bytes of damage that are kept for a person to look at."""


class FlawKind(StrEnum):
    """What is wrong at a place of a segment."""

    DAMAGED = "damaged"
    """Bytes that are no line of this journal, or were changed."""
    MISSING = "missing"
    MOVED = "out of order"
    """Whole, but written for another place; taken where it stands."""
    REPEATED = "repeated"
    """A line that stood before; not taken again."""


@dataclass(slots=True)
class Flaw:
    """A place of a segment at which its lines do not go on as they were written."""

    kind: FlawKind
    start: int
    """Byte offset in the segment."""
    end: int
    """What is between the two is not read."""
    place: int
    """Of the line that follows."""
    lost: int = 0
    """Events that were written and can't be read here."""
    seen: bytes = b""
    """What stands there, its beginning."""
    steps: int = 0
    """Places that its lines would take."""
    likely: int = 0
    """How many events it looks like, for an end that nothing follows."""


@dataclass(slots=True)
class Proof:
    """Goes over the lines of a segment; `flaws` and `place` say what came of it.

    Args:
        place: the one of the next line; None if it isn't known.
        written: no line was ever written at this place or behind it; None if that isn't known.
    """

    place: int | None
    written: int | None = None
    flaws: list[Flaw] = field(default_factory=list)
    header: Header | None = None
    """The last one that was read."""
    crlf: bool = False
    """Somebody has changed line ends."""
    _missing: list[tuple[int, int, Flaw]] = field(default_factory=list)

    @property
    def open_flaw(self) -> Flaw | None:
        """Damage that goes on to where the lines end."""
        last = self.flaws[-1] if self.flaws else None
        return last if last is not None and last.place < 0 else None

    def read(self, lines: Sequence[bytes], offset: int, *, last: bool) -> tuple[list[bytes], int]:
        """The lines that are proven, and the bytes that were gone through.

        Args:
            lines: without their breaks, whole.
            offset: of the first of them, in the segment.
            last: whether nothing follows; else the last line may be left for the next call, which
                is to begin with it.
        """
        if self.place is not None and self.open_flaw is None:
            following = place_behind(lines, self.place)
        else:
            following = None
        if following is not None:
            self.place = following
            return list(lines), sum(map(len, lines)) + len(lines)
        good: list[bytes] = []
        start = offset
        for number, line in enumerate(lines):
            after = lines[number + 1] if number + 1 < len(lines) else None
            if after is None and not last and number:
                break
            text = line.removesuffix(b"\r")
            if self._take(text, after and after.removesuffix(b"\r"), offset, len(line) + 1):
                self.crlf = self.crlf or len(text) < len(line)
                good.append(text)
            offset += len(line) + 1
        return good, offset - start

    def arrive(self, header: Header, offset: int) -> None:
        """A whole header says which place it has, whatever was expected."""
        if self.place is None:
            self.place = header.first
        elif header.first > self.place:
            self._skip(header.first - self.place, offset)

    def end(self, written: int, likely: int) -> None:
        """The journal ends here, in damage.

        Args:
            written: every line before this place had been written.
            likely: how many events the damage looks like.
        """
        damage = self.open_flaw
        if damage is not None:
            begins = self.place or 0
            known = events_between(begins, written) if begins else 0
            damage.lost = max(known, likely)
            damage.place = self.place = max(begins + damage.lost * EVENT, written if begins else 0)

    def _take(self, line: bytes, following: bytes | None, offset: int, size: int) -> bool:
        """Whether *line* is a line of this journal that has not been read before."""
        header = parse_header(line)
        if header is not None and place_offset(line, header.first) == 0:
            self.arrive(header, offset)
            self.header = header
        elif line.startswith(START):
            self._damaged(line, offset, size)  # a whole one says itself where it stands
            return False
        ahead = self._ahead(line, following)
        if ahead is None:
            self._damaged(line, offset, size)
            return False
        if self.place is None:
            self._begin(ahead)
        elif ahead < 0:
            return self._come_late(line, self.place + ahead, offset, size)
        elif ahead > 0 or self.open_flaw is not None:
            self._skip(ahead, offset)
        assert self.place is not None
        self.place += step_of(line)
        return True

    def _ahead(self, line: bytes, following: bytes | None) -> int | None:
        """How far after the expected place *line* was written; None if it is not to be believed.

        A bit of the seal itself that has changed makes a line claim another place, often a near one.
        So a claim needs a witness: the line that follows, the end of all that was written, or as many
        damaged lines before it as it says.
        """
        place = self.place or 0
        ahead = place_offset(line, place)
        if ahead is None or (ahead == 0 and self.place is not None):
            return ahead
        step = step_of(line)
        after = None if following is None else place_offset(following, place)
        if after == ahead + step:
            return ahead
        if self.place is None or not _is_near(ahead):
            return None
        if following is None and place + ahead + step == self.written:
            return ahead
        if self.open_flaw is not None:
            return ahead if ahead == self.open_flaw.steps else None
        is_moved = after is not None and _is_near(after) and after != step
        return ahead if is_moved and ahead % EVENT <= _FEW else None

    def _begin(self, place: int) -> None:
        """The first line whose place is known, after what may be damage."""
        damage = self.open_flaw
        self.place = place % (1 << 32)
        if damage is not None:
            damage.lost, damage.place = damage.likely, self.place

    def _skip(self, places: int, offset: int) -> None:
        """Lines are not where they belong: what stood in their *places* was damaged, or nothing."""
        assert self.place is not None
        flaw = self.open_flaw
        if flaw is None:
            flaw = Flaw(FlawKind.MISSING, offset, offset, 0)
            self.flaws.append(flaw)
            self._missing.append((self.place, self.place + places, flaw))
        flaw.lost = events_between(0, places)
        self.place += places
        flaw.place = self.place

    def _come_late(self, line: bytes, place: int, offset: int, size: int) -> bool:
        assert self.place is not None
        end = offset + size
        step = step_of(line)
        for index, (first, past, flaw) in enumerate(self._missing):
            if first <= place < past:
                self._missing[index : index + 1] = [
                    (first, place, flaw),
                    (place + step, past, flaw),
                ]
                flaw.lost -= events_between(0, step)
                if not any(a < b for a, b, each in self._missing if each is flaw):
                    flaw.kind = FlawKind.MOVED
                self.flaws.append(Flaw(FlawKind.MOVED, offset, offset, place))
                self.flaws.append(Flaw(FlawKind.MOVED, end, end, self.place))
                return True
        before = self.flaws[-1] if self.flaws else None
        if before is not None and before.kind is FlawKind.REPEATED and before.end == offset:
            before.end = end
        else:
            self.flaws.append(Flaw(FlawKind.REPEATED, offset, end, self.place))
        return False

    def _damaged(self, line: bytes, offset: int, size: int) -> None:
        likely = int(offset > 0 and _looks_like_an_event(line))
        flaw = self.open_flaw
        if flaw is None:
            flaw = Flaw(FlawKind.DAMAGED, offset, offset, -1)
            self.flaws.append(flaw)
        flaw.end = offset + size
        flaw.likely += likely
        flaw.steps += EVENT if likely else 1
        flaw.seen = (flaw.seen + line + b"\n")[:_SHOWN]


def _is_near(places: int) -> bool:
    return abs(places) <= _NEAR * EVENT


def _looks_like_an_event(line: bytes) -> bool:
    if line.startswith(_OTHERS) or b'"malformed"' in line[:_HEAD]:
        return False
    return _TELLING in line or line.startswith(b'{"')
