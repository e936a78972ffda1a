"""``options.variables``: the named log queries that a formula computes with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grantex_tui.datadog.monitor.model import LogQuery
from grantex_tui.datadog.problem import Problem


METHODS = (
    "count", "cardinality", "sum", "avg", "min", "max", "median",
    "pc75", "pc90", "pc95", "pc98", "pc99",
)  # fmt: skip
"""Monitors/types/log, "measure": all but ``count`` need one."""


def read_variables(variables: Sequence[Mapping[str, object]]) -> dict[str, LogQuery]:
    """The log queries by name. Whatever is not of the API's form is left out, never guessed."""
    queries = ((variable.get("name"), read_variable(variable)) for variable in variables)
    return {name: query for name, query in queries if isinstance(name, str) and query is not None}


def read_variable(variable: Mapping[str, object]) -> LogQuery | None:
    """One entry; None if it is not one."""
    search = _object(variable.get("search")).get("query", "")
    compute = _object(variable.get("compute"))
    method = compute.get("aggregation")
    measure = compute.get("metric") or ""
    if not isinstance(search, str) or not isinstance(measure, str) or method not in METHODS:
        return None
    groups = [group for group in _list(variable.get("group_by")) if isinstance(group, Mapping)]
    facets = [group.get("facet") for group in groups]
    limits = [group.get("limit") for group in groups]
    indexes = [name for name in _list(variable.get("indexes")) if isinstance(name, str)]
    return LogQuery(
        search=search,
        method=str(method),
        measure=measure,
        group_by=tuple(facet for facet in facets if isinstance(facet, str)),
        indexes=tuple(indexes) or ("*",),
        group_limits=tuple(limit if isinstance(limit, int) else None for limit in limits),
    )


def is_foreign(variable: Mapping[str, object]) -> bool:
    """Whether an entry asks for something else than logs, which is not evaluated here."""
    source = variable.get("data_source")
    return isinstance(source, str) and source != "logs"


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


_GROUPS = {0: 0, 1: 1000, 2: 30, 3: 10, 4: 5}
"""Monitors/types/log: the highest limit of each facet, by how many facets there are."""


def check_variables(variables: Sequence[object]) -> Iterator[Problem]:
    """Errors for entries that the API would refuse."""
    names: list[str] = []
    for index, variable in enumerate(variables):
        where = f"options.variables[{index}]"
        entry = _object(variable)
        yield from _entry(entry, where)
        name = entry.get("name")
        if isinstance(name, str) and name in names:
            yield _error("duplicate-variable", f"two variables are named {name!r}", f"{where}.name")
        names.append(str(name))
    groups = {query.group_by for entry in variables if (query := read_variable(_object(entry)))}
    if len(groups) > 1:
        message = "all queries of a formula must group by the same facets"
        yield _error("different-groups", message, "options.variables")


def _entry(entry: Mapping[str, object], where: str) -> Iterator[Problem]:
    if is_foreign(entry):
        return
    if entry.get("data_source") != "logs":
        message = "a variable needs a data_source, such as 'logs'"
        yield _error("invalid-variable", message, f"{where}.data_source")
    if not isinstance(entry.get("name"), str) or not entry["name"]:
        yield _error("invalid-variable", "a variable needs a name", f"{where}.name")
    query = read_variable(entry)
    if query is None:
        message = f"compute.aggregation must be one of {', '.join(METHODS)}, search.query a text"
        yield _error("invalid-variable", message, where)
        return
    if query.method != "count" and not query.measure:
        message = f"aggregation {query.method!r} needs a metric"
        yield _error("invalid-variable", message, f"{where}.compute.metric")
    most = _GROUPS.get(len(query.group_by))
    if most is None:
        message = f"a log monitor groups by at most {max(_GROUPS)} facets"
        yield _error("too-many-groups", message, f"{where}.group_by")
        return
    for index, limit in enumerate(query.group_limits):
        if limit is not None and not 0 < limit <= most:
            message = f"limit {limit} is not between 1 and {most} for {len(query.group_by)} facets"
            yield _error("too-many-groups", message, f"{where}.group_by[{index}].limit")


def _error(code: str, message: str, where: str) -> Problem:
    rule = "Datadog: api/v1/monitors, variables; monitors/types/log"
    return Problem("error", code, message, where, rule, f"correct {where}")
