"""``geo-ip-parser``: where an IP address is, by the user's own database.

Datadog: logs/log_configuration/processors/geoip_parser. Datadog's database is not to be had; a file in
MaxMind's format (GeoLite2 City, DB-IP …) that `VARIABLE` names is read with the extra
``grantex-tui[geoip]``. Without either the processor is not evaluated, and that is said.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.log_values import first_source, target
from grantex_tui.datadog.pipeline.processor import (
    Effects,
    Kind,
    common,
    not_evaluated,
    not_evaluated_note,
)
from grantex_tui.datadog.pipeline.values import as_text


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem

    Locate = Callable[[str], object]


VARIABLE = "GRANTEX_GEOIP_DATABASE"
_TYPE = "geo-ip-parser"
_PLACES = {
    "continent": ("code",),
    "country": ("iso_code",),
    "subdivision": ("iso_code",),
    "city": (),
}
"""Datadog's objects and what each holds beside a name."""


@dataclass(frozen=True, slots=True)
class GeoIpParser:
    """The first source that is there."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]
    target: str

    def effects(self) -> Effects:
        """It sets its target, if there is a database."""
        written = frozenset({self.target})
        _, why = open_database()
        if not why:
            return Effects(self.sources, written)
        return Effects(self.sources, unevaluated=written, notes=(not_evaluated_note(_TYPE, why),))

    def step(self) -> Step | None:
        """Looks the address up."""
        locate, _ = open_database()
        if locate is None:
            return None
        read_first, set_target = first_source(self.sources), target(self.target)

        def step(log: Log, _run: Run) -> None:
            value = read_first(log)
            if value is not None:
                set_target(log, place(value, locate))

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """That it is not evaluated, if it isn't."""
        _, why = open_database()
        if why:
            yield not_evaluated(reader, _TYPE, why)


def open_database() -> tuple[Locate | None, str]:
    """The lookup in the user's database, else None and what is missing."""
    path = os.environ.get(VARIABLE, "")
    if not path:
        return None, f"set {VARIABLE} to a database file in MaxMind's format"
    return _opened(path)


@cache
def _opened(path: str) -> tuple[Locate | None, str]:
    try:
        import maxminddb
    except ImportError:
        return None, "install grantex-tui[geoip]"
    try:
        database = maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        return None, f"{path} ({VARIABLE}): {error}"
    return database.get, ""


def place(value: object, locate: Locate) -> dict[str, object]:
    """What Datadog would say of an address: nothing for one that is in no database."""
    text = as_text(value)
    if text is None and isinstance(value, list):
        text = f"[{', '.join(as_text(item) or '' for item in value)}]"
    try:
        address = str(ip_address((text or "").strip()))
    except ValueError:
        return {"invalidAddress": text or ""}
    record = locate(address)
    return {"ipAddress": address, **_places(record)} if isinstance(record, Mapping) else {}


def _places(record: Mapping[str, object]) -> dict[str, object]:
    divisions = record.get("subdivisions")
    known = {
        **record,
        "subdivision": divisions[0] if isinstance(divisions, list) and divisions else None,
    }
    found: dict[str, object] = {}
    for name, codes in _PLACES.items():
        part = known.get(name)
        if isinstance(part, Mapping):
            found[name] = _part(part, codes)
    return found


def _part(part: Mapping[str, object], codes: tuple[str, ...]) -> dict[str, object]:
    names = part.get("names")
    name = names.get("en") if isinstance(names, Mapping) else None
    values = {"name": name, **{code: part.get(code) for code in codes}}
    return {key: value for key, value in values.items() if isinstance(value, str)}


def _read(reader: Reader) -> GeoIpParser:
    return GeoIpParser(
        *common(reader),
        sources=reader.texts("sources", ("network.client.ip",)),
        target=reader.text("target", "network.client.geoip"),
    )


KIND = Kind(
    _TYPE,
    ("sources", "target"),
    _read,
    "says where an IP address is",
    f"needs `grantex-tui[geoip]` and a database of your own in `{VARIABLE}`, else not evaluated",
)
