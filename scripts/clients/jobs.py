"""What the clients in Python share: the jobs that scripts/check-clients gives, and the loop of an agent.

A job and its answer are one JSON object a line, on standard input and output. While a job runs, a line with `call` asks
for a tool's result, which comes back as the next line.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

Job = dict[str, Any]
# The calls of a turn, each with its tool, arguments and id, and the turn's text.
Turn = tuple[list[tuple[str, str, str]], str | None]


def result_of(tool: str, arguments: str) -> str:
    """Has the parent run a tool."""
    _write({"call": tool, "arguments": json.loads(arguments)})
    return json.loads(sys.stdin.readline())["result"]


def agent(ask: Callable[[], Turn], tell: Callable[[str, str], None]) -> str | None:
    """Asks the model until it calls no more tools; `tell` takes a call's id and its result."""
    while True:
        calls, text = ask()
        if not calls:
            return text
        for tool, arguments, call_id in calls:
            tell(call_id, result_of(tool, arguments))


def serve(jobs: dict[str, Callable[[Job], Any]]) -> None:
    """Does the jobs that come, each by the function of its name."""
    for line in iter(sys.stdin.readline, ""):
        job = json.loads(line)
        _write({"done": jobs[job["job"]](job)})


def _write(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)
