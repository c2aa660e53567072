"""A web server with speech models that lies, stalls and stops short, each path in its own way."""

import hashlib
import io
import json
import re
import stat
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from models import speech_model_folder

NAME = "vosk-model-small-xx-0.1"
LIST = "/model-list.json"


def packed(files: Mapping[str, bytes], link: str | None = None) -> bytes:
    """A zip file of these files, and with a link of this name that points out of it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if link:
            entry = zipfile.ZipInfo(link)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, "/etc")
    return data.getvalue()


def packed_model(name: str = NAME, files: Mapping[str, bytes] | None = None) -> bytes:
    """The model in the box, packed as published ones are, with more files if wanted."""
    folder = speech_model_folder()
    inside = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    contents = {f"{name}/{place}": path.read_bytes() for place, path in inside.items()}
    return packed({**contents, **(files or {})})


@dataclass
class Model:
    """What the server has under one name, and what its list says about it."""

    data: bytes
    listed: Mapping[str, Any] = field(default_factory=dict)

    def entry(self, name: str, url: str) -> dict[str, Any]:
        """The list's line for it, in the shape of the Vosk project's."""
        said = {
            "name": name, "url": f"{url}/{name}.zip", "size": len(self.data), "lang": "xx", "lang_text": "Xish",
            "md5": hashlib.md5(self.data, usedforsecurity=False).hexdigest(), "type": "small", "obsolete": "false",
            "size_text": "1MiB", "version": "0.1",
        }  # fmt: skip
        return {**said, **self.listed}


class Request(BaseHTTPRequestHandler):
    """One request; `answer` is what a way of misbehaving is made of."""

    server: "Server"

    def do_GET(self) -> None:
        """Tells the list, or answers in the way that the test has put first in line."""
        world = self.server.world
        world.ranges.append(self.headers.get("Range"))
        if self.path == LIST:
            entries = [model.entry(name, world.url) for name, model in world.models.items()]
            self.answer(json.dumps(entries).encode(), {"Content-Type": "application/json"})
            return
        model = world.models.get(self.path.strip("/").removesuffix(".zip"))
        if model is None:
            self.send_error(404)
            return
        way = world.ways.pop(0) if world.ways else honestly
        way(self, model.data)

    def answer(self, body: bytes, headers: Mapping[str, str], status: int = 200) -> None:
        """An answer whose length is true unless a header says otherwise."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


Way = Callable[[Request, bytes], None]


def honestly(request: Request, data: bytes) -> None:
    """All that is asked for."""
    wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
    if wanted is None:
        request.answer(data, {})
        return
    start = int(wanted[1])
    request.answer(data[start:], {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}, 206)


def always_from_the_start(request: Request, data: bytes) -> None:
    """As a server that does not know ranges."""
    request.answer(data, {})


def cut_after(count: int) -> Way:
    """Announces everything and closes after so many bytes."""

    def way(request: Request, data: bytes) -> None:
        start = int((request.headers.get("Range") or "bytes=0-")[6:-1])
        headers = {"Content-Length": str(len(data) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        request.answer(data[start : start + count], headers, 206 if start else 200)

    return way


def stall_after(count: int) -> Way:
    """Sends so many bytes and then nothing, with the line open until the test is over."""

    def way(request: Request, data: bytes) -> None:
        cut_after(count)(request, data)
        request.server.world.over.wait(20)

    return way


def trickle(request: Request, data: bytes) -> None:
    """A byte now and then, for as long as anybody reads."""
    cut_after(100)(request, data)
    while not request.server.world.over.wait(0.02):
        request.wfile.write(b"x")


def status(code: int) -> Way:
    """Nothing but a status."""
    return lambda request, _: request.send_error(code)


def reply(body: bytes, code: int = 200, **headers: str) -> Way:
    """Another body, with other headers (`Content_Type="text/html"`)."""
    return lambda request, _: request.answer(body, {name.replace("_", "-"): headers[name] for name in headers}, code)


class Server(ThreadingHTTPServer):
    """Knows its world."""

    daemon_threads = True

    def __init__(self, world: "World") -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.world = world

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away early is what is tested; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@dataclass
class World:
    """The models on the server, and how it will behave, request by request; honestly once `ways` is used up."""

    models: dict[str, Model] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    @property
    def index(self) -> str:
        """The list's address."""
        return self.url + LIST


@contextmanager
def serving() -> Iterator[World]:
    """The server while the test lasts."""
    world = World()
    server = Server(world)
    world.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        world.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
