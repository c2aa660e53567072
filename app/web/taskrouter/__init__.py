"""TaskRouter's REST API under /v1/Workspaces: the official SDK can drive this server with only its base URL changed.

How a resource is written (see `activities` for a short whole one):

1. Its module has `add_to(routes: Routes) -> None`, which `routes.add_all` calls: one line there for each resource.
2. `routes.at("/Activities/<sid>", get=fetch, post=update, delete=remove)` serves addresses inside a workspace. A view
   is called with `Scope` (whose workspace it is: context, rules, addresses) and the address's other parts as keywords:
   `def fetch(scope: Scope, sid: str) -> Response`. `routes.top` serves addresses outside any workspace.
3. A view reads parameters with `Form` (`forms.body()`, `forms.query()`), which refuses what it cannot read by the
   parameter's name; it calls a use case that returns an entity or a `Refusal`, and `errors.granted` turns a refusal
   into TaskRouter's error answer. A view may raise `errors.Refused` anywhere.
4. It answers with `answers.one(body, status=200, version=None)` (a version becomes the ETag), `answers.gone()` after a
   deletion, or `paging.listed(key, items, place, body)`.
   A place is what the list is sorted by, e.g. `(task.created, task.sid)`; `paging.walked` reads long lists in parts.
   Instants go out through `answers.moment`, SIDs of things inside through `scope.public`, addresses through
   `scope.address`; SIDs that come in are looked up by `usecases.taskrouter.naming` (`queue_of(rules, sid)` …).
5. `etags.must_match(version)` refuses with 412 what was decided on another version of the entity.

Tests use the fixtures of `tests/web/taskrouter/conftest.py`: `client` is the official SDK, `api` the server behind it
(`api.home_sid`, `api.context(sid)`, `api.exists(sid, *entities)`, `api.clock`, `api.http(…)`, `api.refused(…)`), and
every answer either of them gets is judged by the published specification.
"""
