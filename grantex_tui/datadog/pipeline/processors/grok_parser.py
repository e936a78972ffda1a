"""``grok-parser``: the first rule that matches the whole source text extracts attributes.

Datadog: logs/log_configuration/processors/grok_parser.

Grok itself is imported once there is such a parser: its regular expressions cost 50 ms of CPU.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import merge
from grantex_tui.datadog.pipeline.log_values import source
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common
from grantex_tui.datadog.pipeline.reader import PROCESSORS, Reader
from grantex_tui.datadog.pipeline.run import Run, Step, assign


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.grok import GrokRule
    from grantex_tui.datadog.problem import Problem


_PARSING = "Datadog: logs/log_configuration/parsing"
_MOST_SAMPLES = 5
_LONGEST_SAMPLE = 5000


class Overtime:
    """The texts on which a rule ran out of time; after a few its parser is given up.

    Without an end a hostile log a second, each a quarter of a second, would stop everything else.
    """

    MOST = 20

    def __init__(self) -> None:
        self._texts: Counter[str] = Counter()

    def add(self, rule: str) -> None:
        """Rule *rule* ran out of time on one more text."""
        self._texts[rule] += 1

    @property
    def is_too_much(self) -> bool:
        """Whether its parser is given up."""
        return self._texts.total() >= self.MOST

    def notes(self) -> Iterator[str]:
        """One sentence a rule."""
        from grantex_tui.datadog.pipeline.grok import SECONDS

        what, end = "for such a log", ""
        if self.is_too_much:
            what, end = "any more", f", {self.MOST} times, so its parser was given up"
        for rule in self._texts:
            yield (
                f"grok rule {rule} ran out of time ({SECONDS:g} s a text){end}: "
                f"what the parser writes is not evaluated {what}"
            )


@dataclass(frozen=True, slots=True)
class GrokParser:
    """Its rules in order, as written and compiled, and the samples that are kept beside them."""

    name: str
    is_enabled: bool
    source: str
    match_rules: str
    support_rules: str
    samples: tuple[str, ...] = ()
    rules: tuple[GrokRule, ...] = field(init=False, repr=False)
    overtime: Overtime = field(default_factory=Overtime, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Compile the rules; raises `GrokError`."""
        from grantex_tui.datadog.pipeline.grok import parse_grok

        object.__setattr__(self, "rules", parse_grok(self.match_rules, self.support_rules))

    def __reduce__(self) -> tuple[object, ...]:
        """For another process, which compiles the rules itself."""
        texts = (self.source, self.match_rules, self.support_rules, self.samples)
        return GrokParser, (self.name, self.is_enabled, *texts)

    def effects(self) -> Effects:
        """It sets what any of its rules may extract."""
        writes = frozenset[str]().union(*(rule.writes for rule in self.rules))
        unevaluated = frozenset(path for rule in self.rules for path in rule.unevaluated)
        notes = [
            f"grok rule {rule.name}: {note}" for rule in self.rules for note in rule.approximations
        ]
        overtime = list(self.overtime.notes())
        return Effects(
            (self.source,),
            writes,
            unevaluated=writes if overtime else unevaluated,
            notes=(*notes, *overtime),
        )

    def step(self) -> Step:
        """Lays what the first matching rule extracts over the attributes."""
        read_source, rules, overtime = source(self.source), self.rules, self.overtime

        def step(log: Log, run: Run) -> None:
            text = read_source(log)
            if not isinstance(text, str) or overtime.is_too_much:
                return
            text = text.strip()
            for rule in rules:
                try:
                    found = rule.extract(text, now=run.received_at)
                except TimeoutError:  # then nobody knows which rule would have been the first
                    overtime.add(rule.name)
                    return
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
            return
        try:
            found = [rule for rule in self.rules if rule.extract(sample.strip(), now=0) is not None]
        except TimeoutError:
            from grantex_tui.datadog.pipeline.grok import SECONDS

            message = f"a rule takes more than {SECONDS:g} s for this sample, so is not evaluated"
            yield reader.advice(
                "grok-out-of-time", key, message, rule=_PARSING, fix="use fewer nested repeats"
            )
            return
        if not found:
            message = "no rule matches this sample (a rule must match the whole text)"
            yield reader.advice(
                "sample-without-match", key, message, rule=_PARSING, fix="end rules with .*"
            )


def _read(reader: Reader) -> GrokParser:
    from grantex_tui.datadog.pipeline.grok import GrokError

    rules = Reader(reader.obj.get("grok"), reader.at("grok"), f"{reader.what}: grok")
    try:
        return GrokParser(
            *common(reader),
            source=reader.text("source", "message"),
            match_rules=rules.text("match_rules"),
            support_rules=rules.text("support_rules", ""),
            samples=reader.texts("samples", ()),
        )
    except GrokError as error:
        rules.refuse("invalid-grok", "match_rules", f"{reader.what}: {error}", rule=_PARSING)


KIND = Kind(
    "grok-parser",
    ("grok", "samples", "source"),
    _read,
    "extracts attributes from text by rules",
    "a rule that RE2 refuses has a quarter of a second a text; `useragent` needs the extra below",
)
