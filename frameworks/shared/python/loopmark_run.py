"""Does the runs of a batch when they are due."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass

from loopmark_batch import Batch
from loopmark_clock import monotonic_ns
from loopmark_heartbeat import heart
from loopmark_hello import Task
from loopmark_sample import Samples

# When the caller of the run that the current task does saw its first text: empty until it has.
_seen_ns: ContextVar[list[int]] = ContextVar("seen_ns")

# What runs an agent once: a prompt in, the answer out. An agent that blocks gets a thread for each
# run in flight.
Run = Callable[[str], Awaitable[str]] | Callable[[str], str]
NewAgent = Callable[[], Run]
# The agent of the run of this number.
AgentOf = Callable[[int], Run]


def text_seen() -> None:
    """Note that the agent's caller sees text of the current run; of several calls the first counts.

    For agents whose answers are streamed: wherever a user would be shown the text.
    """
    seen_ns = _seen_ns.get(None)
    if seen_ns is not None and not seen_ns:
        seen_ns.append(monotonic_ns())


async def run_batch(agent_of: AgentOf, task: Task, batch: Batch) -> Samples:
    """Do the batch's runs, each as an asyncio task of its own, as a server would."""
    samples = Samples(batch)
    in_flight = min(batch.level, batch.runs) if batch.arrival == "closed" else batch.runs
    with ThreadPoolExecutor(max_workers=max(1, in_flight)) as threads:
        runs = _Runs(agent_of, task, batch, samples, threads)
        if samples.late_us is None:
            await _arrive(runs.do, batch)
        else:
            async with heart(samples.late_us):
                await _arrive(runs.do, batch)
    return samples


@dataclass(frozen=True)
class _Runs:
    """What the runs of a batch have in common."""

    agent_of: AgentOf
    task: Task
    batch: Batch
    samples: Samples
    threads: ThreadPoolExecutor

    async def do(self, index: int, intended_ns: int | None = None) -> None:
        """One run, to its answer, its error or its cancellation."""
        number = self.batch.first_run + index
        prompt = self.task.prompt_for(number)
        start_ns = intended_ns or monotonic_ns()
        limit = asyncio.timeout(self._left_s(start_ns))
        error: BaseException | None = None
        seen_ns: list[int] = []
        _seen_ns.set(seen_ns)
        try:
            async with limit:
                answer = await self._answer(number, prompt)
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
        if seen_ns:
            self.samples.text_was_seen(index, seen_ns[0])
        if limit.expired():
            # Whatever the framework made of it, an answer or an error of its own.
            self.samples.cancelled(index, start_ns, end_ns)
        elif error is not None:
            self.samples.failed(index, start_ns, end_ns, error)
        else:
            self.samples.answered(index, start_ns, end_ns, answer)

    async def _answer(self, number: int, prompt: str) -> str:
        run = self.agent_of(number)
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
