"""ETag and If-Match: who changes a thing may ask that nobody has changed it since they read it."""

from flask import request

from app.web.taskrouter.errors import Refused


def etag(version: int) -> str:
    """The ETag of an entity's version."""
    return f'"{version}"'


def wanted() -> tuple[str, ...]:
    """The ETags that the request would have the entity at; empty: any."""
    header = request.headers.get("If-Match", "")
    tags = tuple(tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip())
    return () if "*" in tags else tags


def matches(version: int) -> bool:
    """Whether the request may be done to an entity of this version."""
    tags = wanted()
    return not tags or etag(version) in tags or str(version) in tags


def must_match(version: int) -> None:
    """Refuses with 412 what was decided on another version of the entity."""
    if not matches(version):
        raise Refused(412, f"The ETag provided does not match that of the resource, which is {etag(version)}")
