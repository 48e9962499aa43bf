"""The `ready` of docs/PROTOCOL.md: what the runner is made of and what it offers."""

import asyncio
import importlib.metadata
import platform
from typing import Any

# What a runner may offer beyond plain runs, if it has the framework stream where the hello asks.
FEATURES = (
    "streaming",
    "agent-per-run",
    "cancellation",
    "heartbeat",
    "synthetic-tools",
    "many-tools",
    "hold-agents",
)
# What a runner offers whose framework has it.
STRUCTURED_OUTPUT = "structured-output"
TRACING = "tracing"
HANDOFF = "handoff"
ALL_FEATURES = (*FEATURES, STRUCTURED_OUTPUT, TRACING, HANDOFF)


def openai_http_client() -> str:
    """The package that the installed OpenAI SDK speaks HTTP with: httpx, or httpx2 from 3 on."""
    import openai

    bases = (base.__module__.partition(".")[0] for base in openai.DefaultAsyncHttpxClient.__mro__)
    return next(base for base in bases if base != "openai")


def _installed(distribution: str | None, standard: str) -> tuple[str, str]:
    """A distribution's name and its installed version; without one, what comes with Python."""
    if distribution is None:
        return standard, platform.python_version()
    return distribution, importlib.metadata.version(distribution)


def runtime_on(loop: asyncio.AbstractEventLoop) -> str:
    """Python, and the package of the event loop if it is not asyncio's own."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    package = type(loop).__module__.partition(".")[0]
    if package == "asyncio":
        return python
    return f"{python} with {package} {importlib.metadata.version(package)}"


def ready_of(package: str | None, http_client: str | None) -> dict[str, Any]:
    """The message, without the runtime and what the runner offers; None is what Python brings."""
    framework, version = _installed(package, "python")
    return {
        "type": "ready",
        "framework": framework,
        "version": version,
        "http_client": " ".join(_installed(http_client, "http.client")),
    }
