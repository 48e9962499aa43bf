"""An agent of AG2 1: `Agent` with tools by `@tool`, one `ask` per run.

It speaks Chat Completions, as `OpenAIConfig` does, or Responses if the hello asks for it. With
SHARED_CLIENT set, all runs share an HTTP client.
"""

import atexit
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from ag2 import Agent, MemoryStream, tool
from ag2.config import OpenAIConfig, OpenAIResponsesConfig
from ag2.events import ModelMessageChunk
from openai import DefaultAsyncHttpxClient
from pydantic import BaseModel, Field


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


# How long the end waits for a collector to take what is left, once OpenTelemetry keeps to it
# (open-telemetry/opentelemetry-python#4568).
FLUSH_MS = 5_000


def tracing_to(collector: str) -> Any:
    # Loaded only where tracing is on, as the rest of what it costs.
    from ag2.middleware.builtin.telemetry import TelemetryMiddleware
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{collector}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    # Shut down, it would wait for a collector that does not answer until all attempts have failed.
    atexit.register(provider.force_flush, FLUSH_MS)
    return TelemetryMiddleware(tracer_provider=provider)


def with_words(function: Callable[..., Any], hello: loopmark_runner.Hello) -> Callable[..., Any]:
    """The function with the hello's words for it where `@tool` reads them, if it is offered."""
    for told in hello.scenario.tools:
        if told["name"] == function.__name__:
            function.__doc__ = told["description"]
            for name, argument in told["parameters"]["properties"].items():
                words = Field(description=argument["description"])
                function.__annotations__[name] = Annotated[function.__annotations__[name], words]
    return function


async def see(chunk: ModelMessageChunk) -> None:
    loopmark_runner.text_seen()


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    middleware = [tracing_to(hello.tracing)] if hello.tracing else []
    corpus = papers.Corpus.load(hello.scenario.data)

    @tool
    @papers.plain_or_async
    def search_papers(
        query: Annotated[str, Field(description="The text to look for.")],
        limit: Annotated[int, Field(description="The maximum number of papers.")],
    ) -> papers.SearchResult:
        """Search the library for papers whose title or abstract contains the query."""
        return corpus.search_papers(query, limit)

    @tool
    @papers.plain_or_async
    def read_paper(id: Annotated[str, Field(description="The paper's id.")]) -> papers.Paper:
        """Read one paper of the library: its authors, year and abstract."""
        return corpus.read_paper(id)

    @tool
    @papers.plain_or_async
    def word_count(text: Annotated[str, Field(description="The text.")]) -> int:
        """Count the words of a text."""
        return papers.word_count(text)

    tools = [search_papers, read_paper, word_count]
    tools += [tool(with_words(each, hello)) for each in synthetic.tools(hello.scenario)]
    config_class = OpenAIResponsesConfig if hello.api == "responses" else OpenAIConfig
    config = config_class(
        model=hello.model,
        base_url=hello.base_url,
        api_key="made-up",
        streaming=hello.stream,
        http_client=DefaultAsyncHttpxClient() if os.environ.get("SHARED_CLIENT") else None,
    )

    def new_agent() -> loopmark_runner.Run:
        offered = hello.scenario.offered(tools)
        if second := hello.handoff:
            writer = Agent(
                second["name"],
                second["instructions"],
                config=config,
                tools=offered,
                middleware=middleware,
            )
            offered = [*offered, writer.as_tool(description=second["description"])]
        agent = Agent(
            "assistant",
            hello.scenario.instructions,
            config=config,
            tools=offered,
            middleware=middleware,
            response_schema=Summary if hello.output else None,
        )

        async def run(prompt: str) -> str:
            return (await agent.ask(prompt)).body

        async def run_structured(prompt: str) -> str:
            summary = await (await agent.ask(prompt)).content()
            return loopmark_runner.as_answer(summary.model_dump())

        async def run_streamed(prompt: str) -> str:
            stream = MemoryStream()
            stream.where(ModelMessageChunk).subscribe(see)
            return (await agent.ask(prompt, stream=stream)).body

        if hello.output:
            return run_structured
        return run_streamed if hello.stream else run

    return new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="ag2",
        http_client=loopmark_runner.openai_http_client(),
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.TRACING,
            loopmark_runner.HANDOFF,
        ),
    )
