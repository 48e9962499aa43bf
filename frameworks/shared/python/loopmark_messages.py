"""What the harness says: the `hello` and `batch` lines of docs/PROTOCOL.md, read and checked."""

import json
import sys
from dataclasses import MISSING, dataclass, fields
from types import UnionType
from typing import Any, TypeVar, get_origin

PROTOCOL = 1

# The tools that the feature "synthetic-tools" stands for.
SYNTHETIC_TOOLS = frozenset({"wait", "block", "compute", "payload", "fail"})

Tool = TypeVar("Tool")


@dataclass(frozen=True)
class Task:
    """What a runner needs of a scenario."""

    name: str
    instructions: str
    prompt: str
    # As the model is told of them: {"name", "description", "parameters"}.
    tools: list[dict[str, Any]]
    # Names of data sets and the files that hold them.
    data: dict[str, str]
    max_turns: int

    def prompt_for(self, run: int) -> str:
        """The prompt of one run."""
        return self.prompt.replace("{run}", str(run))

    def offered(self, tools: list[Tool]) -> list[Tool]:
        """Those of the runner's tools that the scenario offers, in the scenario's order.

        A tool goes by its `name`, a plain function by its `__name__`.
        """
        by_name = {getattr(tool, "name", None) or tool.__name__: tool for tool in tools}
        missing = [tool["name"] for tool in self.tools if tool["name"] not in by_name]
        if missing:
            sys.exit(f"scenario {self.name} wants tools this runner lacks: {', '.join(missing)}")
        return [by_name[tool["name"]] for tool in self.tools]


@dataclass(frozen=True)
class Hello:
    """Where the model is and what the agent is to do."""

    # With /v1 and without a trailing slash.
    base_url: str
    # "chat-completions" or "responses".
    api: str
    model: str
    scenario: Task
    # Whether to ask for streamed replies; False leaves it as the framework ships.
    stream: bool = False
    # "shared", or "per-run": each run builds its own agent.
    agent: str = "shared"

    def needs(self) -> set[str]:
        """What a runner must offer to serve this hello."""
        needed = {
            "streaming": self.stream,
            "agent-per-run": self.agent == "per-run",
            "synthetic-tools": any(t["name"] in SYNTHETIC_TOOLS for t in self.scenario.tools),
        }
        return {feature for feature, is_needed in needed.items() if is_needed}


@dataclass(frozen=True)
class Batch:
    """Runs to do, numbered from `first_run` on."""

    batch: int
    first_run: int
    runs: int
    level: int
    # "closed", "burst" or {"rate": runs a second}.
    arrival: str | dict
    # "text" or "digest".
    answers: str
    # Worker i of a closed loop starts i / level of this after the batch began.
    ramp_ms: int = 0
    # Cancel each run so long after its start; None lets it end.
    cancel_after_ms: int | None = None
    heartbeat: bool = False

    def needs(self) -> set[str]:
        """What a runner must offer to do this batch."""
        needed = {"cancellation": self.cancel_after_ms is not None, "heartbeat": self.heartbeat}
        return {feature for feature, is_needed in needed.items() if is_needed}


def read_hello(line: bytes) -> Hello:
    """The hello that a line carries; ends the runner if it carries none."""
    message = _message(line, "hello")
    if message.get("protocol") != PROTOCOL:
        sys.exit(f"this runner speaks protocol {PROTOCOL}, not {message.get('protocol')}")
    scenario = message.get("scenario")
    if isinstance(scenario, dict):
        message["scenario"] = _read(Task, scenario)
    hello = _read(Hello, message)
    if hello.agent not in ("shared", "per-run"):
        sys.exit(f"an agent is shared or per-run, not {hello.agent!r}")
    return hello


def read_batch(line: bytes) -> Batch:
    """The batch that a line carries; ends the runner if it carries none."""
    batch = _read(Batch, _message(line, "batch"))
    rate = batch.arrival.get("rate") if isinstance(batch.arrival, dict) else None
    has_rate = isinstance(rate, int | float) and rate > 0
    if batch.arrival not in ("closed", "burst") and not has_rate:
        sys.exit(f"a batch arrives closed, as a burst or at a rate, not {batch.arrival!r}")
    if batch.answers not in ("text", "digest"):
        sys.exit(f"answers are told as text or digest, not {batch.answers!r}")
    return batch


def _message(line: bytes, wanted: str) -> dict[str, Any]:
    try:
        message = json.loads(line)
        kind = message["type"]
    except (ValueError, TypeError, KeyError) as error:
        sys.exit(f"expected a {wanted}, got {line[:200]!r}: {error}")
    if kind != wanted:
        sys.exit(f"expected a {wanted}, got a {kind}")
    return message


def _read(of: type, message: dict[str, Any]) -> Any:
    """The fields that a dataclass knows: a newer harness may say more."""
    name = of.__name__.lower()
    known = fields(of)
    missing = [f.name for f in known if f.default is MISSING and f.name not in message]
    if missing:
        sys.exit(f"a {name} without {', '.join(missing)}")
    values = {f.name: message[f.name] for f in known if f.name in message}
    for f in known:
        wanted = f.type if isinstance(f.type, UnionType) else get_origin(f.type) or f.type
        if f.name in values and not isinstance(values[f.name], wanted):
            sys.exit(f"a {name} whose {f.name} is {values[f.name]!r}")
    return of(**values)
