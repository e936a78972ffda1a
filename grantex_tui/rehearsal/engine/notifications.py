"""The notifications of a pass, written when they are read: weeks can hold tens of thousands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload


if TYPE_CHECKING:
    from collections.abc import Iterable

    from grantex_tui.monitoring.evaluate.states import Notification, Transition
    from grantex_tui.monitoring.notify.telling import Told


class Notifications(Sequence["Notification"]):
    """A sequence of notifications; each is rendered anew whenever it is asked for."""

    def __init__(self, told: Iterable[Told]) -> None:
        self._told = tuple(told)

    def __len__(self) -> int:
        return len(self._told)

    @overload
    def __getitem__(self, index: int) -> Notification: ...

    @overload
    def __getitem__(self, index: slice) -> Notifications: ...

    def __getitem__(self, index: int | slice) -> Notification | Notifications:
        if isinstance(index, slice):
            return Notifications(self._told[index])
        return self._told[index].rendered()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self._told)

    def causes(self) -> list[Transition]:
        """What each is about; nothing is rendered for it."""
        return [told.transition for told in self._told]


def causes(notifications: Sequence[Notification]) -> list[Transition]:
    """What notifications are about, at the least price."""
    if isinstance(notifications, Notifications):
        return notifications.causes()
    return [each.transition for each in notifications]
