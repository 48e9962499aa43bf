"""A runner without a framework, for the tests of the protocol: its prompt says what it does."""

import asyncio
import itertools
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import loopmark_runner  # isort: split

import synthetic

print("a banner at import", flush=True)


async def ask(prompt: str) -> str:
    print("a stray line", flush=True)
    os.write(1, b"and one past sys.stdout\n")
    if "number" in prompt:
        return 7
    if prompt.startswith("together"):
        await meet(int(prompt.split()[1]))
    if "called" in prompt:
        return when_called()
    if "loop" in prompt:
        loaded = "loaded" if "uvloop" in sys.modules else "not loaded"
        return f"{type(asyncio.get_running_loop()).__module__}, uvloop {loaded}"
    if "cancelled" in prompt:
        raise asyncio.CancelledError("by the framework")
    if "failure" in prompt:
        raise RuntimeError("no answer to " + prompt + " " + "x" * 1000)
    if "block" in prompt:
        time.sleep(0.2)
    if "stubborn" in prompt:
        return await answer_all_the_same()
    if "long" in prompt:
        await asyncio.Event().wait()
    if "brief" in prompt:
        # The first run blocks the event loop; both then wait for a while.
        time.sleep(0.2 if prompt.endswith("0") else 0)
        await asyncio.sleep(0.05)
    if "wrap" in prompt:
        await raise_something_else()
    await asyncio.sleep(0.02)
    return prompt.upper()


async def meet(runs: int) -> None:
    """Returns when so many runs have come here, however long that takes."""
    if len(waiting) + 1 < runs:
        waiting.append(asyncio.get_running_loop().create_future())
        await waiting[-1]
    else:
        for future in waiting:
            future.set_result(None)
        waiting.clear()


meeting: dict[str, threading.Barrier] = {}
waiting: list[asyncio.Future[None]] = []


def when_called() -> str:
    """Keeps the event loop from coming to later runs in time."""
    called_ns = time.monotonic_ns()
    time.sleep(0.002)
    return str(called_ns)


async def answer_all_the_same() -> str:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return "an answer after the cancellation"


async def raise_something_else() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise RuntimeError("connection lost") from None


def ask_blocking(prompt: str) -> str:
    if prompt.startswith("together"):
        # Fewer threads than that never get past this.
        meeting.setdefault(prompt, threading.Barrier(int(prompt.split()[1]))).wait()
    return prompt.upper()


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.model == "unbuildable":
        sys.exit("this must not be built")
    tools = [ask, synthetic.wait, synthetic.fail]
    hello.scenario.offered(tools)
    agents = itertools.count(1)

    def new_agent() -> loopmark_runner.Run:
        number = next(agents)

        async def tell(prompt: str) -> str:
            return f"agent {number}, streams: {hello.stream}"

        runs = {"blocking": ask_blocking, "agents": tell}
        return runs.get(hello.model, ask)

    return new_agent


if __name__ == "__main__":
    offers = os.environ.get("FAKE_OFFERS", " ".join(loopmark_runner.FEATURES)).split()
    loopmark_runner.main(
        build,
        package="fake-agent",
        http_client="fake-http",
        offers=lambda hello: [] if hello.api == "responses" else offers,
    )
