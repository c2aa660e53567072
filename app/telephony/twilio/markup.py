"""Writes elements as XML 1.0, escaping everything and leaving out what XML cannot hold."""

import re
from xml.etree import ElementTree as ET

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_NO_XML_CHARACTER = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# In this order: what stands for a character begins with & itself.
_IN_TEXT = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))
_IN_ATTRIBUTE = (*_IN_TEXT, ('"', "&quot;"), ("\n", "&#10;"), ("\t", "&#9;"))


def clean(text: str) -> str:
    """The text without what XML 1.0 cannot hold."""
    return _NO_XML_CHARACTER.sub("", text)


def serialize(root: ET.Element) -> str:
    """The document as ElementTree would write it, without its care for namespaces, which takes most of its time."""
    parts = [_HEAD]
    _write(root, parts)
    return "".join(parts)


def _write(element: ET.Element, parts: list[str]) -> None:
    parts.append("<" + element.tag)
    for name, value in element.attrib.items():
        parts.append(f' {name}="{_escaped(value, _IN_ATTRIBUTE)}"')
    text = element.text
    if text is None and not len(element):
        parts.append(" />")
        return
    parts.append(">" + _escaped(text or "", _IN_TEXT))
    for child in element:
        _write(child, parts)
    parts.append(f"</{element.tag}>")


def _escaped(text: str, entities: tuple[tuple[str, str], ...]) -> str:
    for character, entity in entities:
        if character in text:
            text = text.replace(character, entity)
    return text
