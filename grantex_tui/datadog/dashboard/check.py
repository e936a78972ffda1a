"""What Datadog's API refuses in a dashboard (Datadog: api/v1/dashboards, dashboards/widgets).

Checked is what every dashboard needs and what the widgets that show logs need; a widget of another
kind is taken as it is. The words are Datadog's where they are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from grantex_tui.datadog.dashboard.template_variables import check_template_variables
from grantex_tui.datadog.problem import Problem


WIDGETS: Final = frozenset(
    {
        "alert_graph", "alert_value", "bar_chart", "change", "check_status", "cohort",
        "distribution", "embedded_app", "event_stream", "event_timeline", "free_text", "funnel",
        "geomap", "group", "heatgrid", "heatmap", "hostmap", "iframe", "image", "list_stream",
        "log_stream", "manage_status", "note", "point_plot", "powerpack", "query_table",
        "query_value", "retention_curve", "run_workflow", "sankey", "scatterplot",
        "service_summary", "servicemap", "slo", "slo_list", "split_group", "sunburst",
        "timeseries", "toplist", "topology_map", "trace_service", "treemap", "wildcard",
    }
)  # fmt: skip
_NEED_REQUESTS: Final = frozenset({"timeseries", "query_value", "toplist", "list_stream"})
_ONE_REQUEST: Final = frozenset({"query_value", "toplist", "list_stream"})
_MOST_TAGS: Final = 5
_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "description": (str,),
    "template_variables": (list,),
    "notify_list": (list,),
    "reflow_type": (str,),
    "is_read_only": (bool,),
    "tags": (list,),
    "restricted_roles": (list,),
    "template_variable_presets": (list,),
    "tabs": (list,),
}

Fields = Mapping[str, object]


def dashboard_problems(fields: Fields) -> Iterator[Problem]:
    """The same as problems of a file."""
    rule = "Datadog: api/v1/dashboards, create a dashboard"
    fix = "correct it as the page says, or take the dashboard as Datadog exports it"
    for text in check_dashboard(fields):
        yield Problem("error", "invalid-dashboard", text, "", rule, fix)


def check_dashboard(fields: Fields) -> Iterator[str]:
    """Everything that is wrong, the first what the API would tell."""
    if not isinstance(fields.get("title"), str):  # an empty one is taken
        yield "Invalid dashboard: 'title' is a required property"
    layout = fields.get("layout_type")
    if layout not in ("ordered", "free"):
        yield "Invalid dashboard: 'layout_type' must be one of ordered, free"
    yield from _kinds(fields)
    yield from check_template_variables(fields)
    reflow = fields.get("reflow_type")
    if reflow not in (None, "auto", "fixed") or (reflow is not None and layout == "free"):
        yield "Invalid dashboard: 'reflow_type' must be auto or fixed, for ordered dashboards only"
    widgets = fields.get("widgets")
    if not isinstance(widgets, list):
        yield "Invalid dashboard: 'widgets' is a required property"
    else:
        placed = layout == "free" or reflow == "fixed"
        for position, widget in enumerate(widgets):
            yield from _widget(widget, f"at position {position}", placed=placed)


def _kinds(fields: Fields) -> Iterator[str]:
    for key, kinds in _FIELDS.items():
        value = fields.get(key)
        if value is not None and not isinstance(value, kinds):
            yield f"Invalid dashboard: '{key}' is not of type {kinds[0].__name__}"
    tags = fields.get("tags")
    tags = tags if isinstance(tags, list) else []
    if any(not isinstance(tag, str) or not tag.startswith("team:") for tag in tags):
        yield "Invalid tag format. Valid tag keys are: team."
    if len(tags) > _MOST_TAGS:
        yield f"Invalid dashboard: at most {_MOST_TAGS} tags are allowed"


def _widget(widget: object, where: str, *, placed: bool) -> Iterator[str]:
    definition = widget.get("definition") if isinstance(widget, Mapping) else None
    if not isinstance(widget, Mapping) or not isinstance(definition, Mapping):
        yield f"Invalid widget {where}. Error: 'definition' is a required property"
        return
    if placed and not _is_layout(widget.get("layout")):
        yield f"Invalid widget {where}. Error: 'layout' is a required property"
    kind = definition.get("type")
    if not isinstance(kind, str) or kind not in WIDGETS:
        yield f"Invalid widget definition {where}. Error: {kind!r} is no type of widget"
        return
    for problem in _definition(kind, definition):
        yield f"Invalid widget definition {where} of type {kind}. Error: {problem}"


def _is_layout(layout: object) -> bool:
    sides = ("x", "y", "width", "height")
    return isinstance(layout, Mapping) and all(
        isinstance(layout.get(side), int | float) for side in sides
    )


def _definition(kind: str, definition: Fields) -> Iterator[str]:
    if kind == "group":
        widgets = definition.get("widgets")
        if definition.get("layout_type") != "ordered" or not isinstance(widgets, list):
            yield "a group needs 'widgets' and the layout_type ordered"
            return
        for position, widget in enumerate(widgets):
            yield from _widget(widget, f"at inner position {position}", placed=False)
    if kind not in _NEED_REQUESTS:
        return
    requests = definition.get("requests")
    if not isinstance(requests, list) or not requests:
        yield "'requests' is a required property"
        return
    if kind in _ONE_REQUEST and len(requests) != 1:
        yield f"{len(requests)} requests are not one"
    for request in requests:
        if not isinstance(request, Mapping):
            yield f"{request!r} is not of type object"
        else:
            yield from _list_request(request) if kind == "list_stream" else _queries(request)


def _list_request(request: Fields) -> Iterator[str]:
    columns = request.get("columns")
    if not isinstance(columns, list) or not columns:
        yield "'columns' is a required property"
    query = request.get("query")
    if not isinstance(query, Mapping) or not query.get("data_source"):
        yield "'query' is a required property"
    if request.get("response_format") != "event_list":
        yield "'response_format' must be event_list"


def _queries(request: Fields) -> Iterator[str]:
    """Queries in the form with formulas; the older forms have no field that is required."""
    queries = request.get("queries")
    if queries is None:
        return
    if not isinstance(queries, list):
        yield "'queries' is not of type list"
        return
    if request.get("response_format") not in ("timeseries", "scalar", "event_list"):
        yield "'response_format' is a required property"
    for query in queries:
        given = query if isinstance(query, Mapping) else {}
        needed = ["data_source", "name"]
        if given.get("data_source") == "logs":
            needed.append("compute")
        yield from (f"'{key}' is a required property" for key in needed if not given.get(key))
