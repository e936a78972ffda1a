"""A log that Datadog has held, of an event or of anything else, as a recording gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.events.event import Event


if TYPE_CHECKING:
    from grantex_tui.datadog.log import Log


class Logged(Event, frozen=True, gc=False):
    """An event of which the log is known, or a log of no event at all.

    The fields of `Event` say what an event that is in it says: of a log of another source ``id`` is
    the log's own, ``type`` is empty and ``raw`` is its line.
    """

    log: Log | None = None
    """Never None in an object of this class; a default, since fields with one come before it."""
    is_processed: bool = True
    """Whether it has been through Datadog's pipelines already."""
    line: bytes = b""
    """As it stands in its recording, or as a line that says the same."""

    def __reduce__(self) -> tuple[object, ...]:
        """Structs are pickled by position; the log is one of them."""
        fields = tuple(getattr(self, name) for name in self.__struct_fields__)
        return type(self), fields
