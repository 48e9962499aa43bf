"""A runner without a framework, for the tests of the protocol: its prompt says what it does."""

import asyncio
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import loopmark_runner

print("a banner at import", flush=True)


async def ask(prompt: str) -> str:
    print("a stray line", flush=True)
    os.write(1, b"and one past sys.stdout\n")
    if "number" in prompt:
        return 7
    if "cancelled" in prompt:
        raise asyncio.CancelledError("by the framework")
    if "failure" in prompt:
        raise RuntimeError("no answer to " + prompt + " " + "x" * 1000)
    await asyncio.sleep(0.02)
    return prompt.upper()


def ask_blocking(prompt: str) -> str:
    time.sleep(0.05)
    return prompt.upper()


def build(hello: loopmark_runner.Hello) -> loopmark_runner.Run:
    hello.scenario.offered([ask])
    return ask_blocking if hello.model == "blocking" else ask


if __name__ == "__main__":
    loopmark_runner.main(build, package="fake-agent", http_client="fake-http")
