"""Does the runs of a batch when they are due, and keeps what they gave."""

import asyncio
import inspect
import time
import zlib
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from loopmark_messages import Batch, Task

# A failed run keeps this much of its error, and nothing else.
ERROR_LENGTH = 300
HEARTBEAT_NS = 10_000_000

# What runs an agent once: a prompt in, the answer out. An agent that blocks gets a thread for each
# run in flight.
Run = Callable[[str], Awaitable[str]] | Callable[[str], str]
NewAgent = Callable[[], Run]


class Samples:
    """What a batch's runs gave: 21 bytes a run, and a text only where there is no way around it."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._start_ns = array("Q", bytes(8 * batch.runs))
        self._end_ns = array("Q", bytes(8 * batch.runs))
        self._crc32 = array("I", bytes(4 * batch.runs))
        self._is_cancelled = bytearray(batch.runs)
        self._answers: dict[int, str] = {}
        self._errors: dict[int, str] = {}
        # How late each beat of the heartbeat was; None if the batch asks for no heartbeat.
        self.late_us = array("I") if batch.heartbeat else None

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

    def cancelled(self, index: int, start_ns: int, end_ns: int) -> None:
        """Keep the sample of a run that was cancelled as the batch asked."""
        self._start_ns[index], self._end_ns[index] = start_ns, end_ns
        self._is_cancelled[index] = 1

    def messages(self) -> Iterator[dict[str, Any]]:
        """The protocol's messages: a `sample` for each run, then `batch_done`."""
        for index in range(self._batch.runs):
            sample = {
                "type": "sample",
                "batch": self._batch.batch,
                "run": self._batch.first_run + index,
                "start_ns": self._start_ns[index],
                "end_ns": self._end_ns[index],
            }
            if self._is_cancelled[index]:
                sample["cancelled"] = True
            elif index in self._errors:
                sample["error"] = self._errors[index]
            elif self._batch.answers == "text":
                sample["answer"] = self._answers[index]
            else:
                sample["answer_crc32"] = self._crc32[index]
            yield sample
        done = {"type": "batch_done", "batch": self._batch.batch}
        if self.late_us is not None:
            done["heartbeat_late_us"] = self.late_us.tolist()
        yield done


def monotonic_ns() -> int:
    """The time of `CLOCK_MONOTONIC`: one clock for all processes of a machine."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


async def run_batch(new_agent: NewAgent, task: Task, batch: Batch) -> Samples:
    """Do the batch's runs, each as an asyncio task of its own, as a server would."""
    samples = Samples(batch)
    in_flight = min(batch.level, batch.runs) if batch.arrival == "closed" else batch.runs
    with ThreadPoolExecutor(max_workers=max(1, in_flight)) as threads:
        runs = _Runs(new_agent, task, batch, samples, threads)
        if samples.late_us is None:
            await _arrive(runs.do, batch)
        else:
            async with _heart(samples.late_us):
                await _arrive(runs.do, batch)
    return samples


@dataclass(frozen=True)
class _Runs:
    """What the runs of a batch have in common."""

    new_agent: NewAgent
    task: Task
    batch: Batch
    samples: Samples
    threads: ThreadPoolExecutor

    async def do(self, index: int, intended_ns: int | None = None) -> None:
        """One run, to its answer, its error or its cancellation."""
        prompt = self.task.prompt_for(self.batch.first_run + index)
        start_ns = intended_ns or monotonic_ns()
        limit = asyncio.timeout(self._left_s(start_ns))
        error: BaseException | None = None
        try:
            async with limit:
                answer = await self._answer(prompt)
            if not isinstance(answer, str):
                raise TypeError(f"the answer is a {type(answer).__name__}, not a text")
        except asyncio.CancelledError as cancelled:
            # A cancellation that nobody asked this task for is the framework's own failure.
            this = asyncio.current_task()
            if this is not None and this.cancelling():
                raise
            error = cancelled
        except Exception as failure:
            error = failure
        end_ns = monotonic_ns()
        if limit.expired():
            # Whatever the framework made of it, an answer or an error of its own.
            self.samples.cancelled(index, start_ns, end_ns)
        elif error is not None:
            self.samples.failed(index, start_ns, end_ns, error)
        else:
            self.samples.answered(index, start_ns, end_ns, answer)

    async def _answer(self, prompt: str) -> str:
        run = self.new_agent()
        if inspect.iscoroutinefunction(run):
            return await run(prompt)
        return await asyncio.get_running_loop().run_in_executor(self.threads, run, prompt)

    def _left_s(self, start_ns: int) -> float | None:
        if self.batch.cancel_after_ms is None:
            return None
        return self.batch.cancel_after_ms / 1e3 - (monotonic_ns() - start_ns) / 1e9


async def _arrive(one: Callable[..., Awaitable[None]], batch: Batch) -> None:
    """Start the runs when they are due, each as an asyncio task of its own, as a server would.

    A run of a burst counts from the batch's beginning, however late the event loop comes to it.
    """
    began_ns = monotonic_ns()
    async with asyncio.TaskGroup() as group:
        if batch.arrival == "closed":
            waiting = iter(range(batch.runs))

            async def worker(number: int) -> None:
                if batch.ramp_ms:
                    await asyncio.sleep(number / batch.level * batch.ramp_ms / 1e3)
                for index in waiting:
                    await asyncio.create_task(one(index))

            for number in range(min(batch.level, batch.runs)):
                group.create_task(worker(number))
        elif batch.arrival == "burst":
            for index in range(batch.runs):
                group.create_task(one(index, began_ns))
        else:
            await _pace(
                batch, began_ns, lambda index, due_ns: group.create_task(one(index, due_ns))
            )


async def _pace(batch: Batch, began_ns: int, start: Callable[[int, int], object]) -> None:
    """Calls `start` on the event loop when a run is due at the batch's rate.

    A thread does the waiting: asyncio's own timers are rounded up to whole milliseconds. It wakes
    the event loop as an arriving request would.
    """
    loop = asyncio.get_running_loop()

    def pace() -> None:
        for index in range(batch.runs):
            due_ns = began_ns + int(index / batch.arrival["rate"] * 1e9)
            if (early_ns := due_ns - monotonic_ns()) > 0:
                time.sleep(early_ns / 1e9)
            loop.call_soon_threadsafe(start, index, due_ns)

    with ThreadPoolExecutor(max_workers=1) as thread:
        await loop.run_in_executor(thread, pace)


def next_beat_ns(began_ns: int, now_ns: int) -> int:
    """The first multiple of the heartbeat's period since its beginning that is after now."""
    return began_ns + ((now_ns - began_ns) // HEARTBEAT_NS + 1) * HEARTBEAT_NS


@asynccontextmanager
async def _heart(late_us: "array[int]") -> AsyncIterator[None]:
    """A heartbeat of the event loop, which notes how late each beat was."""

    async def beat() -> None:
        began_ns = due_ns = now_ns = monotonic_ns()
        while True:
            # A timer that runs ahead of the clock is on time.
            due_ns = next_beat_ns(began_ns, max(now_ns, due_ns))
            await asyncio.sleep(max(0, due_ns - monotonic_ns()) / 1e9)
            now_ns = monotonic_ns()
            late_us.append(max(0, now_ns - due_ns) // 1000)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
