"""Every resource of the API, one line each."""

from app.web.taskrouter import activities, task_channels, task_queues, workflows, workspaces
from app.web.taskrouter.scope import Routes


def add_all(routes: Routes) -> None:
    """Puts every resource at its addresses."""
    workspaces.add_to(routes)
    activities.add_to(routes)
    task_channels.add_to(routes)
    task_queues.add_to(routes)
    workflows.add_to(routes)
