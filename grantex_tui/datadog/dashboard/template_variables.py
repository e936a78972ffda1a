"""What Datadog's API refuses in a dashboard's template variables and their presets.

Datadog: api/v1/dashboards, ``template_variables`` and ``template_variable_presets``. A variable has
``defaults``, or the older ``default``; a preset gives ``values``, or the older ``value``. The words
are Datadog's where they are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


Fields = Mapping[str, object]


def check_template_variables(dashboard: Fields) -> Iterator[str]:
    """Everything that is wrong, the first what the API would tell."""
    for variable in _items(dashboard, "template_variables"):
        yield from _variable(variable)
    for preset in _items(dashboard, "template_variable_presets"):
        if not isinstance(preset, Mapping):
            yield "'template_variable_presets' is invalid"
            continue
        for variable in _items(preset, "template_variables"):
            yield from _preset(variable)


def _variable(variable: object) -> Iterator[str]:
    if not isinstance(variable, Mapping) or not _is_named(variable):
        yield "'template_variables' is invalid"
        return
    if variable.get("default") is not None and variable.get("defaults") is not None:
        yield "'template_variables' is invalid"
    yield from _texts(variable, "defaults", least=0)
    yield from _texts(variable, "available_values", least=0)


def _preset(variable: object) -> Iterator[str]:
    both = isinstance(variable, Mapping) and {"value", "values"} <= variable.keys()
    if not isinstance(variable, Mapping) or not _is_named(variable) or both:
        yield f"'template_variables' value '{variable}' is invalid"
        return
    yield from _texts(variable, "values", least=1)


def _texts(fields: Fields, key: str, *, least: int) -> Iterator[str]:
    """A list of texts that are not empty, if there is one."""
    values = fields.get(key)
    if values is None:
        return
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        yield f"Parameter '{key}' must be a list of texts"
    elif len(values) < least:
        yield f"Minimum number of elements in parameter '{key}' should be {least}"
    elif "" in values:
        yield f"Minimum length of parameter '{key}' should be 1"


def _is_named(fields: Fields) -> bool:
    name = fields.get("name")
    return isinstance(name, str) and bool(name)


def _items(fields: Fields, key: str) -> list[object]:
    """The list at *key*; that it is none is said by `check_dashboard`."""
    items = fields.get(key)
    return items if isinstance(items, list) else []
