"""A target's known worker: the one person it is for, named in the workflow or by an attribute of the task."""

import re
from dataclasses import dataclass
from functools import lru_cache

from app.core.expression_tree import Constant, Path, Values, reader
from app.core.expressions import ExpressionError

_PATH = re.compile(r"task(?:\.[^\W\d]\w*|\[\s*\d+\s*\])+")
_QUOTED = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
_SHAPE = "write it like: task.agent_sid"


@dataclass(frozen=True, slots=True)
class KnownWorker:
    """Where a known worker's SID or name is found: at a path of the task, or in the workflow itself."""

    operand: Path | Constant

    def of(self, task_attributes: Values) -> str:
        """The SID or name for this task, "" where there is none: then the target is for nobody."""
        value = reader(self.operand)({"task": task_attributes})
        return value if isinstance(value, str) else ""


@lru_cache(maxsize=2048)
def read_known(text: str) -> KnownWorker:
    """Reads `task.agent_sid`, 'Ana' or WK…; raises ExpressionError for a path that cannot be read."""
    text = text.strip()
    if _PATH.fullmatch(text):
        parts = re.findall(r"\w+", text)
        return KnownWorker(Path(tuple(int(part) if part[0].isdecimal() else part for part in parts)))
    if text.startswith("task."):
        readable = _PATH.match(text)
        raise ExpressionError("not a path of the task", (readable.end() if readable else 5) + 1, _SHAPE)
    quoted = _QUOTED.fullmatch(text)
    return KnownWorker(Constant(quoted.group(1) or quoted.group(2) or "" if quoted else text))
