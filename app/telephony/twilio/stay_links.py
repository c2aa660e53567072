"""The addresses of the pages about callers whose own IVR sent them here, and about the workers who are called."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from app.telephony.twilio.links import Links


@dataclass(frozen=True, slots=True)
class StayLinks:
    """Builds public addresses. `workspace`, `task` and `reservation` are SIDs."""

    links: Links

    def hold(self, workspace: str, task: str, wait_url: str) -> str:
        """What a waiting caller hears; `wait_url` is the IVR's own page for that ("": ours)."""
        return self._page(f"/voice/enqueued/{_part(workspace)}/{_part(task)}/hold", WaitUrl=wait_url)

    def left(self, workspace: str, task: str, wait_url: str, action: str) -> str:
        """Where the end of a wait is told; `action` is where the IVR goes on ("": the call ends)."""
        page = f"/voice/enqueued/{_part(workspace)}/{_part(task)}/left"
        return self._page(page, WaitUrl=wait_url, Action=action)

    def room(self, workspace: str, reservation: str) -> str:
        """Where a caller is brought to a worker in a conference."""
        return self._page(f"/voice/room/{_part(workspace)}/{_part(reservation)}")

    def left_room(self, workspace: str, reservation: str) -> str:
        """Where the end of that is told."""
        return self._page(f"/voice/room/{_part(workspace)}/{_part(reservation)}/left")

    def answered(self, workspace: str, reservation: str) -> str:
        """What a worker hears who picks up."""
        return self._page(f"/worker/{_part(workspace)}/{_part(reservation)}/answered")

    def status(self, workspace: str, reservation: str) -> str:
        """Where the progress of a worker's call is told."""
        return self._page(f"/worker/{_part(workspace)}/{_part(reservation)}/status")

    def worker_left(self, workspace: str, reservation: str) -> str:
        """Where the end of a worker's time with a caller is told."""
        return self._page(f"/worker/{_part(workspace)}/{_part(reservation)}/left")

    def fallback(self) -> str:
        """What is heard when a page of ours cannot be had."""
        return self.links.page("/voice/fallback")

    def _page(self, path: str, **query: str) -> str:
        given = urlencode({name: value for name, value in query.items() if value})
        return self.links.page(path) + (f"?{given}" if given else "")


def with_fields(url: str, fields: dict[str, str]) -> str:
    """An address with these among its query's fields."""
    address, mark, fragment = url.partition("#")
    joint = "&" if "?" in address else "?"
    return address + joint + urlencode(fields) + mark + fragment if fields else url


def _part(sid: str) -> str:
    return quote(sid, safe="")
