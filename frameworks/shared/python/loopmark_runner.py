"""The Python side of the runner protocol (docs/PROTOCOL.md), on the standard library alone.

A runner gives `main` a function `build(hello)` that makes the agent and returns the function that
runs it once: a prompt in, the answer out.

Import this module before the framework: importing it takes standard output away from everything
else in the process, so that a banner or a stray print lands in the log instead of the protocol.
"""

import asyncio
import importlib.metadata
import inspect
import json
import os
import platform
import sys
import threading
import time
import zlib
from array import array
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, fields
from typing import Any, BinaryIO, TypeVar

PROTOCOL = 1

# A failed run keeps this much of its error, and nothing else.
ERROR_LENGTH = 300

Tool = TypeVar("Tool")
# An agent that awaits, or one that blocks: the latter gets a thread for each run in flight.
Run = Callable[[str], Awaitable[str]] | Callable[[str], str]
Build = Callable[["Hello"], Run | AbstractAsyncContextManager[Run]]


def _take_stdout() -> BinaryIO:
    protocol = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return protocol


_protocol_out = _take_stdout()


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


@dataclass(frozen=True)
class Batch:
    """Runs to do, numbered from `first_run` on."""

    batch: int
    first_run: int
    runs: int
    level: int
    # "closed", "burst" or {"rate": runs a second}.
    arrival: Any
    # "text" or "digest".
    answers: str


class Samples:
    """What a batch's runs gave: 20 bytes a run, and a text only where there is no way around it."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._start_ns = array("Q", bytes(8 * batch.runs))
        self._end_ns = array("Q", bytes(8 * batch.runs))
        self._crc32 = array("I", bytes(4 * batch.runs))
        self._answers: dict[int, str] = {}
        self._errors: dict[int, str] = {}

    def answered(self, index: int, start_ns: int, end_ns: int, answer: str) -> None:
        """Keep the sample of a run that gave an answer."""
        self._start_ns[index], self._end_ns[index] = start_ns, end_ns
        if self._batch.answers == "text":
            self._answers[index] = answer
        else:
            self._crc32[index] = zlib.crc32(answer.encode())

    def failed(self, index: int, start_ns: int, end_ns: int, error: BaseException) -> None:
        """Keep the sample of a run that gave none."""
        self._start_ns[index], self._end_ns[index] = start_ns, end_ns
        text = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
        # A lone surrogate is no JSON to other languages.
        self._errors[index] = text.encode(errors="replace").decode()

    def messages(self) -> Iterator[dict[str, Any]]:
        """The protocol's `sample` messages, one a run."""
        for index in range(self._batch.runs):
            sample = {
                "type": "sample",
                "batch": self._batch.batch,
                "run": self._batch.first_run + index,
                "start_ns": self._start_ns[index],
                "end_ns": self._end_ns[index],
            }
            if index in self._errors:
                sample["error"] = self._errors[index]
            elif self._batch.answers == "text":
                sample["answer"] = self._answers[index]
            else:
                sample["answer_crc32"] = self._crc32[index]
            yield sample


def monotonic_ns() -> int:
    """The time of `CLOCK_MONOTONIC`: one clock for all processes of a machine."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


async def run_batch(run: Run, task: Task, batch: Batch) -> Samples:
    """Do the batch's runs, each as an asyncio task of its own, as a server would."""
    samples = Samples(batch)
    if inspect.iscoroutinefunction(run):
        await _arrive(run, task, batch, samples)
        return samples
    in_flight = min(batch.level, batch.runs) if batch.arrival == "closed" else batch.runs
    with ThreadPoolExecutor(max_workers=in_flight) as threads:

        async def in_thread(prompt: str) -> str:
            return await asyncio.get_running_loop().run_in_executor(threads, run, prompt)

        await _arrive(in_thread, task, batch, samples)
    return samples


