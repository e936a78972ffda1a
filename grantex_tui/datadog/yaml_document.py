"""YAML as JSON would hold it: safe tags only, dates stay texts, a key twice is an error."""

from __future__ import annotations

from typing import NoReturn

import yaml
from yaml.constructor import SafeConstructor
from yaml.events import CollectionEndEvent, CollectionStartEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from grantex_tui.errors import InvalidFileError


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_MERGE = _TAG + "merge"
_PLAIN = frozenset(_TAG + kind for kind in ("bool", "float", "int", "null", "str", "value"))
_AS_TEXT = frozenset({_TAG + "timestamp"})
_MOST_NODES = 200_000
_DEEPEST = 100


def read_yaml(text: str, *, path: str) -> tuple[object, dict[str, int], dict[str, int]]:
    """The value of a YAML text, its lines and columns by JSON path; several documents are a list.

    Raises:
        InvalidFileError: With *path* and the line.
    """
    try:
        _check_depth(text, path)
        nodes = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line, text.count("\n")) + 1 if mark else 0
        problem = error.problem or error.context or "can't be read"
        raise InvalidFileError(f"not valid YAML: {problem}", path=path, line=line) from None
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        message = f"not valid YAML: the character U+{error.character:04X} is not allowed"
        raise InvalidFileError(message, path=path, line=line) from None
    except yaml.YAMLError as error:
        raise InvalidFileError(f"not valid YAML: {error}", path=path) from None
    reader = _Reader(path)
    for node in nodes:
        reader.check(node)
    if len(nodes) == 1:
        return reader.value(nodes[0], "", ()), reader.lines, reader.columns
    values = [reader.value(node, f"[{index}]", ()) for index, node in enumerate(nodes)]
    return values or None, reader.lines, reader.columns


def _check_depth(text: str, path: str) -> None:
    """Refuse what is nested without end: composing recurses in C, and the stack overflows there."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 0
            message = f"not valid YAML: more than {_DEEPEST} levels"
            raise InvalidFileError(message, path=path, line=line)


class _Reader:
    """Nodes to values; every visit counts, so that aliases can't multiply without end."""

    def __init__(self, path: str) -> None:
        self.lines: dict[str, int] = {}
        self.columns: dict[str, int] = {}
        self._path = path
        self._nodes = 0
        self._construct = SafeConstructor()
        self._checked: set[int] = set()

    def check(self, node: Node) -> None:
        """Refuse a key that is given twice; what is merged in doesn't count, and gives way."""
        if id(node) in self._checked:
            return
        self._checked.add(id(node))
        if isinstance(node, SequenceNode):
            for item in node.value:
                self.check(item)
        elif isinstance(node, MappingNode):
            keys: set[str] = set()
            for key_node, value_node in node.value:
                key = self._key(key_node)
                if key in keys and key_node.tag != _MERGE:
                    self._fail(key_node, f"the key {key!r} is given twice in one object")
                keys.add(key)
                self.check(value_node)

    def value(self, node: Node, where: str, around: tuple[Node, ...]) -> object:
        if where not in self.lines:
            self._note(where, node)
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            self._fail(node, f"more than {_MOST_NODES} values (aliases inside aliases?)")
        if node in around:
            self._fail(node, "an alias inside the very thing it stands for")
        if isinstance(node, MappingNode):
            return self._mapping(node, where, (*around, node))
        if isinstance(node, SequenceNode):
            items = enumerate(node.value)
            return [self.value(item, f"{where}[{i}]", (*around, node)) for i, item in items]
        return self._scalar(node)

    def _mapping(
        self, node: MappingNode, where: str, around: tuple[Node, ...]
    ) -> dict[str, object]:
        members: dict[str, object] = {}
        self._construct.flatten_mapping(node)  # merge keys: << comes first, own ones override
        for key_node, value_node in node.value:
            key = self._key(key_node)
            inside = f"{where}.{key}" if where else key
            self._note(inside, key_node)
            members[key] = self.value(value_node, inside, around)
        return members

    def _note(self, where: str, node: Node) -> None:
        self.lines[where] = node.start_mark.line + 1
        self.columns[where] = node.start_mark.column + 1

    def _key(self, node: Node) -> str:
        if not isinstance(node, ScalarNode):
            self._fail(node, "a key must be a text")
        return str(node.value)

    def _scalar(self, node: Node) -> object:
        if node.tag in _AS_TEXT:
            return node.value
        if node.tag not in _PLAIN:
            self._fail(node, f"the tag {node.tag.removeprefix(_TAG)!r} is not allowed")
        try:
            return self._construct.construct_object(node)
        except (ValueError, yaml.YAMLError):
            self._fail(node, f"{node.value!r} is not of the type that its tag names")

    def _fail(self, node: Node, message: str) -> NoReturn:
        line = node.start_mark.line + 1
        raise InvalidFileError(f"not valid YAML: {message}", path=self._path, line=line)
