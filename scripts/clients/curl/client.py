"""curl, and nothing else that speaks HTTP: each request is a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from jobs import Job, Turn, agent, serve

BASE_URL = sys.argv[1]


def curl(path: str, body: Any = None) -> str:
    command = ["curl", "--disable", "--silent", "--show-error", "--fail-with-body", "--no-buffer"]
    if body is not None:
        command += ["--header", "content-type: application/json", "--data-binary", "@-"]
    sent = None if body is None else json.dumps(body)
    ended = subprocess.run(
        [*command, BASE_URL + path], input=sent, stdout=subprocess.PIPE, text=True, check=False
    )
    if ended.returncode != 0:
        sys.exit(f"curl {path} ended with {ended.returncode}: {ended.stdout}")
    return ended.stdout


def events(text: str) -> list[Any]:
    data = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(event) for event in data if event != "[DONE]"]


def chat(job: Job) -> Any:
    messages: list[Any] = [
        {"role": "system", "content": job["instructions"]},
        {"role": "user", "content": job["prompt"]},
    ]
    asked = {
        "model": job["model"],
        "messages": messages,
        "tools": [{"type": "function", "function": tool} for tool in job["tools"]],
    }

    def ask() -> Turn:
        if job["stream"]:
            chunks = events(curl("/chat/completions", {**asked, "stream": True}))
            message = whole([chunk["choices"][0]["delta"] for chunk in chunks])
        else:
            message = json.loads(curl("/chat/completions", asked))["choices"][0]["message"]
        functions = [(call["function"], call["id"]) for call in message.get("tool_calls") or []]
        if functions:
            messages.append(message)
        calls = [(function["name"], function["arguments"], id) for function, id in functions]
        return calls, message["content"]

    def tell(call_id: str, result: str) -> None:
        messages.append({"role": "tool", "tool_call_id": call_id, "content": result})

    return {"answer": agent(ask, tell)}


def whole(deltas: list[Any]) -> Any:
    """The message that a stream's deltas make."""
    texts = [delta["content"] for delta in deltas if delta.get("content")]
    calls: list[Any] = []
    for delta in deltas:
        for part in delta.get("tool_calls", []):
            if part["index"] == len(calls):
                calls.append({"id": part["id"], "type": part["type"], "function": part["function"]})
            else:
                calls[part["index"]]["function"]["arguments"] += part["function"]["arguments"]
    message = {"role": "assistant", "content": "".join(texts) or None}
    return {**message, "tool_calls": calls} if calls else message


def responses(job: Job) -> Any:
    said: list[Any] = [{"role": "user", "content": job["prompt"]}]
    asked = {
        "model": job["model"],
        "instructions": job["instructions"],
        "input": said,
        "tools": [{"type": "function", "strict": False, **tool} for tool in job["tools"]],
    }
    before: list[Any] = []

    def ask() -> Turn:
        if job["chained"] and before:
            asked["previous_response_id"] = before[-1]["id"]
        if job["stream"]:
            last = events(curl("/responses", {**asked, "stream": True}))[-1]
            assert last["type"] == "response.completed", last["type"]
            response = last["response"]
        else:
            response = json.loads(curl("/responses", asked))
        before.append(response)
        if job["chained"]:
            said.clear()
        else:
            said.extend(response["output"])
        calls = [
            (item["name"], item["arguments"], item["call_id"])
            for item in response["output"]
            if item["type"] == "function_call"
        ]
        return calls, text_of(response)

    def tell(call_id: str, result: str) -> None:
        said.append({"type": "function_call_output", "call_id": call_id, "output": result})

    return {"answer": agent(ask, tell), "response": before[-1]["id"]}


def text_of(response: Any) -> str:
    messages = [item for item in response["output"] if item["type"] == "message"]
    return "".join(part["text"] for message in messages for part in message["content"])


def retrieve(job: Job) -> Any:
    response = json.loads(curl(f"/responses/{job['response']}"))
    return {"answer": text_of(response), "response": response["id"]}


def models(_job: Job) -> Any:
    names = [model["id"] for model in json.loads(curl("/models"))["data"]]
    return {"models": names, "model": json.loads(curl(f"/models/{names[0]}"))["id"]}


serve({"chat": chat, "responses": responses, "retrieve": retrieve, "models": models})
