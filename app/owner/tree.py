"""The owner's YAML as a tree that remembers where every key and value stands; an overlay can be laid over it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.owner.problems import Place

Scalar = str | int | float | bool | None
Path = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. `inside` is the distance from `place` to the first letter; None where letters do not line up."""

    place: Place
    value: Scalar
    inside: int | None = None
    size: int = 1

    def at(self, column: int) -> Place:
        """The place of a column (from 1) of the value's text, or of the value if it cannot be told."""
        if self.inside is None:
            return self.place
        return Place(self.place.file, self.place.line, self.place.column + self.inside + column - 1)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    nodes: "tuple[Node, ...]"
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a map: where its key stands, and its value."""

    key: Place
    node: "Node"


@dataclass(frozen=True, slots=True)
class Branch:
    """A map."""

    place: Place
    entries: Mapping[str, Entry] = field(default_factory=dict)
    size: int = 1


Node = Leaf | Items | Branch


def plain(node: Node) -> object:
    """The tree as dicts, lists and scalars."""
    if isinstance(node, Leaf):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.nodes]
    return {key: plain(entry.node) for key, entry in node.entries.items()}


def key_place(root: Node, path: Path) -> Place:
    """Where the last key of a path stands, or the nearest thing around it that exists."""
    return _walk(root, path)[-1][0]


def value_place(root: Node, path: Path) -> Place:
    """Where the value at a path stands, or the nearest key around it if there is no such value."""
    steps = _walk(root, path)
    return steps[-1][1].place if len(steps) == len(path) + 1 else steps[-1][0]


def node_at(root: Node, path: Path) -> Node | None:
    """The value at a path, if there is one."""
    steps = _walk(root, path)
    return steps[-1][1] if len(steps) == len(path) + 1 else None


def names_in(root: Node, section: str) -> tuple[str, ...]:
    """The keys of one top-level section, whether or not their contents are right."""
    node = node_at(root, [section])
    return tuple(node.entries) if isinstance(node, Branch) else ()


def without(root: Branch, path: Path) -> Branch:
    """The tree less what stands at a path."""
    head, rest = path[0], path[1:]
    if not isinstance(head, str) or head not in root.entries:
        return root
    entries = dict(root.entries)
    if rest:
        entries[head] = Entry(entries[head].key, _without(entries[head].node, rest))
    else:
        del entries[head]
    return Branch(root.place, entries, root.size)


def _without(root: Node, path: Path) -> Node:
    head, rest = path[0], path[1:]
    if isinstance(root, Branch):
        return without(root, path)
    if isinstance(root, Items) and isinstance(head, int) and head < len(root.nodes):
        middle = (_without(root.nodes[head], rest),) if rest else ()
        return Items(root.place, (*root.nodes[:head], *middle, *root.nodes[head + 1 :]), root.size)
    return root


def overlaid(base: Branch, over: Branch) -> Branch:
    """Maps are merged key by key, lists of maps item by item; anything else is replaced."""
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        old = entries.get(key)
        entries[key] = Entry(old.key, _overlaid(old.node, entry.node)) if old else entry
    return Branch(base.place, entries, base.size + over.size)


def _overlaid(base: Node, over: Node) -> Node:
    if isinstance(base, Branch) and isinstance(over, Branch):
        return overlaid(base, over)
    if isinstance(base, Items) and isinstance(over, Items) and _are_maps(base) and _are_maps(over):
        pairs = zip(base.nodes, over.nodes, strict=False)
        merged = tuple(_overlaid(old, new) for old, new in pairs)
        length = len(merged)
        return Items(base.place, merged + base.nodes[length:] + over.nodes[length:], base.size + over.size)
    return over


def branches(node: Node) -> Iterator[Branch]:
    """Every map of the tree."""
    if isinstance(node, Branch):
        yield node
        for entry in node.entries.values():
            yield from branches(entry.node)
    elif isinstance(node, Items):
        for item in node.nodes:
            yield from branches(item)


def _are_maps(items: Items) -> bool:
    return all(isinstance(item, Branch) for item in items.nodes)


def _walk(root: Node, path: Path) -> list[tuple[Place, Node]]:
    """(place of the key, value) for the root and each step of the path that exists."""
    steps: list[tuple[Place, Node]] = [(root.place, root)]
    for part in path:
        node = steps[-1][1]
        if isinstance(node, Branch) and isinstance(part, str) and part in node.entries:
            entry = node.entries[part]
            steps.append((entry.key, entry.node))
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.nodes):
            steps.append((node.nodes[part].place, node.nodes[part]))
        else:
            break
    return steps
