"""An agent of LlamaIndex: `FunctionAgent` on `OpenAI`, with functions as tools.

It speaks Chat Completions, as `OpenAI` does, or Responses, by `OpenAIResponses`, if the hello asks
for it.
"""

import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from llama_index.core.agent.workflow import AgentStream, AgentWorkflow, FunctionAgent
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai import OpenAI, OpenAIResponses


def with_words(function: Callable[..., Any], told: dict[str, Any]) -> Callable[..., Any]:
    """The function with the hello's words for its arguments, where LlamaIndex reads them."""
    words = told["parameters"]["properties"]
    signature = inspect.signature(function)
    arguments = [
        argument.replace(
            annotation=Annotated[argument.annotation, words[argument.name]["description"]]
        )
        for argument in signature.parameters.values()
    ]
    function.__signature__ = signature.replace(parameters=arguments)
    return function


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    corpus = papers.Corpus.load(hello.scenario.data)

    # LlamaIndex sends str(result) to the model, so records leave the tools as JSON.
    @papers.plain_or_async
    def search_papers(
        query: Annotated[str, "The text to look for."],
        limit: Annotated[int, "The maximum number of papers."],
    ) -> str:
        """Search the library for papers whose title or abstract contains the query."""
        return json.dumps(corpus.search_papers(query, limit))

    @papers.plain_or_async
    def read_paper(id: Annotated[str, "The paper's id."]) -> str:
        """Read one paper of the library: its authors, year and abstract."""
        return json.dumps(corpus.read_paper(id))

    @papers.plain_or_async
    def word_count(text: Annotated[str, "The text."]) -> int:
        """Count the words of a text."""
        return papers.word_count(text)

    llm_class = OpenAIResponses if hello.api == "responses" else OpenAI
    llm = llm_class(model=hello.model, api_base=hello.base_url, api_key="made-up")
    # Without a description, FunctionTool would put the function's signature before its docstring.
    tools = [
        FunctionTool.from_defaults(function, description=function.__doc__)
        for function in (search_papers, read_paper, word_count)
    ]
    told = {tool["name"]: tool for tool in hello.scenario.tools}
    tools += [
        FunctionTool.from_defaults(
            with_words(synthetic.as_json(function), told[function.__name__]),
            description=told[function.__name__]["description"],
        )
        for function in synthetic.tools(hello.scenario)
        if function.__name__ in told
    ]
    by_name = {tool.metadata.name: tool for tool in tools}
    offered = [by_name[name] for name in told]

    def new_agent() -> loopmark_runner.Run:
        assistant = FunctionAgent(
            name="researcher",
            description="Looks things up about papers.",
            llm=llm,
            tools=offered,
            system_prompt=hello.scenario.instructions,
        )
        agent = assistant
        if hello.handoff:
            writer = FunctionAgent(
                name=hello.handoff["name"],
                description=hello.handoff["description"],
                llm=llm,
                tools=offered,
                system_prompt=hello.handoff["instructions"],
                can_handoff_to=[],
            )
            agent = AgentWorkflow(agents=[assistant, writer], root_agent=assistant.name)

        async def run(prompt: str) -> str:
            return str(await agent.run(prompt, max_iterations=hello.scenario.max_turns))

        async def run_streamed(prompt: str) -> str:
            handler = agent.run(prompt, max_iterations=hello.scenario.max_turns)
            async for event in handler.stream_events():
                if isinstance(event, AgentStream) and event.delta:
                    loopmark_runner.text_seen()
            return str(await handler)

        return run_streamed if hello.stream else run

    return new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="llama-index-core",
        http_client=loopmark_runner.openai_http_client(),
        offers=(*loopmark_runner.FEATURES, loopmark_runner.HANDOFF),
    )
