"""Nodes of a YAML document, each with its line, so that a refusal can name it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn, cast

import yaml

from generator.problems import SchemaProblem

_SCALARS = {
    "tag:yaml.org,2002:str",
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:null",
}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")


class Node:
    """One node.

    Args:
        node: The node as PyYAML composes it.
        file: The file.
        name: The name of the member that it is, or is an item of.
    """

    def __init__(self, node: yaml.Node, file: Path, name: str = "") -> None:
        self.file = file
        self.name = name
        self.line: int = node.start_mark.line + 1
        self.value: object = self._read(node)

    def _read(self, node: yaml.Node) -> object:
        if isinstance(node, yaml.MappingNode):
            members: dict[str, Node] = {}
            for key, value in node.value:
                if key.tag != "tag:yaml.org,2002:str":
                    line = key.start_mark.line + 1
                    raise SchemaProblem(
                        f"the name {key.value} must stand in quotes", self.file, line
                    )
                if key.value in members:
                    line = key.start_mark.line + 1
                    raise SchemaProblem(f'"{key.value}" stands twice', self.file, line)
                members[key.value] = Node(value, self.file, key.value)
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return members
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [Node(one, self.file, self.name) for one in node.value]
        if node.tag not in _SCALARS:
            self.refuse(f"{node.value} is of a type that is not used here: put it into quotes")
        text = cast("str", node.value)
        if not text.replace("\n", "").replace("\t", "").isprintable():
            self.refuse("holds a character that nothing shows")
        if node.tag.endswith(":bool"):
            if text not in {"true", "false"}:
                self.refuse(f"{text} must be true or false, or stand in quotes")
            return text == "true"
        if node.tag.endswith(":int"):
            if not _NUMBER.fullmatch(text):
                self.refuse(f"{text} must be a decimal number, or stand in quotes")
            return int(text)
        return None if node.tag.endswith(":null") else text

    def refuse(self, message: str) -> NoReturn:
        """Refuses the document because of this node."""
        where = f"{self.name}: " if self.name else ""
        raise SchemaProblem(f"{where}{message}", self.file, self.line)

    def members(self, known: Iterable[str], required: Iterable[str] = ()) -> dict[str, Node]:
        """The members of a mapping, none of which may be unknown."""
        found = self.mapping()
        known = set(known) | set(required)
        for name, node in found.items():
            if name not in known:
                node.refuse(f'"{name}" is not understood here')
        for name in required:
            if name not in found:
                self.refuse(f'"{name}" is missing here')
        return found

    def mapping(self) -> dict[str, Node]:
        """The members of a mapping, whatever their names."""
        if not isinstance(self.value, dict):
            self.refuse("must be a mapping")
        return cast("dict[str, Node]", self.value)

    def items(self) -> list[Node]:
        """The items of a list."""
        if not isinstance(self.value, list):
            self.refuse("must be a list")
        return cast("list[Node]", self.value)

    def text(self) -> str:
        """A text, which must not be blank, without blanks around it."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.refuse("must be a text")
        if self.value != self.value.strip():
            self.refuse(f'there are blanks around "{self.value}": remove them')
        return self.value

    def words(self) -> str:
        """A text on one line."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.refuse("must be a text")
        return " ".join(self.value.split())

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.refuse("must be true or false")
        return self.value

    def number(self) -> int:
        """A whole number."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.refuse("must be a whole number")
        return self.value

    def texts(self) -> list[str]:
        """A list of texts, each of them once."""
        texts = [one.text() for one in self.items()]
        if len(set(texts)) < len(texts):
            self.refuse("a text stands twice")
        return texts

    def only(self) -> str:
        """The text of a list of one."""
        if len(self.texts()) != 1:
            self.refuse("must be a list of one")
        return self.texts()[0]

    def one_of(self, *allowed: str) -> str:
        """One of some texts."""
        text = self.text()
        if text not in allowed:
            self.refuse(f'must be one of {", ".join(allowed)}, not "{text}"')
        return text

    def plain(self) -> object:
        """The value without lines."""
        if isinstance(self.value, dict):
            return {name: one.plain() for name, one in self.mapping().items()}
        if isinstance(self.value, list):
            return [one.plain() for one in self.items()]
        return self.value

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        if isinstance(self.value, dict):
            for one in self.mapping().values():
                yield from one.walk()
        elif isinstance(self.value, list):
            for one in self.items():
                yield from one.walk()


def read_yaml(path: Path) -> Node:
    """Reads a file: its root.

    Raises:
        SchemaProblem: It cannot be read, or is not YAML as it is used here.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                mark = event.start_mark
                raise SchemaProblem(
                    "anchors and aliases are not used here: name it with $ref",
                    path,
                    None if mark is None else mark.line + 1,
                )
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise SchemaProblem(f"cannot be read: {error.strerror}", path) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SchemaProblem("is not UTF-8", path, line) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SchemaProblem(f"not well-formed YAML: {error.reason}", path, line) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SchemaProblem(f"not well-formed YAML: {error.problem}", path, line) from error
    except RecursionError:
        raise SchemaProblem("it is nested too deeply", path, 1) from None
    if root is None:
        raise SchemaProblem("the document is empty", path)
    return Node(root, path)
