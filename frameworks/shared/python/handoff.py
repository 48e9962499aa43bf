"""A handoff for loops by hand: the second agent is a tool of the first."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from loopmark_hello import Hello
from loopmark_run import Run

Functions = dict[str, Callable[..., Any]]
# The loop of an agent with these functions.
NewLoop = Callable[[Hello, Functions], Run]


def with_second_agent(
    hello: Hello, functions: Functions, new_loop: NewLoop
) -> tuple[Hello, Functions]:
    """The first agent's hello and functions: the second agent is one of them, if there is one."""
    if hello.handoff is None:
        return hello, functions
    task = hello.scenario
    second = replace(task, instructions=hello.handoff["instructions"])
    run_second = new_loop(replace(hello, scenario=second), functions)
    tool = {
        "name": hello.handoff["name"],
        "description": hello.handoff["description"],
        "parameters": {
            "type": "object",
            "properties": {"task": {"type": "string", "description": "What to do."}},
            "required": ["task"],
        },
    }

    async def hand_over(task: str) -> str:
        return await run_second(task)

    first = replace(task, tools=[*task.tools, tool])
    return replace(hello, scenario=first), functions | {tool["name"]: hand_over}
