"""``decoder-processor``: what base64 or base16 stands for.

API: LogsDecoderProcessor.
"""

from __future__ import annotations

import base64
import binascii
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from grantex_tui.datadog.pipeline.log_values import source, target
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common, no_advice
from grantex_tui.datadog.pipeline.values import fits


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


Encoding = Literal["base64", "base16"]
Representation = Literal["utf_8", "integer"]


@dataclass(frozen=True, slots=True)
class DecoderProcessor:
    """What can't be decoded leaves the log as it is."""

    name: str
    is_enabled: bool
    source: str
    target: str
    encoding: Encoding
    representation: Representation

    def effects(self) -> Effects:
        """It sets its target."""
        return Effects((self.source,), frozenset({self.target}))

    def step(self) -> Step:
        """Decodes the source."""
        read_source, set_target = source(self.source), target(self.target)

        def step(log: Log, _run: Run) -> None:
            value = read_source(log)
            if isinstance(value, str):
                decoded = _decoded(value.strip(), self.encoding, self.representation)
                if decoded is not None:
                    set_target(log, decoded)

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


def _decoded(text: str, encoding: Encoding, representation: Representation) -> str | int | None:
    try:
        raw = (
            base64.b64decode(text, validate=True)
            if encoding == "base64"
            else base64.b16decode(text, casefold=True)
        )
        if representation == "utf_8":
            return raw.decode()
    except (binascii.Error, ValueError):
        return None
    number = int.from_bytes(raw, "big")
    return number if raw and fits(number) else None


def _read(reader: Reader) -> DecoderProcessor:
    name, is_enabled = common(reader)
    for key in ("binary_to_text_encoding", "input_representation"):
        reader.text(key)  # required, and without a default
    return DecoderProcessor(
        name,
        is_enabled,
        source=reader.text("source"),
        target=reader.text("target"),
        encoding=typing.cast(
            "Encoding", reader.one_of("binary_to_text_encoding", typing.get_args(Encoding))
        ),
        representation=typing.cast(
            "Representation",
            reader.one_of("input_representation", typing.get_args(Representation)),
        ),
    )


KIND = Kind(
    "decoder-processor",
    ("binary_to_text_encoding", "input_representation", "source", "target"),
    _read,
    "decodes base64 or base16",
    "an integer is read as big-endian and without a sign, which is our choice",
)
