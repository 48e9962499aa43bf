"""An agent on the shared side of Python that does what FAKE says: the work, or one thing wrong. Standard library only.

`leaky` keeps what LEAK says of each run, in bytes. `serial` calls the tools of a reply one after the other.
`on-the-loop` calls tools that block on the event loop. `few-connections` has two runs at work, and the others wait.
`connects-anew` opens a connection for each LLM call, where the others open one for each run. `quadratic` takes as
many steps as STEPS says for the square of each 10,000 characters that it sends, `per-tool` some for each tool that it
offers. `rescans` takes 5,000 steps for each delta that has come, at each further one. `heavy` has agents of 200,000
bytes. `forgets` closes no connection, and leaves a thread behind. `keeps-open` never closes the connection of a run
that is cancelled, and `goes-on` begins such a run again. `swallows-types` calls a tool with whatever the model gave;
the others tell the model of an argument of another type. `raises` tells the caller of a wrong call instead of the
model. `waits-for-sink` ends no run before its trace is answered; the others do not wait for a sink that is dead.
`mute` sends no traces. `shows-late` keeps a text for 200 ms before it shows it.
"""

import asyncio
import inspect
import json
import os
import sys
import threading
from urllib.parse import urlsplit

sys.path.insert(0, os.environ["SHARED"])
import loopmark_runner
import synthetic

FAKE = os.environ["FAKE"]
KEPT = []
# What the trace of a run says.
TRACE = b"t" * 200


def compute(steps):
    for _ in range(steps):
        pass


async def post(reader, writer, url, body):
    """The message of the model's reply."""
    text = json.dumps(body).encode()
    if FAKE == "quadratic":
        compute(int(os.environ["STEPS"]) * (len(text) // 10_000) ** 2)
    if FAKE == "per-tool":
        compute(10_000 * len(body["tools"]))
    head = f"POST {url.path}/chat/completions HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {len(text)}\r\n\r\n"
    writer.write(head.encode() + text)
    reply = await reader.readuntil(b"\r\n\r\n")
    status, head = reply.split(b" ", 2)[1], reply.lower().split(b"\r\n")
    if b"transfer-encoding: chunked" in head:
        return await streamed(reader)
    lengths = [line.split(b":")[1] for line in head if line.startswith(b"content-length:")]
    content = json.loads(await reader.readexactly(int(lengths[0])))
    if status != b"200":
        raise RuntimeError(content["error"]["message"])
    return content["choices"][0]["message"]


async def events(reader):
    """The data of the events of a reply in chunks."""
    text = b""
    while length := int(await reader.readline(), 16):
        text += (await reader.readexactly(length + 2))[:-2]
        *whole, text = text.split(b"\n\n")
        for event in whole:
            data = event.removeprefix(b"data: ")
            if data != b"[DONE]":
                yield json.loads(data)
    await reader.readline()


async def streamed(reader):
    """The message that the deltas of a reply make up."""
    message, deltas = {"role": "assistant", "content": ""}, 0
    async for event in events(reader):
        for delta in [choice["delta"] for choice in event["choices"]]:
            deltas += 1
            if FAKE == "rescans":
                compute(5000 * deltas)
            message["content"] += delta.get("content") or ""
            for part in delta.get("tool_calls", []):
                calls = message.setdefault("tool_calls", [])
                if part["index"] == len(calls):
                    calls.append({"id": part["id"], "type": "function", "function": {"name": "", "arguments": ""}})
                for key, text in part["function"].items():
                    calls[part["index"]]["function"][key] += text
    return message


def require_types(tool, arguments):
    types = {"string": str, "integer": int, "array": list}
    for name, field in tool["parameters"]["properties"].items():
        if not isinstance(arguments[name], types[field["type"]]):
            raise TypeError(f"{name} is no {field['type']}")


async def result_of(tools, call):
    (tool, function), arguments = tools[call["name"]], json.loads(call["arguments"])
    if FAKE != "swallows-types":
        require_types(tool, arguments)
    result = function(**arguments)
    return await result if inspect.isawaitable(result) else result


async def called(tools, call):
    """What the model is told of a call."""
    try:
        content = json.dumps(await result_of(tools, call["function"]))
    except Exception as error:
        if FAKE == "raises":
            raise
        content = f"Error: {error}"
    return {"role": "tool", "tool_call_id": call["id"], "content": content}


async def results(tools, calls):
    waiting = [called(tools, call) for call in calls]
    if FAKE == "serial":
        return [await one for one in waiting]
    return await asyncio.gather(*waiting)


async def trace(sink):
    """Sends the trace of a run, and waits for the answer unless none will come."""
    url = urlsplit(sink)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    KEPT.append(writer)
    head = f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {len(TRACE)}\r\n\r\n"
    writer.write(head.encode() + TRACE)
    if FAKE == "waits-for-sink" or "dead" not in url.path:
        await reader.readuntil(b"\r\n\r\n")


def build(hello):
    url = urlsplit(hello.base_url)
    task = hello.scenario
    functions = {function.__name__: function for function in task.offered(synthetic.tools(task))}
    if FAKE != "on-the-loop":
        functions = synthetic.off_the_loop(functions)
    tools = {tool["name"]: (tool, functions[tool["name"]]) for tool in task.tools}
    offered = [{"type": "function", "function": tool} for tool in task.tools]

    async def turns(connection, prompt):
        messages = [{"role": "system", "content": task.instructions}, {"role": "user", "content": prompt}]
        for _ in range(task.max_turns):
            body = {"model": hello.model, "messages": messages, "tools": offered, "stream": hello.stream}
            if FAKE == "connects-anew":
                connection[1].close()
                connection = await asyncio.open_connection(url.hostname, url.port)
            message = await post(*connection, url, body)
            if FAKE == "shows-late":
                await asyncio.sleep(0.2)
            loopmark_runner.text_seen()
            if not message.get("tool_calls"):
                return message["content"]
            messages += [message, *await results(tools, message["tool_calls"])]
        raise RuntimeError("no answer within the limit of turns")

    connections = asyncio.Semaphore(2)

    async def run(prompt):
        if FAKE == "few-connections":
            async with connections:
                return await go(prompt)
        return await go(prompt)

    async def go(prompt):
        if FAKE == "leaky":
            KEPT.append(b"k" * int(os.environ["LEAK"]))
        if hello.tracing and FAKE != "mute":
            await trace(hello.tracing)
        if FAKE == "forgets":
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        connection = await asyncio.open_connection(url.hostname, url.port)
        if FAKE == "forgets":
            KEPT.append(connection)
        try:
            return await turns(connection, prompt)
        except asyncio.CancelledError:
            if FAKE == "keeps-open":
                KEPT.append(connection)
            if FAKE == "goes-on":
                KEPT.append(asyncio.ensure_future(run(prompt)))
            raise
        finally:
            if connection not in KEPT:
                connection[1].close()

    def agent():
        if FAKE == "heavy":
            KEPT.append(b"k" * 200_000)
        return run

    return agent


if __name__ == "__main__":
    offers = ("cancellation", "heartbeat", "hold-agents", "many-tools", "streaming", "synthetic-tools", "tracing")
    loopmark_runner.main(build, package=None, http_client=None, offers=offers)
