"""What every answer has in common: JSON, dates, absolute addresses and ETags."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Response, jsonify, request

from app.web.taskrouter.etags import etag

Body = Mapping[str, object]


def one(body: Body, status: int = 200, version: int | None = None) -> Response:
    """One resource; `version` becomes its ETag."""
    response = jsonify(body)
    response.status_code = status
    if version is not None:
        response.headers["ETag"] = etag(version)
    return response


def gone() -> Response:
    """The answer to a deletion."""
    return Response(status=204)


def moment(milliseconds: int) -> str | None:
    """An instant as ISO 8601 in UTC, to the second; None where there is none."""
    if not milliseconds:
        return None
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def base() -> str:
    """The address of the API as the client reached it, without a slash at its end."""
    scheme = "https" if request.headers.get("X-Forwarded-Proto") == "https" else request.scheme
    return f"{scheme}://{request.host}/v1"
