"""An agent of Agno: `Agent` with plain functions as tools, and `Agent.arun`.

It speaks Responses, as Agno does if no model is named, or Chat Completions if the hello asks for
it.
"""

import atexit
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from agno.agent import Agent, RunContentEvent, RunOutput
from agno.models.openai import OpenAIChat, OpenAIResponses
from agno.team import Team, TeamMode
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
    from openinference.instrumentation.agno import AgnoInstrumentor
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{collector}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    # Shut down, it would wait for a collector that does not answer until all attempts have failed.
    atexit.register(provider.force_flush, FLUSH_MS)
    AgnoInstrumentor().instrument(tracer_provider=provider)


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.tracing:
        send_traces_to(hello.tracing)
    corpus = papers.Corpus.load(hello.scenario.data)

    # Agno sends str(result) to the model, so records leave the tools as JSON.
    @papers.plain_or_async
    def search_papers(query: str, limit: int) -> str:
        """Search the library for papers whose title or abstract contains the query.

        Args:
            query: The text to look for.
            limit: The maximum number of papers.
        """
        return json.dumps(corpus.search_papers(query, limit))

    @papers.plain_or_async
    def read_paper(id: str) -> str:
        """Read one paper of the library: its authors, year and abstract.

        Args:
            id: The paper's id.
        """
        return json.dumps(corpus.read_paper(id))

    @papers.plain_or_async
    def word_count(text: str) -> int:
        """Count the words of a text.

        Args:
            text: The text.
        """
        return papers.word_count(text)

    model_class = OpenAIResponses if hello.api == "responses" else OpenAIChat
    model = model_class(id=hello.model, base_url=hello.base_url, api_key="made-up")
    tools = [search_papers, read_paper, word_count]
    tools += [synthetic.as_json(tool) for tool in synthetic.tools(hello.scenario)]

    def new_agent() -> loopmark_runner.Run:
        offered = hello.scenario.offered(tools)
        if hello.handoff:
            writer = Agent(
                name=hello.handoff["name"],
                role=hello.handoff["description"],
                model=model,
                instructions=hello.handoff["instructions"],
                tools=offered,
            )
            agent = Team(
                members=[writer],
                mode=TeamMode.broadcast,
                model=model,
                instructions=hello.scenario.instructions,
                tools=offered,
            )
        else:
            agent = Agent(
                model=model,
                instructions=hello.scenario.instructions,
                tools=offered,
                output_schema=Summary if hello.output else None,
            )

        async def run(prompt: str) -> str:
            return (await agent.arun(prompt)).messages[-1].content

        async def run_structured(prompt: str) -> str:
            content = (await agent.arun(prompt)).content
            # Agno hands on what does not fit as the text that it is.
            if isinstance(content, Summary):
                return loopmark_runner.as_answer(content.model_dump())
            return content

        async def run_streamed(prompt: str) -> str:
            async for event in agent.arun(prompt, stream=True, yield_run_output=True):
                match event:
                    case RunContentEvent(content=str(text)) if text:
                        loopmark_runner.text_seen()
                    case RunOutput(messages=messages):
                        answer = messages[-1].content
            return answer

        if hello.output:
            return run_structured
        return run_streamed if hello.stream else run

    return new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="agno",
        http_client=loopmark_runner.openai_http_client(),
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.HANDOFF,
            loopmark_runner.TRACING,
        ),
    )
