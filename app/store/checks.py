"""What every store refuses to be asked: mistakes of the caller's, which raise ValueError."""


def workspace_name(name: str) -> str:
    """The name, if keys can be made of it."""
    if not name or "{" in name or "}" in name:
        raise ValueError(f"{name!r} cannot name a workspace: it needs at least one character, and no braces")
    return name


def lifetime(seconds: int) -> int:
    """The seconds, if something can live that long."""
    if seconds <= 0:
        raise ValueError(f"a life of {seconds} seconds is none")
    return seconds


def at_least_one(limit: int) -> int:
    """The limit, if it lets anything through."""
    if limit <= 0:
        raise ValueError(f"a limit of {limit} lets nothing through")
    return limit
