"""``category-processor``: the name of the first category whose search matches.

Datadog: logs/log_configuration/processors/category_processor.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.filters import EVERYTHING, Filter, check_filter_text, read_filter
from grantex_tui.datadog.pipeline.log_values import target
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common
from grantex_tui.datadog.pipeline.reader import PROCESSORS, Reader


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


@dataclass(frozen=True, slots=True)
class Category:
    """One row: the name that the target gets when the search matches."""

    name: str
    filter: Filter


@dataclass(frozen=True, slots=True)
class CategoryProcessor:
    """Its rows in order; a log that none matches stays as it is."""

    name: str
    is_enabled: bool
    target: str
    categories: tuple[Category, ...]

    def effects(self) -> Effects:
        """It sets its target, by what its searches look at."""
        reads = [path for category in self.categories for path in category.filter.reads()]
        return Effects(tuple(dict.fromkeys(reads)), frozenset({self.target}))

    def step(self) -> Step:
        """Sets the target to the name of the first match."""
        rows = [(category.filter.matches, category.name) for category in self.categories]
        set_target = target(self.target)

        def step(log: Log, _run: Run) -> None:
            for matches, name in rows:
                if matches(log):
                    set_target(log, name)
                    return

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Searches that can't be, names that are there twice, rows that are never reached."""
        counts = Counter(category.name for category in self.categories)
        catch_all = False
        for index, category in enumerate(self.categories):
            key = f"categories[{index}]"
            yield from check_filter_text(category.filter.text, reader.at(f"{key}.filter.query"))
            if counts[category.name] > 1:
                counts[category.name] = 1  # said once
                yield _twice(category, reader, key)
            if catch_all:
                message = (
                    f"category {category.name!r} can never be reached: one before it takes all"
                )
                yield reader.advice(
                    "category-never-used", key, message, fix="put the catch-all last"
                )
            catch_all = catch_all or category.filter.text in EVERYTHING


def _twice(category: Category, reader: Reader, key: str) -> Problem:
    message = f"category {category.name!r} is there more than once"
    rule = f"{PROCESSORS}/category_processor: names must be unique"
    return reader.problem(
        "duplicate-category", f"{key}.name", message, rule=rule, fix="join them with OR"
    )


def _read(reader: Reader) -> CategoryProcessor:
    categories: list[Category] = []
    for index, item in enumerate(reader.objects("categories", required=True)):
        where = f"{reader.at('categories')}[{index}]"
        row = Reader(item, where, f"{reader.what}, category {index}")
        categories.append(Category(row.text("name"), read_filter(row)))
    return CategoryProcessor(
        *common(reader), target=reader.text("target"), categories=tuple(categories)
    )


KIND = Kind(
    "category-processor",
    ("categories", "target"),
    _read,
    "sets an attribute to the name of the first category whose search matches",
)
