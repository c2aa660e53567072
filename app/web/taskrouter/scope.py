"""Where a request acts: in one workspace, with its rules, and the addresses and SIDs by which it is known outside."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from flask import Blueprint, Response, request

from app.core.routing import sids
from app.core.routing.definitions import Rules
from app.ports.store import Store
from app.ports.taskrouter_events import TaskRouterEvents
from app.usecases.context import Context
from app.usecases.workspaces import Workspaces
from app.web.taskrouter.answers import base
from app.web.taskrouter.errors import Refused, not_found

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TopView = Callable[..., Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the API needs of the rest of the server; bootstrap fills it in. `events` keeps what happened."""

    workspaces: Workspaces
    account: str = ""
    token: str = ""
    events: TaskRouterEvents | None = None

    @property
    def store(self) -> Store:
        """The store of the owner's workspace, which keeps keys and counts wrong ones."""
        return self.workspaces.home.store

    @property
    def account_sid(self) -> str:
        """The account as bodies name it: an installation without one has its own."""
        return self.account if sids.is_sid(self.account) else sids.derive(sids.ACCOUNT, "switchboard")


@dataclass(frozen=True)
class Scope:
    """One workspace, as a request sees it."""

    services: Services
    context: Context

    @property
    def account(self) -> str:
        """The account's SID, as bodies have it."""
        return self.services.account_sid

    @cached_property
    def sid(self) -> str:
        """The workspace's SID, as bodies and addresses have it."""
        name = self.context.workspace
        return self.services.workspaces.home_sid if self.context is self.services.workspaces.home else name

    @cached_property
    def rules(self) -> Rules:
        """The workspace's rules as they were when the request first asked."""
        return self.context.rules.fresh()

    @property
    def url(self) -> str:
        """The workspace's address."""
        return f"{base()}/Workspaces/{self.sid}"

    def address(self, *parts: str) -> str:
        """An address inside the workspace: `scope.address("Tasks", sid)`."""
        return "/".join((self.url, *parts))

    def public(self, prefix: str, sid: str) -> str:
        """The SID by which the API knows what is called `sid` inside the workspace."""
        return sids.public(prefix, self.context.workspace, sid)


class Routes:
    """Puts views at addresses."""

    def __init__(self, blueprint: Blueprint, services: Services) -> None:
        self._blueprint = blueprint
        self.services = services

    def at(
        self, rule: str, *, get: TopView | None = None, post: TopView | None = None, delete: TopView | None = None
    ) -> None:
        """Serves an address inside a workspace; views get its `Scope` and the address's parts by name."""

        def scoped(view: TopView | None) -> TopView | None:
            return (lambda workspace, **parts: view(self.scope(workspace), **parts)) if view else None

        self.top(f"/Workspaces/<workspace>{rule}", get=scoped(get), post=scoped(post), delete=scoped(delete))

    def top(
        self, rule: str, *, get: TopView | None = None, post: TopView | None = None, delete: TopView | None = None
    ) -> None:
        """Serves any address under /v1; views get its parts by name."""
        views = {name: view for name, view in (("GET", get), ("POST", post), ("DELETE", delete)) if view}

        def serve(**parts: str) -> Response:
            view = views.get("GET" if request.method == "HEAD" else request.method)
            if view is None:
                raise Refused(405)
            return view(**parts)

        self._blueprint.add_url_rule(rule, endpoint=rule.replace(".", "_"), view_func=serve, methods=METHODS)

    def scope(self, workspace: str) -> Scope:
        """The workspace of this SID."""
        context = self.services.workspaces.find(workspace)
        if context is None:
            raise not_found(f"Workspace {workspace[:64]}")
        return Scope(self.services, context)