async def _arrive(
    run: Callable[[str], Awaitable[str]], task: Task, batch: Batch, samples: Samples
) -> None:
    async def one(index: int, intended_ns: int | None = None) -> None:
        prompt = task.prompt_for(batch.first_run + index)
        start_ns = intended_ns or monotonic_ns()
        try:
            answer = await run(prompt)
            end_ns = monotonic_ns()
            if not isinstance(answer, str):
                raise TypeError(f"the answer is a {type(answer).__name__}, not a text")
            samples.answered(index, start_ns, end_ns, answer)
        except asyncio.CancelledError as error:
            # A cancellation that nobody asked this task for is the framework's own failure.
            this = asyncio.current_task()
            if this is not None and this.cancelling():
                raise
            samples.failed(index, start_ns, monotonic_ns(), error)
        except Exception as error:
            samples.failed(index, start_ns, monotonic_ns(), error)

    async with asyncio.TaskGroup() as group:
        if batch.arrival == "closed":
            waiting = iter(range(batch.runs))

            async def worker() -> None:
                for index in waiting:
                    await asyncio.create_task(one(index))

            for _ in range(min(batch.level, batch.runs)):
                group.create_task(worker())
        elif batch.arrival == "burst":
            for index in range(batch.runs):
                group.create_task(one(index))
        else:
            rate = batch.arrival["rate"]
            began_ns = monotonic_ns()
            for index in range(batch.runs):
                intended_ns = began_ns + int(index / rate * 1e9)
                if (early_ns := intended_ns - monotonic_ns()) > 0:
                    await asyncio.sleep(early_ns / 1e9)
                group.create_task(one(index, intended_ns))


def openai_http_client() -> str:
    """The package that the installed OpenAI SDK speaks HTTP with: httpx, or httpx2 from 3 on."""
    import openai

    bases = (base.__module__.partition(".")[0] for base in openai.DefaultAsyncHttpxClient.__mro__)
    return next(base for base in bases if base != "openai")


def main(build: Build, *, package: str, http_client: str) -> None:
    """Serve the harness until it closes standard input.

    `package` is the framework's and `http_client` the HTTP client's, as they are installed: their
    versions come from there. `--version` prints the framework's and does nothing else.
    """
    version = importlib.metadata.version(package)
    if sys.argv[1:] == ["--version"]:
        _protocol_out.write(f"{package} {version}\n".encode())
        _protocol_out.flush()
        return
    ready = {
        "type": "ready",
        "framework": package,
        "version": version,
        "runtime": f"{platform.python_implementation()} {platform.python_version()}",
        "http_client": f"{http_client} {importlib.metadata.version(http_client)}",
    }
    _write({"type": "imported"})
    asyncio.run(_serve(build, ready))


async def _serve(build: Build, ready: dict[str, Any]) -> None:
    lines = _stdin_lines(asyncio.get_running_loop())
    line = await lines.get()
    if not line:
        return
    hello = _hello(line)
    async with AsyncExitStack() as stack:
        run = build(hello)
        if isinstance(run, AbstractAsyncContextManager):
            run = await stack.enter_async_context(run)
        _write(ready)
        while line := await lines.get():
            batch = _batch(line)
            samples = await run_batch(run, hello.scenario, batch)
            _write(*samples.messages(), {"type": "batch_done", "batch": batch.batch})


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


def _hello(line: bytes) -> Hello:
    message = _message(line, "hello")
    if message["protocol"] != PROTOCOL:
        sys.exit(f"this runner speaks protocol {PROTOCOL}, not {message['protocol']}")
    scenario = Task(**_fields(Task, message["scenario"]))
    return Hello(**{**_fields(Hello, message), "scenario": scenario})


def _batch(line: bytes) -> Batch:
    return Batch(**_fields(Batch, _message(line, "batch")))


def _message(line: bytes, wanted: str) -> dict[str, Any]:
    try:
        message = json.loads(line)
        kind = message["type"]
    except (ValueError, TypeError, KeyError) as error:
        sys.exit(f"expected a {wanted}, got {line[:200]!r}: {error}")
    if kind != wanted:
        sys.exit(f"expected a {wanted}, got a {kind}")
    return message


def _fields(of: type, message: dict[str, Any]) -> dict[str, Any]:
    """The fields that a dataclass knows: a newer harness may say more."""
    names = [field.name for field in fields(of)]
    missing = [name for name in names if name not in message]
    if missing:
        sys.exit(f"a {of.__name__.lower()} without {', '.join(missing)}")
    return {name: message[name] for name in names}


def _write(*messages: dict[str, Any]) -> None:
    for message in messages:
        _protocol_out.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
    _protocol_out.flush()
