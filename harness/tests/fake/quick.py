"""A runner that starts in a few milliseconds, for sweeps that are killed: the work of `short.toml`, and nothing else.

It leaves a child and a grandchild in a session of their own behind while it lives.
"""

import json
import os
import socket
import sys
import time
import zlib


def leave_descendants():
    if os.fork() == 0:
        os.close(1)
        if os.fork() == 0:
            os.setsid()
        time.sleep(300)
        os._exit(0)


def ask(connection, host, path, body):
    text = json.dumps(body)
    head = f"POST {path}/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(text)}\r\n\r\n"
    connection.sendall((head + text).encode())
    reply = b""
    while True:
        more = connection.recv(1 << 16)
        if not more:
            raise ConnectionError("the mock has gone")
        reply += more
        head, end, body = reply.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if end and len(body) == int(lengths[0]):
            return json.loads(body)["choices"][0]["message"]


def one_run(hello, run):
    address = hello["base_url"].removeprefix("http://")
    host, _, path = address.partition("/")
    task = hello["scenario"]
    offered = [{"type": "function", "function": tool} for tool in task["tools"]]
    messages = [
        {"role": "system", "content": task["instructions"]},
        {"role": "user", "content": task["prompt"].replace("{run}", str(run))},
    ]
    name, _, port = host.rpartition(":")
    with socket.create_connection((name, int(port))) as connection:
        while True:
            body = {"model": hello["model"], "messages": messages, "tools": offered}
            message = ask(connection, host, f"/{path}", body)
            if not message.get("tool_calls"):
                return message["content"]
            messages.append(message)
            for call in message["tool_calls"]:
                words = len(json.loads(call["function"]["arguments"])["text"].split())
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": str(words)})


def write(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main():
    if sys.argv[1:] == ["--version"]:
        print("quick 1.0")
        return
    write({"type": "imported"})
    hello = json.loads(sys.stdin.readline())
    leave_descendants()
    write({"type": "ready", "framework": "quick", "version": "1.0", "runtime": "CPython", "http_client": "socket"})
    for line in sys.stdin:
        batch = json.loads(line)
        began_ns = time.monotonic_ns()
        for run in range(batch["first_run"], batch["first_run"] + batch["runs"]):
            start_ns = began_ns if batch["arrival"] == "burst" else time.monotonic_ns()
            sample = {"type": "sample", "batch": batch["batch"], "run": run, "start_ns": start_ns}
            try:
                sample["answer_crc32"] = zlib.crc32(one_run(hello, run).encode())
            except OSError as error:
                sample["error"] = str(error)
            write({**sample, "end_ns": time.monotonic_ns()})
        write({"type": "batch_done", "batch": batch["batch"]})


main()
