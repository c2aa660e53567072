"""Every resource of the API, one line each."""

from app.web.taskrouter import (
    activities,
    events,
    queue_statistics,
    reservations,
    task_channels,
    task_queues,
    tasks,
    worker_channels,
    worker_statistics,
    workers,
    workflows,
    workspace_statistics,
    workspaces,
)
from app.web.taskrouter.scope import Routes


def add_all(routes: Routes) -> None:
    """Puts every resource at its addresses."""
    workspaces.add_to(routes)
    activities.add_to(routes)
    task_channels.add_to(routes)
    task_queues.add_to(routes)
    workflows.add_to(routes)
    workers.add_to(routes)
    worker_channels.add_to(routes)
    tasks.add_to(routes)
    reservations.add_to(routes)
    events.add_to(routes)
    workspace_statistics.add_to(routes)
    queue_statistics.add_to(routes)
    worker_statistics.add_to(routes)
