"""The addresses at which the carrier finds our pages: always public ones, whatever host a request names."""

from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Links:
    """Builds public addresses. `reservation` is set while writing for an agent's leg.

    `public` is the https address the carrier reaches us at, `media` the wss address of the media socket (empty:
    `/media` under `public`), `caller_id` the number shown when a caller is forwarded, `ringing` the audio heard
    by a caller who is being connected (empty: silence).
    """

    public: str
    media: str = ""
    caller_id: str = ""
    ringing: str = ""
    reservation: str = ""

    def of_offer(self, reservation: str) -> "Links":
        """The same addresses, for the leg that rings an agent about `reservation`."""
        return replace(self, reservation=reservation)

    def page(self, path: str) -> str:
        """One of our pages, by its path."""
        return self.public + path

    def turn(self, turn: int) -> str:
        """Where what was heard in a step is told."""
        return f"{self.public}/voice/turn/{turn}"

    def recorded(self, turn: int) -> str:
        """Where a recording of a step is told."""
        return f"{self.public}/voice/recorded/{turn}"

    def present(self) -> str:
        """Where this leg's present instructions are."""
        return self.agent("offer") if self.reservation else f"{self.public}/voice/turn"

    def agent(self, page: str) -> str:
        """One of the pages about the agent's leg: offer, key, status or left."""
        return f"{self.public}/agent/{quote(self.reservation, safe='')}/{page}"

    def left_room(self) -> str:
        """Where the end of a room is told."""
        return self.agent("left") if self.reservation else f"{self.public}/voice/parted"

    def audio(self, name: str) -> str:
        """Audio by name; an address stays what it is."""
        if name.startswith(("https://", "http://")):
            return name
        return f"{self.public}/audio/{quote(name)}"

    def socket(self) -> str:
        """The media socket."""
        return self.media or as_socket(self.public) + "/media"


def as_socket(address: str) -> str:
    """An https address in its wss form."""
    return urlunsplit(urlsplit(address)._replace(scheme="wss"))
