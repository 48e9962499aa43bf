"""A Haystack agent: `Agent` on `OpenAIChatGenerator`, with tools by the `@tool` decorator.

It speaks Chat Completions, or Responses if the hello asks for it.
"""

import atexit
import inspect
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator, OpenAIResponsesChatGenerator
from haystack.dataclasses import ChatMessage, StreamingChunk
from haystack.tools import Tool, tool
from haystack.utils import Secret
from pydantic import BaseModel


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


# How long the end waits for a collector to take what is left.
FLUSH_MS = 5_000


def send_traces_to(collector: str) -> None:
    # Loaded only where tracing is on, as the rest of what it costs.
    from haystack import tracing
    from haystack_integrations.tracing.opentelemetry import OpenTelemetryTracer
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{collector}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    # Shut down, it would wait for a collector that does not answer until all attempts have failed.
    atexit.register(provider.force_flush, FLUSH_MS)
    tracing.enable_tracing(OpenTelemetryTracer(provider.get_tracer("loopmark")))


def synthetic_tools(task: loopmark_runner.Task) -> list[Tool]:
    """The synthetic tools as `Tool`: the decorator wants `Annotated` where they have docstrings."""
    told = {spec["name"]: spec for spec in task.tools}
    return [
        Tool(
            **told[function.__name__],
            **{"async_function" if inspect.iscoroutinefunction(function) else "function": function},
        )
        for function in synthetic.tools(task)
        if function.__name__ in told
    ]


@asynccontextmanager
async def build(hello: loopmark_runner.Hello) -> AsyncIterator[loopmark_runner.NewAgent]:
    if hello.tracing:
        send_traces_to(hello.tracing)
    corpus = papers.Corpus.load(hello.scenario.data)

    @tool
    @papers.plain_or_async
    def search_papers(
        query: Annotated[str, "The text to look for."],
        limit: Annotated[int, "The maximum number of papers."],
    ) -> dict[str, Any]:
        """Search the library for papers whose title or abstract contains the query."""
        return corpus.search_papers(query, limit)

    @tool
    @papers.plain_or_async
    def read_paper(id: Annotated[str, "The paper's id."]) -> dict[str, Any]:
        """Read one paper of the library: its authors, year and abstract."""
        return corpus.read_paper(id)

    @tool
    @papers.plain_or_async
    def word_count(text: Annotated[str, "The text."]) -> int:
        """Count the words of a text."""
        return papers.word_count(text)

    tools = [search_papers, read_paper, word_count, *synthetic_tools(hello.scenario)]
    address = {"api_key": Secret.from_token("made-up"), "api_base_url": hello.base_url}
    if hello.api == "responses":
        generator = OpenAIResponsesChatGenerator(
            **address,
            model=hello.model,
            generation_kwargs={"text_format": Summary} if hello.output else None,
        )
    else:
        # Over this API, the OpenAI SDK checks an answer against a model only if all tools have
        # strict schemas.
        generator = OpenAIChatGenerator(
            **address,
            model=hello.model,
            generation_kwargs={"response_format": Summary} if hello.output else None,
            tools_strict=hello.output is not None,
        )

    async def on_chunk(chunk: StreamingChunk) -> None:
        if chunk.content:
            loopmark_runner.text_seen()

    def new_agent() -> loopmark_runner.Run:
        agent = Agent(
            chat_generator=generator,
            tools=hello.scenario.offered(tools),
            system_prompt=hello.scenario.instructions,
            streaming_callback=on_chunk if hello.stream else None,
        )

        async def run(prompt: str) -> str:
            result = await agent.run_async(messages=[ChatMessage.from_user(prompt)])
            answer = result["last_message"].text or ""
            if hello.output:
                return loopmark_runner.as_answer(Summary.model_validate_json(answer).model_dump())
            return answer

        return run

    yield new_agent
    await generator.close_async()


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="haystack-ai",
        http_client=loopmark_runner.openai_http_client(),
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.TRACING,
        ),
    )
