"""An agent of Inspect: `@agent` around `Model.generate_loop()`, tools by `@tool`, run by `run()`.

It speaks Chat Completions, as Inspect does with this model, or Responses if the hello asks for it.
"""

import inspect
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from inspect_ai.agent import Agent, AgentState, agent, as_tool, run
from inspect_ai.model import (
    ChatMessageSystem,
    GenerateConfig,
    ResponseSchema,
    StreamEvent,
    get_model,
)
from inspect_ai.tool import Tool, ToolDef, tool
from inspect_ai.util import json_schema
from pydantic import BaseModel


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


def synthetic_tool(function: Callable[..., Any], told: dict[str, Any]) -> ToolDef:
    """A synthetic tool: Inspect awaits its tools, and sends `str(result)` to the model."""
    returns_json = synthetic.as_json(function)

    async def execute(**arguments: Any) -> str:
        result = returns_json(**arguments)
        return result if isinstance(result, str) else await result

    execute.__signature__ = inspect.signature(function)
    execute.__annotations__ = returns_json.__annotations__
    described = told["parameters"]["properties"]
    return ToolDef(
        execute,
        name=told["name"],
        description=told["description"],
        parameters={name: schema["description"] for name, schema in described.items()},
    )


@asynccontextmanager
async def build(hello: loopmark_runner.Hello) -> AsyncIterator[loopmark_runner.NewAgent]:
    corpus = papers.Corpus.load(hello.scenario.data)

    # Inspect sends str(result) to the model, so records leave the tools as JSON.
    @tool
    def search_papers() -> Tool:
        async def execute(query: str, limit: int) -> str:
            """Search the library for papers whose title or abstract contains the query.

            Args:
                query: The text to look for.
                limit: The maximum number of papers.
            """
            return json.dumps(corpus.search_papers(query, limit))

        return execute

    @tool
    def read_paper() -> Tool:
        async def execute(id: str) -> str:
            """Read one paper of the library: its authors, year and abstract.

            Args:
                id: The paper's id.
            """
            return json.dumps(corpus.read_paper(id))

        return execute

    @tool
    def word_count() -> Tool:
        async def execute(text: str) -> int:
            """Count the words of a text.

            Args:
                text: The text.
            """
            return papers.word_count(text)

        return execute

    told = {spec["name"]: spec for spec in hello.scenario.tools}
    tools = [ToolDef(make()) for make in (search_papers, read_paper, word_count)]
    tools += [
        synthetic_tool(function, told[function.__name__])
        for function in synthetic.tools(hello.scenario)
        if function.__name__ in told
    ]
    connections = os.environ.get("MAX_CONNECTIONS")
    model = get_model(
        f"openai/{hello.model}",
        base_url=hello.base_url,
        api_key="made-up",
        responses_api=True if hello.api == "responses" else None,
        config=GenerateConfig(
            max_connections=int(connections) if connections else None,
            response_schema=ResponseSchema(name="summary", json_schema=json_schema(Summary))
            if hello.output
            else None,
        ),
    )

    async def on_stream(event: StreamEvent) -> None:
        if event.type == "text":
            loopmark_runner.text_seen()

    @agent
    def assistant(instructions: str, offered: list[Tool | ToolDef]) -> Agent:
        async def execute(state: AgentState) -> AgentState:
            state.messages.insert(0, ChatMessageSystem(content=instructions))
            messages, state.output = await model.generate_loop(
                state.messages, tools=offered, on_stream=on_stream if hello.stream else None
            )
            state.messages.extend(messages)
            return state

        return execute

    def new_agent() -> loopmark_runner.Run:
        offered = hello.scenario.offered(tools)
        if hello.handoff:
            writer = as_tool(
                assistant(hello.handoff["instructions"], offered),
                description=hello.handoff["description"],
            )
            offered = [*offered, ToolDef(writer, name=hello.handoff["name"])]
        researcher = assistant(hello.scenario.instructions, offered)

        async def run_agent(prompt: str) -> str:
            completion = (await run(researcher, prompt)).output.completion
            return loopmark_runner.as_answer(json.loads(completion)) if hello.output else completion

        return run_agent

    async with model:
        yield new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="inspect-ai",
        http_client=loopmark_runner.openai_http_client(),
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.HANDOFF,
        ),
    )
