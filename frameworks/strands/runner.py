"""A Strands agent: `Agent` on `OpenAIModel`, with tools by the `@tool` decorator.

It speaks Chat Completions, or Responses if the hello asks for it. Each run has an agent of its own.
"""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from openai import AsyncOpenAI
from pydantic import BaseModel
from strands import Agent, tool
from strands.models.openai import OpenAIModel
from strands.models.openai_responses import OpenAIResponsesModel
from strands.telemetry import StrandsTelemetry


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.tracing:
        StrandsTelemetry().setup_otlp_exporter(endpoint=f"{hello.tracing}/v1/traces")
    corpus = papers.Corpus.load(hello.scenario.data)

    @tool
    @papers.plain_or_async
    def search_papers(query: str, limit: int) -> dict[str, Any]:
        """Search the library for papers whose title or abstract contains the query.

        Args:
            query: The text to look for.
            limit: The maximum number of papers.
        """
        return corpus.search_papers(query, limit)

    @tool
    @papers.plain_or_async
    def read_paper(id: str) -> dict[str, Any]:
        """Read one paper of the library: its authors, year and abstract.

        Args:
            id: The paper's id.
        """
        return corpus.read_paper(id)

    @tool
    @papers.plain_or_async
    def word_count(text: str) -> int:
        """Count the words of a text.

        Args:
            text: The text.
        """
        return papers.word_count(text)

    tools = [search_papers, read_paper, word_count]
    tools += [tool(function) for function in synthetic.tools(hello.scenario)]
    tools = hello.scenario.offered(tools)
    address = {"base_url": hello.base_url, "api_key": "made-up"}
    if hello.api == "responses":
        model = OpenAIResponsesModel(client_args=address, model_id=hello.model)
    elif os.environ.get("ONE_CLIENT"):
        model = OpenAIModel(client=AsyncOpenAI(**address), model_id=hello.model)
    else:
        model = OpenAIModel(client_args=address, model_id=hello.model)

    def agent_of(instructions: str, **settings: Any) -> Agent:
        return Agent(
            model=model,
            tools=settings.pop("tools", tools),
            system_prompt=instructions,
            callback_handler=None,
            **settings,
        )

    def agent() -> Agent:
        if second := hello.handoff:
            writer = agent_of(
                second["instructions"], name=second["name"], description=second["description"]
            )
            return agent_of(hello.scenario.instructions, tools=[*tools, writer.as_tool()])
        return agent_of(hello.scenario.instructions)

    async def run(prompt: str) -> str:
        # An agent is one conversation and refuses a second call while it is in one.
        async for event in agent().stream_async(
            prompt,
            limits={"turns": hello.scenario.max_turns},
            structured_output_model=Summary if hello.output else None,
        ):
            if event.get("data"):
                loopmark_runner.text_seen()
        result = event["result"]
        if hello.output:
            return loopmark_runner.as_answer(result.structured_output.model_dump())
        return "".join(block.get("text", "") for block in result.message["content"])

    return lambda: run


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="strands-agents",
        http_client=loopmark_runner.openai_http_client(),
        offers=(
            *(feature for feature in loopmark_runner.FEATURES if feature != "hold-agents"),
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.TRACING,
            loopmark_runner.HANDOFF,
        ),
    )
