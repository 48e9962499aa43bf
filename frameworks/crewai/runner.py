"""A crew of CrewAI with one agent and one task: `Crew.akickoff`, with tools by `@tool`.

It speaks Chat Completions, as CrewAI's `LLM` does by default, or Responses if the hello asks. With
DIRECT_AGENT set, there is no crew but an agent alone: `Agent.kickoff_async`.
"""

import asyncio
import inspect
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool
from pydantic import BaseModel, Field


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


def with_words(function: Callable[..., Any], hello: loopmark_runner.Hello) -> Callable[..., Any]:
    """The function with the hello's words for it where `@tool` reads them, if it is offered."""
    for told in hello.scenario.tools:
        if told["name"] == function.__name__:
            function.__doc__ = told["description"]
            words = told["parameters"]["properties"]
            signature = inspect.signature(function)
            arguments = [
                argument.replace(
                    annotation=Annotated[
                        argument.annotation, Field(description=words[argument.name]["description"])
                    ]
                )
                for argument in signature.parameters.values()
            ]
            function.__signature__ = signature.replace(parameters=arguments)
    return function


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if threads := os.environ.get("EXECUTOR_THREADS"):
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(int(threads)))
    corpus = papers.Corpus.load(hello.scenario.data)

    # CrewAI sends str(result) to the model, so records leave the tools as JSON.
    @tool
    @papers.plain_or_async
    def search_papers(
        query: Annotated[str, Field(description="The text to look for.")],
        limit: Annotated[int, Field(description="The maximum number of papers.")],
    ) -> str:
        """Search the library for papers whose title or abstract contains the query."""
        return json.dumps(corpus.search_papers(query, limit))

    @tool
    @papers.plain_or_async
    def read_paper(id: Annotated[str, Field(description="The paper's id.")]) -> str:
        """Read one paper of the library: its authors, year and abstract."""
        return json.dumps(corpus.read_paper(id))

    @tool
    @papers.plain_or_async
    def word_count(text: Annotated[str, Field(description="The text.")]) -> int:
        """Count the words of a text."""
        return papers.word_count(text)

    llm = LLM(
        model=f"openai/{hello.model}",
        base_url=hello.base_url,
        api_key="made-up",
        api="responses" if hello.api == "responses" else "completions",
        stream=hello.stream,
    )
    tools = [search_papers, read_paper, word_count]
    tools += [
        tool(with_words(synthetic.as_json(each), hello)) for each in synthetic.tools(hello.scenario)
    ]

    def agent(
        role: str = "Research assistant",
        goal: str = "Answer questions about papers",
        backstory: str = hello.scenario.instructions,
        **settings: Any,
    ) -> Agent:
        return Agent(
            role=role,
            goal=goal,
            backstory=backstory,
            llm=llm,
            tools=hello.scenario.offered(tools),
            max_iter=hello.scenario.max_turns,
            **settings,
        )

    def crew_of() -> list[Agent]:
        if second := hello.handoff:
            writer = agent(second["name"], second["description"], second["instructions"])
            return [agent(allow_delegation=True), writer]
        return [agent()]

    async def run_crew(prompt: str) -> str:
        # An agent of a crew does one task at a time, so each run has a crew of its own.
        agents = crew_of()
        task = Task(
            description=prompt,
            expected_output="One sentence.",
            agent=agents[0],
            output_pydantic=Summary if hello.output else None,
        )
        result = await Crew(agents=agents, tasks=[task]).akickoff()
        return (
            loopmark_runner.as_answer(result.pydantic.model_dump()) if hello.output else result.raw
        )

    def direct_agent() -> loopmark_runner.Run:
        assistant = agent()

        async def run(prompt: str) -> str:
            if hello.output:
                result = await assistant.kickoff_async(prompt, response_format=Summary)
                return loopmark_runner.as_answer(result.pydantic.model_dump())
            return (await assistant.kickoff_async(prompt)).raw

        return run

    return direct_agent if os.environ.get("DIRECT_AGENT") else lambda: run_crew


def offers(hello: loopmark_runner.Hello) -> set[str]:
    # CrewAI's streamed Responses take the text beside a tool call for the answer.
    lacking = {"streaming"} if hello.api == "responses" else set()
    if not os.environ.get("DIRECT_AGENT"):
        # A crew is made for each run, so that there is none to hold.
        lacking.add("hold-agents")
    else:
        # Coworkers are those of a crew.
        lacking.add(loopmark_runner.HANDOFF)
    offered = (loopmark_runner.STRUCTURED_OUTPUT, loopmark_runner.HANDOFF)
    return {*loopmark_runner.FEATURES, *offered} - lacking


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="crewai",
        http_client=loopmark_runner.openai_http_client(),
        offers=offers,
    )
