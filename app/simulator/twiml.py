"""Parses TwiML into verbs with the carrier's defaults, and says what the carrier would complain about."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.simulator.vocabulary import CONTEXTS, SHAPES, Context, complaint

MAX_BYTES: Final = 65536
MAX_INLINE_CHARACTERS: Final = 4000


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error or warning by the carrier's number."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class BadDocument(Exception):
    """The document cannot be executed at all; the call goes on at its fallback URL."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.trouble = Trouble(code, text)


@dataclass(frozen=True, slots=True)
class Verb:
    """One element: its attributes with defaults filled in, its text and the elements in it."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: tuple["Verb", ...] = ()

    def get(self, name: str) -> str:
        """An attribute's value, empty where there is none."""
        return self.attributes.get(name, "")

    def has(self, name: str) -> bool:
        """Whether the document (or a default) sets the attribute."""
        return name in self.attributes

    def whole(self, name: str) -> int:
        """An attribute as whole number; the parser has seen to it that it is one."""
        return int(self.attributes[name])

    def flag(self, name: str) -> bool:
        """An attribute as yes or no."""
        return self.attributes.get(name) == "true"

    def nouns(self, *names: str) -> tuple["Verb", ...]:
        """The children of these names."""
        return tuple(child for child in self.children if child.name in names)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document: `url` is what relative addresses and a missing action refer to."""

    url: str
    method: str
    verbs: tuple[Verb, ...]
    warnings: tuple[Trouble, ...] = ()


def parse(body: bytes, url: str = "", method: str = "POST", context: Context = "call") -> Document:
    """Parse a document; raises BadDocument for what the carrier refuses (12100, 11750)."""
    if len(body) > MAX_BYTES:
        raise BadDocument(11750, f"TwiML of {len(body)} bytes is over 64 kB")
    if body[:1].isspace():
        raise BadDocument(12100, "white space before the document")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise BadDocument(12100, "a document type is not allowed")
    try:
        root = ET.fromstring(body)  # noqa: S314 - entities are refused above, and the server is the one under test
    except ET.ParseError as error:
        raise BadDocument(12100, str(error)) from error
    if root.tag != "Response":
        raise BadDocument(12100, f"the root is <{root.tag}>, not <Response>")
    parser = _Parser()
    verbs = parser.children(root, "Response")
    allowed = CONTEXTS[context]
    for verb in verbs:
        if verb.name not in allowed:
            parser.warn(f"<{verb.name}> is not allowed in a document for {context}")
    kept = tuple(verb for verb in verbs if verb.name in allowed)
    return Document(url, method, kept, tuple(parser.warnings))


def spoken(text: str, url: str) -> Document:
    """The document that the carrier makes of plain text: it is read aloud."""
    verb = Verb("Say", SHAPES["Say"].defaults, " ".join(text.split()))
    return Document(url, "POST", (verb,))


def played(url: str) -> Document:
    """The document that the carrier makes of an audio reply: it is played."""
    return Document(url, "POST", (Verb("Play", SHAPES["Play"].defaults, url),))


class _Parser:
    """Walks the tree, keeps what is understood and collects warnings (12200) on the rest."""

    def __init__(self) -> None:
        self.warnings: list[Trouble] = []

    def warn(self, text: str) -> None:
        self.warnings.append(Trouble(12200, text))

    def children(self, element: ET.Element, parent: str) -> tuple[Verb, ...]:
        allowed = SHAPES[parent].children
        verbs = []
        for child in element:
            if child.tag in allowed:
                verbs.append(self.verb(child))
            else:
                self.warn(f"<{child.tag}> is not allowed in <{parent}>")
        return tuple(verbs)

    def verb(self, element: ET.Element) -> Verb:
        attributes = dict(SHAPES[element.tag].defaults)
        for name, value in element.attrib.items():
            problem = complaint(element.tag, name, value)
            if problem:
                self.warn(f"<{element.tag} {name}={value!r}>: {problem}")
            else:
                attributes[name] = value
        if element.tag == "Say":  # what is in it is SSML, of which only the words can be heard here
            return Verb("Say", attributes, _squeezed("".join(element.itertext())))
        verb = Verb(element.tag, attributes, _squeezed(element.text or ""))
        return replace(verb, children=self.children(element, element.tag))


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
