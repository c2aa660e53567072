"""Connection overrides: what a webhook's URL fragment (`#rc=2&rp=5xx`) asks of the carrier."""

from dataclasses import dataclass
from urllib.parse import parse_qs

_POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """How long to wait for what, and what is tried again; by default one retry, of failed connections only."""

    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 15.0
    retries: int = 1
    policies: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, url: str) -> "Overrides":
        """Read a URL's fragment; what is out of range or unknown is ignored."""
        words = {name: values[0] for name, values in parse_qs(url.partition("#")[2]).items()}
        policies = frozenset(words.get("rp", "ct").split(",")) & _POLICIES
        return cls(
            _within(words.get("ct", ""), 100, 10000, 5000) / 1000,
            _within(words.get("rt", ""), 100, 15000, 15000) / 1000,
            _within(words.get("tt", ""), 100, 15000, 15000) / 1000,
            _within(words.get("rc", ""), 0, 5, 1),
            policies or frozenset({"ct"}),
        )

    def retry_on(self, policy: str) -> bool:
        """Whether a failure of this kind is tried again."""
        return policy in self.policies or ("all" in self.policies and policy != "never")


def _within(text: str, least: int, most: int, default: int) -> int:
    if text.isascii() and text.isdigit() and least <= int(text) <= most:
        return int(text)
    return default
