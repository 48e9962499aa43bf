"""openai for Python, as its documentation uses it."""

import sys
from pathlib import Path
from typing import Any

from openai import OpenAI
from openai.lib.streaming.chat import ChatCompletionStreamState

sys.path.append(str(Path(__file__).resolve().parents[1]))

from jobs import Job, Turn, agent, serve

client = OpenAI(base_url=sys.argv[1], api_key="made-up", max_retries=0)


def chat(job: Job) -> Any:
    messages: list[Any] = [
        {"role": "system", "content": job["instructions"]},
        {"role": "user", "content": job["prompt"]},
    ]
    tools = [{"type": "function", "function": tool} for tool in job["tools"]]
    asked = {"model": job["model"], "messages": messages, "tools": tools}

    def ask() -> Turn:
        if job["stream"]:
            state = ChatCompletionStreamState()
            options = {"include_usage": True}
            for chunk in client.chat.completions.create(
                **asked, stream=True, stream_options=options
            ):
                state.handle_chunk(chunk)
            completion = state.get_final_completion()
        else:
            completion = client.chat.completions.create(**asked)
        assert completion.usage.prompt_tokens > 0
        message = completion.choices[0].message
        if message.tool_calls:
            assert completion.choices[0].finish_reason == "tool_calls"
            messages.append(message)
        calls = [
            (call.function.name, call.function.arguments, call.id)
            for call in message.tool_calls or []
        ]
        return calls, message.content

    def tell(call_id: str, result: str) -> None:
        messages.append({"role": "tool", "tool_call_id": call_id, "content": result})

    return {"answer": agent(ask, tell)}


def responses(job: Job) -> Any:
    said: list[Any] = [{"role": "user", "content": job["prompt"]}]
    tools = [{"type": "function", "strict": False, **tool} for tool in job["tools"]]
    asked = {"model": job["model"], "instructions": job["instructions"], "tools": tools}
    before: list[Any] = []

    def ask() -> Turn:
        if job["chained"] and before:
            asked["previous_response_id"] = before[-1].id
        if job["stream"]:
            with client.responses.stream(**asked, input=said) as stream:
                response = stream.get_final_response()
        else:
            response = client.responses.create(**asked, input=said)
        assert response.status == "completed" and response.usage.input_tokens > 0
        before.append(response)
        if job["chained"]:
            said.clear()
        else:
            said.extend(_as_asked(item) for item in response.output)
        calls = [
            (item.name, item.arguments, item.call_id)
            for item in response.output
            if item.type == "function_call"
        ]
        return calls, response.output_text

    def tell(call_id: str, result: str) -> None:
        said.append({"type": "function_call_output", "call_id": call_id, "output": result})

    return {"answer": agent(ask, tell), "response": before[-1].id}


def _as_asked(item: Any) -> Any:
    # What a stream's helper adds to an item is its own, not the API's.
    return item.model_dump(exclude={"parsed_arguments"}, exclude_none=True, warnings=False)


def retrieve(job: Job) -> Any:
    response = client.responses.retrieve(job["response"])
    return {"answer": response.output_text, "response": response.id}


def models(_job: Job) -> Any:
    names = [model.id for model in client.models.list()]
    return {"models": names, "model": client.models.retrieve(names[0]).id}


serve({"chat": chat, "responses": responses, "retrieve": retrieve, "models": models})
