"""`/TaskChannels`: kinds of work, known by SID or unique name."""

from flask import Response

from app.core.routing import sids
from app.core.routing.definitions import TaskChannel
from app.usecases.taskrouter.task_channels import (
    ChannelFields,
    create_channel,
    delete_channel,
    find_channel,
    update_channel,
)
from app.web.taskrouter import answers, forms
from app.web.taskrouter.errors import granted
from app.web.taskrouter.paging import listed
from app.web.taskrouter.scope import Routes, Scope

LONGEST_NAME = 64


def add_to(routes: Routes) -> None:
    """Serves task channels."""
    routes.at("/TaskChannels", get=every, post=create)
    routes.at("/TaskChannels/<sid>", get=fetch, post=update, delete=remove)


def every(scope: Scope) -> Response:
    """The channels."""
    found = list(scope.rules.channels.values())
    return listed("channels", found, lambda each: (each.created, each.sid), lambda each: _body(scope, each))


def create(scope: Scope) -> Response:
    """A new channel."""
    form = forms.body()
    unique_name = form.required("UniqueName", LONGEST_NAME)
    fields = ChannelFields(
        name=form.required("FriendlyName", LONGEST_NAME), optimized=form.boolean("ChannelOptimizedRouting")
    )
    return answers.one(_body(scope, granted(create_channel(scope.context, unique_name, fields))), 201)


def fetch(scope: Scope, sid: str) -> Response:
    """One channel."""
    return answers.one(_body(scope, granted(find_channel(scope.rules, sid))))


def update(scope: Scope, sid: str) -> Response:
    """Changes what the request names."""
    form = forms.body()
    name = form.required("FriendlyName", LONGEST_NAME) if "FriendlyName" in form else None
    fields = ChannelFields(name=name, optimized=form.boolean("ChannelOptimizedRouting"))
    return answers.one(_body(scope, granted(update_channel(scope.context, sid, fields))))


def remove(scope: Scope, sid: str) -> Response:
    """Removes a channel."""
    granted(delete_channel(scope.context, sid))
    return answers.gone()


def _body(scope: Scope, channel: TaskChannel) -> answers.Body:
    sid = scope.public(sids.CHANNEL, channel.sid)
    return {
        "sid": sid,
        "account_sid": scope.account,
        "workspace_sid": scope.sid,
        "friendly_name": channel.name,
        "unique_name": channel.unique_name,
        "channel_optimized_routing": channel.optimized,
        "date_created": answers.moment(channel.created),
        "date_updated": answers.moment(channel.updated),
        "url": scope.address("TaskChannels", sid),
        "links": {"workspace": scope.url},
    }
