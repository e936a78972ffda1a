"""Rolling windows over a log's date, moved forward at the price of what enters and leaves.

A log dated *d* ms belongs to second ``ceil(d / 1000)``: second *s* covers ``(s - 1, s]``. Ticks
fall on whole seconds, so a window ``(t - w, t]`` in milliseconds is exactly the seconds
``t - w + 1 … t``. All ticks of an evaluator lie on one grid, and a window of minutes begins and
ends on it: logs between two points of the grid are kept as one slot, and nothing is lost by that.

Datadog doesn't document how windows are aligned; ``(t - w, t]`` on the log's date is our choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.question import GroupKey
    from grantex_tui.monitoring.count.tallies import Method, Running


Content = TypeVar("Content")
"""What a slot keeps of a group."""
_NEVER = -(1 << 62)


def second_of(timestamp: int) -> int:
    """The second that a date in milliseconds since the epoch belongs to."""
    return -(-timestamp // 1000)


class Window(Generic[Content]):
    """The last *length* slots up to the one it was moved to."""

    def __init__(self, slots: Slots[Content], length: int) -> None:
        self._slots = slots
        self._length = length
        self._running = slots.running()
        self.start = _NEVER
        """The last slot before the window."""
        self.end = _NEVER
        self.version = 0
        """Another one whenever logs have come or gone."""
        self._watched: list[set[GroupKey]] = []

    @property
    def has_logs(self) -> bool:
        """Whether there is any log, in the window or to come."""
        return bool(self._slots.by_slot)

    def move_to(self, second: int) -> None:
        """Let the window end with *second*, a point of its grid and not before its present end."""
        slot = (second - self._slots.offset) // self._slots.width
        if slot != self.end:
            self.move(slot)

    def move(self, end: int) -> None:
        """Let the window end with slot *end*."""
        slots, start, before = self._slots, end - self._length, self.end
        by_slot = slots.by_slot
        if end == before + 1:  # nearly always
            if (left := slots.leave(start)) is not None:
                self._leave(left)
            if (entered := by_slot.get(end)) is not None:
                self.enter(entered)
        elif by_slot:
            self._jump(start, end)
            self.version += 1
        self.start, self.end = start, end
        if end > slots.reached:  # noqa: PLR1730 - max() takes three times as long
            slots.reached = end
        if by_slot and (end != before + 1 or not slots.has_one_window):
            slots.prune()

    def _jump(self, start: int, end: int) -> None:
        by_slot = self._slots.by_slot
        if self.end < start:
            for changes in self._watched:
                changes.update(self._running.values())
            self._running.clear()
            for slot, groups in by_slot.items():
                if start < slot <= end:
                    self.enter(groups)
            return
        for slot in range(self.start + 1, start + 1):
            if slot in by_slot:
                self._leave(by_slot[slot])
        for slot in range(self.end + 1, end + 1):
            if slot in by_slot:
                self.enter(by_slot[slot])

    def oldest(self) -> int | None:
        """The first slot that has logs, whether the window has come to it or not."""
        return min(self._slots.by_slot, default=None)

    def enter(self, groups: Mapping[GroupKey, Content]) -> None:
        """Logs of a slot come into the window, late ones into a slot that it holds."""
        self._running.enter(groups)
        self.version += 1
        for changes in self._watched:
            changes.update(groups)

    def _leave(self, groups: Mapping[GroupKey, Content]) -> None:
        self._running.leave(groups)
        self.version += 1
        for changes in self._watched:
            changes.update(groups)

    def watch_changes(self) -> set[GroupKey]:
        """A set that fills with the groups of which logs come or go; whoever reads it empties it.

        It may fill with groups that have no logs, before or after.
        """
        changes = set(self._running.values())
        self._watched.append(changes)
        return changes

    def values(self) -> Mapping[GroupKey, float]:
        """The aggregate of every group that has logs in the window. Not to be changed or kept."""
        return self._running.values()

    def values_by(self, depth: int) -> Mapping[GroupKey, float]:
        """The same for the groups by the first *depth* facets alone, counted afresh."""
        joint = self._slots.running()
        for slot in range(self.start + 1, self.end + 1):
            for group, content in self._slots.by_slot.get(slot, {}).items():
                joint.enter({group[:depth]: content})
        return joint.values()


class Slots(Generic[Content]):
    """The logs that answer a question, by slot; as many slots as the longest window needs.

    Slot *k* covers the seconds ``(offset + (k - 1) * width, offset + k * width]``.
    """

    def __init__(self, width: int, offset: int, method: Method[Content]) -> None:
        self.width = width
        self.offset = offset
        self._method = method
        self._put = method.put
        self._windows: list[Window[Content]] = []
        self._gone = _NEVER
        self.by_slot: dict[int, dict[GroupKey, Content]] = {}
        self.has_one_window = False
        self.reached = _NEVER
        """The last slot that a window has come to."""

    def window(self, length: int) -> Window[Content]:
        """A new window of *length* slots."""
        window = Window(self, length)
        self._windows.append(window)
        self.has_one_window = len(self._windows) == 1
        return window

    def running(self) -> Running[Content]:
        """What an empty window keeps."""
        return self._method.running()

    def add(self, second: int, group: GroupKey, value: Value | None, n: int) -> None:
        """Count *n* logs dated in *second*: at once if a window is there, or when one comes.

        Logs that every window has already left behind are too late and ignored.
        """
        slot = -((self.offset - second) // self.width)
        if slot <= self._gone:
            return
        groups = self.by_slot.get(slot)
        if groups is None:
            groups = self.by_slot[slot] = {}
        self._put(groups, group, value, n)
        if slot <= self.reached:
            self._add_late(slot, group, value, n)

    def _add_late(self, slot: int, group: GroupKey, value: Value | None, n: int) -> None:
        for window in self._windows:
            if window.start < slot <= window.end:
                late: dict[GroupKey, Content] = {}
                self._put(late, group, value, n)
                window.enter(late)

    def leave(self, slot: int) -> dict[GroupKey, Content] | None:
        """What is in a slot that a window leaves, which is forgotten if it is the only one."""
        if not self.has_one_window:
            return self.by_slot.get(slot)
        self._gone = slot
        return self.by_slot.pop(slot, None)

    def prune(self) -> None:
        """Forget the slots that no window will see again."""
        gone = min(window.start for window in self._windows)
        if gone - self._gone > len(self.by_slot):
            for slot in [slot for slot in self.by_slot if slot <= gone]:
                del self.by_slot[slot]
        else:
            for slot in range(self._gone + 1, gone + 1):
                self.by_slot.pop(slot, None)
        self._gone = gone
