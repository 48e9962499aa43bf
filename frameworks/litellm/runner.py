"""The agent loop by hand on LiteLLM: what its client costs without a framework.

It calls `litellm.acompletion`, or `litellm.aresponses` if the hello asks for Responses.
"""

import asyncio
import atexit
import inspect
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared" / "python"))
import loopmark_runner  # isort: split

import litellm
import synthetic
from handoff import with_second_agent
from papers import Corpus, word_count
from pydantic import BaseModel, ValidationError

Functions = dict[str, Callable[..., Any]]
# How long the end waits for a collector to take what is left.
FLUSH_MS = 5_000


def send_traces_to(collector: str) -> None:
    # Loaded only where tracing is on, as the rest of what it costs.
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{collector}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    # Shut down, it would wait for a collector that does not answer until all attempts have failed.
    atexit.register(provider.force_flush, FLUSH_MS)
    trace.set_tracer_provider(provider)
    litellm.callbacks = ["otel"]


class Summary(BaseModel):
    """What the hello asks for as the answer, where it asks for a structure."""

    title: str
    topics: list[str]
    words: int


def structured(text: str) -> tuple[str | None, str]:
    """The answer that a text is, or what is wrong with it."""
    try:
        return loopmark_runner.as_answer(Summary.model_validate_json(text).model_dump()), ""
    except ValidationError as error:
        return None, f"The answer does not fit the schema: {error}"


async def tool_result(functions: Functions, name: str, arguments: str) -> str:
    """What the model is told of a tool call: its result as JSON, or its error."""
    try:
        result = functions[name](**json.loads(arguments))
        return json.dumps(await result if inspect.isawaitable(result) else result)
    except Exception as error:
        return f"Error: {error}"


def over_chat_completions(
    hello: loopmark_runner.Hello, functions: Functions
) -> loopmark_runner.Run:
    tools = [{"type": "function", "function": tool} for tool in hello.scenario.tools]
    address = {"api_base": hello.base_url, "api_key": "made-up"}

    async def message_after(messages: list[Any]) -> Any:
        request = {"model": f"openai/{hello.model}", "messages": messages, "tools": tools}
        if hello.output:
            schema = {**hello.output, "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        if not hello.stream:
            return (await litellm.acompletion(**request, **address)).choices[0].message
        chunks = []
        async for chunk in await litellm.acompletion(**request, **address, stream=True):
            if chunk.choices and chunk.choices[0].delta.content:
                loopmark_runner.text_seen()
            chunks.append(chunk)
        return litellm.stream_chunk_builder(chunks, messages=messages).choices[0].message

    async def run(prompt: str) -> str:
        messages: list[Any] = [
            {"role": "system", "content": hello.scenario.instructions},
            {"role": "user", "content": prompt},
        ]
        for _ in range(hello.scenario.max_turns):
            message = await message_after(messages)
            messages.append(message)
            if not message.tool_calls and hello.output:
                answer, problem = structured(message.content)
                if answer is not None:
                    return answer
                messages.append({"role": "user", "content": problem})
                continue
            if not message.tool_calls:
                return message.content
            calls = [(call.id, call.function) for call in message.tool_calls]
            results = await asyncio.gather(
                *(tool_result(functions, call.name, call.arguments) for _, call in calls)
            )
            for (call_id, _), result in zip(calls, results, strict=True):
                messages.append({"role": "tool", "tool_call_id": call_id, "content": result})
        raise RuntimeError(f"no answer within {hello.scenario.max_turns} turns")

    return run


def over_responses(hello: loopmark_runner.Hello, functions: Functions) -> loopmark_runner.Run:
    tools = [{"type": "function", "strict": False, **tool} for tool in hello.scenario.tools]
    address = {"api_base": hello.base_url, "api_key": "made-up"}

    async def response_to(items: list[Any]) -> Any:
        request = {"model": f"openai/{hello.model}", "input": items, "tools": tools}
        request["instructions"] = hello.scenario.instructions
        if hello.output:
            request["text"] = {"format": {"type": "json_schema", **hello.output, "strict": True}}
        if not hello.stream:
            return await litellm.aresponses(**request, **address)
        async for event in await litellm.aresponses(**request, **address, stream=True):
            if event.type == "response.output_text.delta":
                loopmark_runner.text_seen()
        return event.response

    async def run(prompt: str) -> str:
        items: list[Any] = [{"role": "user", "content": prompt}]
        for _ in range(hello.scenario.max_turns):
            response = await response_to(items)
            items += [item.model_dump(exclude_none=True) for item in response.output]
            calls = [item for item in response.output if item.type == "function_call"]
            if not calls and hello.output:
                answer, problem = structured(response.output_text)
                if answer is not None:
                    return answer
                items.append({"role": "user", "content": problem})
                continue
            if not calls:
                return response.output_text
            results = await asyncio.gather(
                *(tool_result(functions, call.name, call.arguments) for call in calls)
            )
            for call, result in zip(calls, results, strict=True):
                output = {"type": "function_call_output", "call_id": call.call_id, "output": result}
                items.append(output)
        raise RuntimeError(f"no answer within {hello.scenario.max_turns} turns")

    return run


def build(hello: loopmark_runner.Hello) -> loopmark_runner.NewAgent:
    if hello.tracing:
        send_traces_to(hello.tracing)
    corpus = Corpus.load(hello.scenario.data)
    known = [corpus.search_papers, corpus.read_paper, word_count, *synthetic.tools(hello.scenario)]
    functions = {function.__name__: function for function in hello.scenario.offered(known)}
    functions = synthetic.off_the_loop(functions)
    new_loop = over_responses if hello.api == "responses" else over_chat_completions
    hello, functions = with_second_agent(hello, functions, new_loop)
    return partial(new_loop, hello, functions)


if __name__ == "__main__":
    loopmark_runner.main(
        build,
        package="litellm",
        http_client="aiohttp",
        offers=(
            *loopmark_runner.FEATURES,
            loopmark_runner.STRUCTURED_OUTPUT,
            loopmark_runner.TRACING,
            loopmark_runner.HANDOFF,
        ),
    )
