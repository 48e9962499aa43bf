"""litellm, which speaks to the mock as to an OpenAI of one's own address."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

# Its price list is in the package too, where no network is needed.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
# In its other mode it reads a `.env` of any folder above.
os.environ["LITELLM_MODE"] = "PRODUCTION"

import litellm

sys.path.append(str(Path(__file__).resolve().parents[1]))

from jobs import Job, Turn, agent, serve

litellm.telemetry = False
# It writes its own mixed types out again, of which pydantic warns at each request.
warnings.filterwarnings("ignore", message="Pydantic serializer warnings")
ADDRESS = {"api_base": sys.argv[1], "api_key": "made-up", "max_retries": 0}


def chat(job: Job) -> Any:
    messages: list[Any] = [
        {"role": "system", "content": job["instructions"]},
        {"role": "user", "content": job["prompt"]},
    ]
    tools = [{"type": "function", "function": tool} for tool in job["tools"]]

    def ask() -> Turn:
        asked = {"model": f"openai/{job['model']}", "messages": messages, "tools": tools}
        reply = litellm.completion(**asked, stream=job["stream"], **ADDRESS)
        if job["stream"]:
            reply = litellm.stream_chunk_builder(list(reply), messages=messages)
        message = reply.choices[0].message
        calls = [
            (call.function.name, call.function.arguments, call.id)
            for call in message.tool_calls or []
        ]
        if calls:
            messages.append(message)
        return calls, message.content

    def tell(call_id: str, result: str) -> None:
        messages.append({"role": "tool", "tool_call_id": call_id, "content": result})

    return {"answer": agent(ask, tell)}


def responses(job: Job) -> Any:
    said: list[Any] = [{"role": "user", "content": job["prompt"]}]
    tools = [{"type": "function", "strict": False, **tool} for tool in job["tools"]]
    before: list[str] = []

    def ask() -> Turn:
        asked = {
            "model": f"openai/{job['model']}",
            "instructions": job["instructions"],
            "input": list(said),
            "tools": tools,
        }
        if job["chained"] and before:
            asked["previous_response_id"] = before[-1]
        reply = litellm.responses(**asked, stream=job["stream"], **ADDRESS)
        if job["stream"]:
            events = list(reply)
            assert events[-1].type == "response.completed", events[-1].type
            reply = events[-1].response
        before.append(reply.id)
        items = [
            item if isinstance(item, dict) else item.model_dump(warnings=False)
            for item in reply.output
        ]
        if job["chained"]:
            said.clear()
        else:
            said.extend(
                {key: value for key, value in item.items() if value is not None} for item in items
            )
        calls = [
            (item["name"], item["arguments"], item["call_id"])
            for item in items
            if item["type"] == "function_call"
        ]
        texts = [
            part["text"] for item in items if item["type"] == "message" for part in item["content"]
        ]
        return calls, "".join(texts)

    def tell(call_id: str, result: str) -> None:
        said.append({"type": "function_call_output", "call_id": call_id, "output": result})

    return {"answer": agent(ask, tell)}


serve({"chat": chat, "responses": responses})
