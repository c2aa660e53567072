"""Errors of the REST API in the carrier's shape."""

from flask import Response, jsonify


class RestError(Exception):
    """A request that the API refuses: HTTP status, the carrier's error number and a sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """The JSON answer."""
        answer = jsonify(
            {
                "code": self.code,
                "message": self.message,
                "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
                "status": self.status,
            }
        )
        answer.status_code = self.status
        return answer


def not_found(what: str) -> RestError:
    """Nothing of that name is there (20404)."""
    return RestError(404, 20404, f"The requested resource {what} was not found")
