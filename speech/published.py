"""The published list of Vosk models: what there is to fetch, how large it is, and its checksum."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from speech.download import FetchFailed, Patience, demand_file, reason

INDEX = "https://alphacephei.com/vosk/models/model-list.json"

_LARGEST_LIST = 4 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# The list also holds models that tell speakers apart, speak, or put full stops.
_NOT_EARS = re.compile(r"(^|-)(spk|tts|punct?|recasepunc)(-|$)")


@dataclass(frozen=True, slots=True)
class Published:
    """One model of the list; `kind` is the list's own word, such as small, big or big-lgraph."""

    name: str
    url: str
    size: int
    md5: str
    language: str
    language_name: str
    kind: str
    obsolete: bool

    @property
    def hears(self) -> bool:
        """Whether it recognizes speech, as far as its name and kind tell."""
        return not (_NOT_EARS.search(self.name) or _NOT_EARS.search(self.kind))


def is_model_name(text: str) -> bool:
    """Whether this can be the name of a model: a plain file name."""
    return _NAME.fullmatch(text) is not None


def read_index(url: str = INDEX, patience: Patience | None = None) -> tuple[Published, ...]:
    """Every model of the list that is described well enough to be fetched and checked. Raises FetchFailed."""
    text = _get(url, patience or Patience())
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise FetchFailed(f"{url}: is no list of models: {error}.") from error
    found = tuple(model for entry in entries if (model := _model(entry))) if isinstance(entries, list) else ()
    if not found:
        raise FetchFailed(f"{url}: is no list of models: it holds none with name, url, size and md5.")
    return found


def _get(url: str, patience: Patience) -> bytes:
    deadline = time.monotonic() + 4 * patience.silence
    data = bytearray()
    try:
        with requests.get(url, stream=True, timeout=(patience.connect, patience.silence)) as response:
            demand_file(response, url)
            for chunk in response.iter_content(8192):
                data += chunk
                if len(data) > _LARGEST_LIST:
                    raise FetchFailed(f"{url}: is no list of models: it has more than {_LARGEST_LIST:,} bytes.")
                if time.monotonic() > deadline:
                    raise FetchFailed(f"{url}: the list comes too slowly.")
    except (requests.RequestException, HTTPError) as error:
        raise FetchFailed(f"{url}: the list of models could not be read: {reason(error, url)}.") from error
    return bytes(data)


def _model(entry: Any) -> Published | None:
    if not isinstance(entry, dict):
        return None
    text = {key: value for key, value in entry.items() if isinstance(value, str)}
    size = entry.get("size")
    usable = (
        is_model_name(text.get("name", ""))
        and re.fullmatch(r"https?://.+", text.get("url", ""))
        and re.fullmatch(r"[0-9a-fA-F]{32}", text.get("md5", ""))
        and type(size) is int
        and size > 0
    )
    if not usable:
        return None
    return Published(
        name=text["name"],
        url=text["url"],
        size=int(entry["size"]),
        md5=text["md5"].lower(),
        language=text.get("lang", ""),
        language_name=text.get("lang_text", text.get("lang", "")),
        kind=text.get("type", ""),
        obsolete=str(entry.get("obsolete", "")).lower() == "true",
    )
