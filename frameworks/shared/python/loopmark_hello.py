"""The `hello` of docs/PROTOCOL.md: where the model is and what the agent is to do."""

import sys
from dataclasses import dataclass
from typing import Any, TypeVar

import loopmark_lines

# The newest version of the protocol that this side reads.
PROTOCOL = 2

# The tools that the feature "synthetic-tools" stands for.
SYNTHETIC_TOOLS = frozenset({"wait", "block", "compute", "payload", "tally", "fail"})
# What the names of the tools begin with that the feature "many-tools" stands for.
LOOKUP_PREFIX = "lookup_"

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
    # How many agents are built before the first run and kept; run i is done by agent i modulo this.
    agents: int = 1
    # What the answer must be, instead of a text: {"name", "schema"}.
    output: dict | None = None
    # Where the framework's own tracing sends to; without it, tracing is off.
    tracing: str | None = None
    # A second agent, to which the first one hands over: {"name", "description", "instructions"}.
    handoff: dict | None = None

    def needs(self) -> set[str]:
        """What a runner must offer to serve this hello."""
        names = [tool["name"] for tool in self.scenario.tools]
        needed = {
            "streaming": self.stream,
            "agent-per-run": self.agent == "per-run",
            "synthetic-tools": any(name in SYNTHETIC_TOOLS for name in names),
            "many-tools": any(name.startswith(LOOKUP_PREFIX) for name in names),
            "hold-agents": self.agents > 1,
            "structured-output": self.output is not None,
            "tracing": self.tracing is not None,
            "handoff": self.handoff is not None,
        }
        return {feature for feature, is_needed in needed.items() if is_needed}


def read_hello(line: bytes) -> Hello:
    """The hello that a line carries; ends the runner if it carries none."""
    message = loopmark_lines.message(line, "hello")
    if message.get("protocol") not in range(1, PROTOCOL + 1):
        sys.exit(f"this runner speaks protocol 1 to {PROTOCOL}, not {message.get('protocol')}")
    scenario = message.get("scenario")
    if isinstance(scenario, dict):
        message["scenario"] = loopmark_lines.read(Task, scenario)
    hello = loopmark_lines.read(Hello, message)
    if hello.agent not in ("shared", "per-run"):
        sys.exit(f"an agent is shared or per-run, not {hello.agent!r}")
    return hello
