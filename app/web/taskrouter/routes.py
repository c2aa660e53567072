"""Every resource of the API, one line each."""

from app.web.taskrouter import activities
from app.web.taskrouter.scope import Routes


def add_all(routes: Routes) -> None:
    """Puts every resource at its addresses."""
    activities.add_to(routes)
