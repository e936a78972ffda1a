"""What the chart shows of the buckets: the newest bars, in a lasting order, on a common scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.tui.drawing.bars import nice_ceiling
from grantex_tui.tui.drawing.marks import visible_marks
from grantex_tui.tui.drawing.palette import stacking


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.tui.incidents import Incident
    from grantex_tui.watch.frame import Buckets


@dataclass(frozen=True, slots=True)
class Chart:
    """The visible buckets. Series are in the order they are stacked in, bottom first."""

    types: tuple[str, ...]
    starts: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]
    totals: tuple[tuple[str, int], ...]
    """(type, count of the whole run), most first, for the legend."""
    bucket: float
    peak: int
    scale: float
    bar: int = 1
    """Cells a bar is wide."""
    legend_below: bool = False
    marks: tuple[Incident, ...] = ()
    """What happened within the bars; a row of their own if there are any."""

    @classmethod
    def of(
        cls,
        buckets: Buckets,
        totals: tuple[tuple[str, int], ...],
        *,
        capacity: int,
        bar: int = 1,
        legend_below: bool = False,
        incidents: Sequence[Incident] = (),
    ) -> Chart:
        """The newest *capacity* buckets."""
        order = sorted(range(len(buckets.types)), key=lambda i: stacking(buckets.types[i]))
        first = max(0, len(buckets.starts) - max(1, capacity))
        counts = tuple(tuple(row[i] for i in order) for row in buckets.counts[first:])
        peak = max(map(sum, counts), default=0)
        return cls(
            types=tuple(buckets.types[i] for i in order),
            starts=buckets.starts[first:],
            counts=counts,
            totals=totals,
            bucket=buckets.width,
            peak=peak,
            scale=nice_ceiling(peak),
            bar=bar,
            legend_below=legend_below,
            marks=visible_marks(incidents, buckets.starts[first:], buckets.width),
        )
