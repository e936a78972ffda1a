"""``grok-parser``: the first rule that matches the whole source text extracts attributes.

Datadog: logs/log_configuration/processors/grok_parser.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import merge
from grantex_tui.datadog.pipeline.grok import GrokError, GrokRule, parse_grok
from grantex_tui.datadog.pipeline.log_values import source
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common
from grantex_tui.datadog.pipeline.reader import PROCESSORS, Reader
from grantex_tui.datadog.pipeline.run import Run, Step, assign


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.problem import Problem


_PARSING = "Datadog: logs/log_configuration/parsing"
_MOST_SAMPLES = 5
_LONGEST_SAMPLE = 5000


@dataclass(frozen=True, slots=True)
class GrokParser:
    """Its rules in order, and the samples that are kept beside them."""

    name: str
    is_enabled: bool
    source: str
    rules: tuple[GrokRule, ...]
    samples: tuple[str, ...] = ()

    def effects(self) -> Effects:
        """It sets what any of its rules may extract."""
        writes = frozenset[str]().union(*(rule.writes for rule in self.rules))
        notes = tuple(
            f"grok rule {rule.name}: {note}" for rule in self.rules for note in rule.approximations
        )
        return Effects((self.source,), writes, notes=notes)

    def step(self) -> Step:
        """Lays what the first matching rule extracts over the attributes."""
        read_source, rules = source(self.source), self.rules

        def step(log: Log, run: Run) -> None:
            text = read_source(log)
            if not isinstance(text, str):
                return
            for rule in rules:
                found = rule.extract(text, now=run.received_at)
                if found is not None:
                    assign(log, "attributes", merge(log.attributes, found))
                    return

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Rules that are not evaluated here, samples that no rule matches."""
        if len(self.samples) > _MOST_SAMPLES:
            message = f"{len(self.samples)} samples; at most {_MOST_SAMPLES} are kept"
            yield reader.problem(
                "too-many-samples", "samples", message, rule=PROCESSORS, fix="keep the telling ones"
            )
        for rule in self.rules:
            for note in rule.approximations:
                yield reader.advice(
                    "grok-not-evaluated",
                    "grok.match_rules",
                    f"rule {rule.name}: {note}",
                    rule=_PARSING,
                    fix="write it without, to see its results here",
                )
        for index, sample in enumerate(self.samples):
            yield from self._sample(reader, f"samples[{index}]", sample)

    def _sample(self, reader: Reader, key: str, sample: str) -> Iterator[Problem]:
        if len(sample) > _LONGEST_SAMPLE:
            message = f"the sample has {len(sample)} characters; at most {_LONGEST_SAMPLE} are kept"
            yield reader.problem("sample-too-long", key, message, rule=PROCESSORS, fix="shorten it")
        elif all(rule.extract(sample, now=0) is None for rule in self.rules):
            message = "no rule matches this sample (a rule must match the whole text)"
            yield reader.advice(
                "sample-without-match", key, message, rule=_PARSING, fix="end rules with .*"
            )


def _read(reader: Reader) -> GrokParser:
    rules = Reader(reader.obj.get("grok"), reader.at("grok"), f"{reader.what}: grok")
    try:
        compiled = parse_grok(rules.text("match_rules"), rules.text("support_rules", ""))
    except GrokError as error:
        rules.refuse("invalid-grok", "match_rules", f"{reader.what}: {error}", rule=_PARSING)
    return GrokParser(
        *common(reader),
        source=reader.text("source", "message"),
        rules=compiled,
        samples=reader.texts("samples", ()),
    )


KIND = Kind(
    "grok-parser",
    ("grok", "samples", "source"),
    _read,
    "extracts attributes from text by rules",
)
