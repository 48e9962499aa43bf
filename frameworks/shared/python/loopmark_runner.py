"""The Python side of the runner protocol (docs/PROTOCOL.md), on the standard library alone.

A runner gives `main` a function `build(hello)` that makes what its agents share, and returns a
function that makes an agent: what runs it once, a prompt in, the answer out.

Import this module before the framework: importing it takes standard output away from everything
else in the process, so that a banner or a stray print lands in the log instead of the protocol.
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, BinaryIO

from loopmark_batch import read_batch
from loopmark_hello import PROTOCOL, Hello, Task, read_hello
from loopmark_loop import loop_factory
from loopmark_ready import (
    ALL_FEATURES,
    FEATURES,
    HANDOFF,
    STRUCTURED_OUTPUT,
    TRACING,
    openai_http_client,
    ready_of,
    runtime_on,
)
from loopmark_run import AgentOf, NewAgent, Run, run_batch, text_seen

__all__ = [
    "FEATURES",
    "HANDOFF",
    "STRUCTURED_OUTPUT",
    "TRACING",
    "Hello",
    "NewAgent",
    "Run",
    "Task",
    "as_answer",
    "main",
    "openai_http_client",
    "text_seen",
]

Build = Callable[[Hello], NewAgent | AbstractAsyncContextManager[NewAgent]]
# The same for every hello, or not.
Offers = Collection[str] | Callable[[Hello], Collection[str]]


def _take_stdout() -> BinaryIO:
    protocol = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return protocol


_protocol_out = _take_stdout()


def main(
    build: Build, *, package: str | None, http_client: str | None, offers: Offers = ()
) -> None:
    """Serve the harness until it closes standard input.

    `package` is the framework's and `http_client` the HTTP client's, as they are installed: their
    versions come from there; None is what Python brings. `offers` are those of the `FEATURES` that
    the runner has, or has for a hello. `--version` prints the framework's version and does nothing
    else.
    """
    ready = ready_of(package, http_client)
    if sys.argv[1:] == ["--version"]:
        _protocol_out.write(f"{ready['framework']} {ready['version']}\n".encode())
        _protocol_out.flush()
        return
    new_loop = loop_factory()
    _write([{"type": "imported", "protocol": PROTOCOL}])
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_serve(build, ready, offers))


async def _serve(build: Build, ready: dict[str, Any], offers: Offers) -> None:
    loop = asyncio.get_running_loop()
    lines = _stdin_lines(loop)
    line = await lines.get()
    if not line:
        return
    hello = read_hello(line)
    offered = set(offers(hello) if callable(offers) else offers)
    lacking = hello.needs() - offered
    async with AsyncExitStack() as stack:
        if not lacking:
            agent_of = await _built(build, hello, stack)
        features = [feature for feature in ALL_FEATURES if feature in offered]
        _write([ready | {"runtime": runtime_on(loop), "offers": features}])
        while line := await lines.get():
            batch = read_batch(line)
            if lacking := lacking | (batch.needs() - offered):
                sys.exit(f"this runner does not offer {', '.join(sorted(lacking))}")
            samples = await run_batch(agent_of, hello.scenario, batch)
            _write(samples.messages())


async def _built(build: Build, hello: Hello, stack: AsyncExitStack) -> AgentOf:
    """What gives an agent to each run: one of those that all share, or a new one."""
    new_agent = build(hello)
    if isinstance(new_agent, AbstractAsyncContextManager):
        new_agent = await stack.enter_async_context(new_agent)
    if hello.agent == "per-run":
        return lambda _: new_agent()
    agents = [new_agent() for _ in range(hello.agents)]
    return lambda number: agents[number % len(agents)]


def as_answer(output: dict[str, Any]) -> str:
    """An answer of a structure as a sample has it: JSON without white space, its fields in
    alphabetical order."""
    return json.dumps(output, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def _stdin_lines(loop: asyncio.AbstractEventLoop) -> asyncio.Queue[bytes]:
    """The lines of standard input, then an empty one.

    A thread reads them, so that connections are looked after between batches too; it is asleep in
    the kernel while a batch lasts, and a daemon, so that it keeps no process alive.
    """
    lines: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        # The descriptor itself: a daemon may not hold the lock of sys.stdin when Python exits.
        with open(0, "rb", closefd=False) as stdin:
            for line in stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, b"")

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return lines


def _write(messages: Iterable[dict[str, Any]]) -> None:
    for message in messages:
        _protocol_out.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
    _protocol_out.flush()
