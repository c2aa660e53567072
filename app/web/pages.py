"""The pages people open: signing in and out, and the live page."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.web.gate import Entry, Gate, csrf_matches, csrf_token
from app.web.problems import problem
from app.web.services import Services

_SAID = {
    Entry.WRONG: "That is not the password.",
    Entry.TOO_MANY: "Too many wrong passwords. Please wait five minutes.",
}
_STATUS = {Entry.WRONG: 401, Entry.TOO_MANY: 429}


class Pages:
    """The views."""

    def __init__(self, services: Services, gate: Gate) -> None:
        self._services = services
        self._gate = gate

    def live(self) -> AnyResponse:
        """The live page; who is not signed in is asked to."""
        if session.get("in") is not True:
            return redirect(url_for("pages.ask"))
        business = self._services.config().business
        return make_response(render_template("live.html", business=business, csrf=csrf_token()))

    def ask(self) -> AnyResponse:
        """The form that asks for the password."""
        if session.get("in") is True:
            return redirect(url_for("pages.live"))
        return self._form("", 200)

    def sign_in(self) -> AnyResponse:
        """Opens a session for the right password; a new one, so that nobody can have planted it."""
        if not csrf_matches(request.form.get("csrf", "")):
            return self._form("The form had grown old. Please try again.", 400)
        entry = self._gate.try_password(request.form.get("password", ""))
        if entry is not Entry.RIGHT:
            return self._form(_SAID[entry], _STATUS[entry])
        session.clear()
        session.permanent = True
        session["in"] = True
        csrf_token()
        return redirect(url_for("pages.live"), 303)

    def sign_out(self) -> AnyResponse:
        """Ends the session."""
        if not csrf_matches(request.form.get("csrf", "")):
            return problem(403)
        session.clear()
        return redirect(url_for("pages.ask"), 303)

    def _form(self, said: str, status: int) -> Response:
        business = self._services.config().business
        return make_response(render_template("sign_in.html", business=business, csrf=csrf_token(), said=said), status)


def pages_blueprint(pages: Pages) -> Blueprint:
    """The pages' addresses, their templates and static files."""
    blueprint = Blueprint(
        "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )
    blueprint.add_url_rule("/", view_func=pages.live, endpoint="live")
    blueprint.add_url_rule("/login", view_func=pages.ask, endpoint="ask")
    blueprint.add_url_rule("/login", view_func=pages.sign_in, endpoint="sign_in", methods=["POST"])
    blueprint.add_url_rule("/logout", view_func=pages.sign_out, endpoint="sign_out", methods=["POST"])
    return blueprint
