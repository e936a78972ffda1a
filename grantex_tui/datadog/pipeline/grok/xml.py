"""The grok filter ``xml``: elements as an object.

Datadog: logs/log_configuration/parsing, "Parsing XML". An element's attributes and children are its keys;
text beside them is ``value``; children of one name are a list. A text with a document type is refused:
nobody logs one, and entities in it can grow without end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import DEEPEST


if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def parse_xml(text: str) -> dict[str, object]:
    """The root element under its name.

    Raises:
        ValueError: It is no XML, has a document type, or is nested more deeply than any log.
    """
    from xml.etree import ElementTree as ET  # 3 ms, for rules that few have

    if "<!DOCTYPE" in text:
        raise ValueError(text)
    try:
        root = ET.fromstring(text.strip())  # noqa: S314 - without a document type no entities
    except (ET.ParseError, UnicodeEncodeError) as error:
        raise ValueError(text) from error
    return {_name(root): _value(root, 0)}


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]  # without its namespace


def _value(element: Element, depth: int) -> object:
    if depth > DEEPEST:
        raise ValueError(element.tag)
    found: dict[str, object] = {
        key.rpartition("}")[2]: value for key, value in element.attrib.items()
    }
    for child in element:
        _add(found, _name(child), _value(child, depth + 1))
    text = (element.text or "").strip()
    if not found:
        return text
    return {**found, "value": text} if text else found


def _add(found: dict[str, object], name: str, value: object) -> None:
    before = found.get(name)
    if isinstance(before, list):
        before.append(value)
    else:
        found[name] = value if before is None else [before, value]
