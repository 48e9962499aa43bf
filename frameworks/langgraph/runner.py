"""A LangGraph agent: a graph of `ChatOpenAI` and `ToolNode`, with tools by the `@tool` decorator.

It speaks Chat Completions, as ChatOpenAI does by default, or Responses if the hello asks for it.
"""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, NotRequired

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import papers
import synthetic
from langchain_core.messages import AIMessageChunk, SystemMessage, ToolMessage
from langchain_core.tools import BaseTool, InjectedToolCallId, tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import Command


class State(MessagesState):
    """A conversation, and the instructions of the agent that has it, if not those of the first."""

    instructions: NotRequired[str]


def handoff_tool(handoff: dict[str, str]) -> BaseTool:
    @tool(handoff["name"], description=handoff["description"])
    def hand_over(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command:
        told = ToolMessage(f"You are now the {handoff['name']}.", tool_call_id=tool_call_id)
        return Command(update={"instructions": handoff["instructions"], "messages": [told]})

    return hand_over


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.tracing:
        os.environ["LANGSMITH_TRACING"] = "true"
        os.environ["LANGSMITH_ENDPOINT"] = hello.tracing
        os.environ["LANGSMITH_API_KEY"] = "made-up"
    corpus = papers.Corpus.load(hello.scenario.data)

    @tool(parse_docstring=True)
    @papers.plain_or_async
    def search_papers(query: str, limit: int) -> papers.SearchResult:
        """Search the library for papers whose title or abstract contains the query.

        Args:
            query: The text to look for.
            limit: The maximum number of papers.
        """
        return corpus.search_papers(query, limit)

    @tool(parse_docstring=True)
    @papers.plain_or_async
    def read_paper(id: str) -> papers.Paper:
        """Read one paper of the library: its authors, year and abstract.

        Args:
            id: The paper's id.
        """
        return corpus.read_paper(id)

    @tool(parse_docstring=True)
    @papers.plain_or_async
    def word_count(text: str) -> int:
        """Count the words of a text.

        Args:
            text: The text.
        """
        return papers.word_count(text)

    model = ChatOpenAI(
        model=hello.model,
        base_url=hello.base_url,
        api_key="made-up",
        use_responses_api=True if hello.api == "responses" else None,
    )
    tools = [search_papers, read_paper, word_count]
    tools += [tool(function, parse_docstring=True) for function in synthetic.tools(hello.scenario)]

    def new_agent() -> loopmark_runner.Run:
        offered = hello.scenario.offered(tools)
        if hello.handoff:
            offered = [*offered, handoff_tool(hello.handoff)]
        model_with_tools = model.bind_tools(offered)

        async def llm_call(state: State) -> dict[str, Any]:
            instructions = SystemMessage(state.get("instructions", hello.scenario.instructions))
            reply = await model_with_tools.ainvoke([instructions, *state["messages"]])
            return {"messages": [reply]}

        graph = StateGraph(State)
        graph.add_node("llm_call", llm_call)
        graph.add_node("tools", ToolNode(offered))
        graph.add_edge(START, "llm_call")
        graph.add_conditional_edges("llm_call", tools_condition)
        graph.add_edge("tools", "llm_call")
        agent = graph.compile()

        async def run(prompt: str) -> str:
            conversation = {"messages": [{"role": "user", "content": prompt}]}
            return (await agent.ainvoke(conversation))["messages"][-1].text

        async def run_streamed(prompt: str) -> str:
            conversation = {"messages": [{"role": "user", "content": prompt}]}
            reply, text = None, ""
            async for chunk, _ in agent.astream(conversation, stream_mode="messages"):
                if isinstance(chunk, AIMessageChunk):
                    if chunk.text:
                        loopmark_runner.text_seen()
                    text = chunk.text if chunk.id != reply else text + chunk.text
                    reply = chunk.id
            return text

        return run_streamed if hello.stream else run

    return new_agent


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="langgraph",
        http_client=loopmark_runner.openai_http_client(),
        offers=(*loopmark_runner.FEATURES, loopmark_runner.TRACING, loopmark_runner.HANDOFF),
    )
