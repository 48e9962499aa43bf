"""A runner that does what FAKE says: the work, or one thing wrong. Standard library only."""

import http.client
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from urllib.parse import urlsplit

STARTED_NS = time.monotonic_ns()
FAKE = os.environ["FAKE"]
# Where it tells the test what it did; the test reads it when the harness has ended.
DIARY = os.environ["DIARY"]


def tell(key, value):
    with open(f"{DIARY}/{key}", "w") as file:
        file.write(str(value))


def burn(seconds):
    """Burn CPU time of this thread, exactly so much."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def cpu_seconds():
    """CPU time of this process and of the children that it waited for."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def parent_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return int(stat.read().rpartition(")")[2].split()[1])


def state_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0]


def mock_pid():
    """The harness's other child: this runner's supervisor is one, the mock is the other."""
    harness = parent_of(os.getppid())
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline") as words:
                if parent_of(pid) == harness and words.read().split("\0")[1] == "mock":
                    return int(pid)
        except (OSError, IndexError):
            pass
    sys.exit("the fake finds no mock")


def edge():
    """Notes both clocks before a line that ends a phase and after the line that begins the next one: the harness reads
    its own in between, because it reads them when it has the one line and before it writes the other."""
    EDGES.append((time.monotonic_ns(), time.process_time_ns()))


EDGES = []


def peak_rss_kib():
    """The highest mark so far: the harness sets it back at each edge, so it is also read before each."""
    with open("/proc/self/status") as status:
        PEAKS.append(next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")))
    return max(PEAKS)


PEAKS = []


def work(when):
    """Half a second of CPU time and 64 MiB that are given back, if this fake is to do that now."""
    if FAKE == f"slow-{when}":
        burn(0.5)
        hold_and_release(64)


def hold_and_release(mebibytes):
    block = bytearray(mebibytes << 20)
    for at in range(0, len(block), 4096):
        block[at] = 1


def reach_out():
    """Try to reach something else than the mock; 198.51.100.0/24 is nobody's (RFC 5737)."""
    if FAKE == "dials-out":
        with socket.socket() as dial:
            dial.settimeout(1)
            tell("dialled", dial.connect_ex(("198.51.100.1", 80)))
    if FAKE == "asks-local-resolver":
        with socket.socket(type=socket.SOCK_DGRAM) as query:
            query.sendto(b"?", ("127.0.0.53", 53))
    if FAKE == "aims-out":
        # Sends nothing, but has a peer. The socket stays open.
        aim = socket.socket(type=socket.SOCK_DGRAM)
        tell("aimed", aim.connect_ex(("198.51.100.1", 443)))
        time.sleep(3)
        KEPT.append(aim)


KEPT = []


def look_around(url):
    """`pings`: requests that are no LLM call, one that is answered and one that is refused."""
    if FAKE == "pings":
        connection = http.client.HTTPConnection(url.hostname, url.port)
        for method, path, body in [("GET", "models", None), ("POST", "chat/completions", '{"messages": []}')]:
            connection.request(method, f"{url.path}/{path}", body)
            connection.getresponse().read()
        connection.close()


class Tools:
    def __init__(self, path):
        self.papers = []
        if path:
            with open(path) as file:
                self.papers = json.load(file)["papers"]

    def call(self, name, arguments):
        if name == "word_count":
            return len(arguments["text"].split())
        if name == "read_paper":
            return next(paper for paper in self.papers if paper["id"] == arguments["id"])
        query = arguments["query"].lower()
        found = [p for p in self.papers if query in f"{p['title']} {p['abstract']}".lower()]
        short = [{k: p[k] for k in ("id", "title", "authors", "year")} for p in found]
        return {"papers": short[: arguments["limit"]], "more_pages": len(found) > arguments["limit"]}


def as_sent(messages):
    """The conversation, or what some fakes make of it."""
    if FAKE == "last-result-only" and len(messages) > 2:
        return [messages[1], messages[-1]]
    if FAKE == "no-instructions":
        return messages[1:]
    if FAKE == "result-twice" and len(messages) > 2:
        return [*messages, messages[-1]]
    return messages


def send(connection, url, hello, messages, offered):
    body = {"model": hello["model"], "messages": as_sent(messages), "tools": offered}
    connection.request("POST", f"{url.path}/chat/completions", json.dumps(body), {"Content-Type": "application/json"})


def receive(connection):
    reply = connection.getresponse()
    content = json.loads(reply.read())
    if reply.status != 200:
        raise RuntimeError(content["error"]["message"])
    return content["choices"][0]["message"]


def ask(connection, url, hello, messages, offered):
    if FAKE == "stamped":
        return connection.ask(url, hello, messages, offered)
    if FAKE.startswith("retries"):
        return ask_again(connection, url, hello, messages, offered)
    send(connection, url, hello, messages, offered)
    return receive(connection)


def ask_again(connection, url, hello, messages, offered):
    """Up to four tries. `retries` waits as the reply says, `retries-at-once` does not, `retries-twice` asks once more than it
    has to after a fault."""
    for attempt in range(4):
        try:
            send(connection, url, hello, messages, offered)
            reply = connection.getresponse()
            body = reply.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            continue
        if reply.status == 200:
            if FAKE == "retries-twice" and attempt > 0:
                send(connection, url, hello, messages, offered)
                connection.getresponse().read()
            return json.loads(body)["choices"][0]["message"]
        if FAKE != "retries-at-once":
            time.sleep(float(reply.headers.get("Retry-After", 0)))
    raise RuntimeError("no answer after four tries")


class StampedConnection:
    """`stamped`: a connection that notes, close to the socket, when each request began to be sent and its reply was read."""

    # By run: both moments of each turn, in ns.
    turns = {}

    def __init__(self, url, run):
        self.socket = socket.create_connection((url.hostname, url.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.own_turns = StampedConnection.turns.setdefault(run, [])

    def ask(self, url, hello, messages, offered):
        body = json.dumps({"model": hello["model"], "messages": messages, "tools": offered})
        head = f"POST {url.path}/chat/completions HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
        sending_ns = time.monotonic_ns()
        self.socket.sendall((head + body).encode())
        reply = b""
        while not self.is_whole(reply):
            reply += self.socket.recv(1 << 16)
        self.own_turns.append((sending_ns, time.monotonic_ns()))
        return json.loads(reply.partition(b"\r\n\r\n")[2])["choices"][0]["message"]

    def is_whole(self, reply):
        head, end, body = reply.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return bool(end) and len(body) == int(lengths[0])

    def close(self):
        self.socket.close()


def leave_unanswered(url, hello, messages, offered):
    """Asks and hangs up while the mock is stopped, so that no machine is too slow to be gone before the answer."""
    mock = mock_pid()
    impatient = http.client.HTTPConnection(url.hostname, url.port)
    with hanging_up:
        os.kill(mock, signal.SIGSTOP)
        try:
            while state_of(mock) != "T":
                pass
            send(impatient, url, hello, messages, offered)
            impatient.close()
        finally:
            os.kill(mock, signal.SIGCONT)


hanging_up = threading.Lock()


def one_run(hello, tools, run):
    task = hello["scenario"]
    url = urlsplit(hello["base_url"])
    look_around(url)
    offered = [{"type": "function", "function": tool} for tool in task["tools"]]
    if FAKE == "tool-not-offered":
        offered.pop()
    if FAKE == "own-words":
        offered[1]["function"]["parameters"]["properties"]["id"]["description"] = "A key"
    messages = [
        {"role": "system", "content": task["instructions"]},
        {"role": "user", "content": task["prompt"].replace("{run}", str(run))},
    ]
    is_stamped = FAKE == "stamped"
    connection = StampedConnection(url, run) if is_stamped else http.client.HTTPConnection(url.hostname, url.port)
    turn = 0
    while True:
        if FAKE == "new-connections" and turn:
            connection.close()
            connection = http.client.HTTPConnection(url.hostname, url.port)
        if FAKE == "stamped" and turn:
            time.sleep(0.005)
        if FAKE == "retry" and turn == 1:
            # The client loses patience and asks again.
            leave_unanswered(url, hello, messages, offered)
        message = ask(connection, url, hello, messages, offered)
        if FAKE == "extra-call" and turn == 1:
            ask(connection, url, hello, messages, offered)
        turn += 1
        if not message.get("tool_calls"):
            connection.close()
            return message["content"]
        if FAKE == "skip-tools":
            return "an answer from memory"
        messages.append(message)
        for call in message["tool_calls"]:
            result = tools.call(call["function"]["name"], json.loads(call["function"]["arguments"]))
            if FAKE == "wrong-tool-result" and call["function"]["name"] == "word_count":
                result += 1
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": json.dumps(result)})


def write(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


in_flight = 0
counting = threading.Lock()


def count(step):
    global in_flight
    with counting:
        in_flight += step
        return in_flight


def sample(hello, tools, batch, run, intended_ns=None, crowd=None):
    start_ns = intended_ns or time.monotonic_ns()
    if crowd:
        crowd.wait()
    result = {"type": "sample", "batch": batch["batch"], "run": run}
    try:
        # A level above 5 is known by its batch: on a busy machine six runs may never be under way at once.
        if max(count(1), batch["level"]) > 5 and FAKE == "at-most-5":
            raise RuntimeError("more than 5 runs at once")
        if FAKE == "error":
            raise RuntimeError("the fake fails on purpose")
        is_skipped = FAKE == "skips-warm-up" and batch["batch"] < 2
        answer = "made up" if is_skipped else one_run(hello, tools, run)
        if FAKE == "wrong-answer":
            answer += "!"
        if batch["answers"] == "text":
            result["answer"] = answer
        else:
            result["answer_crc32"] = zlib.crc32(answer.encode())
    except Exception as error:
        if FAKE == "swallows":
            result["answer_crc32"] = 0
        else:
            result["error"] = str(error)
    finally:
        count(-1)
    end_ns = time.monotonic_ns()
    if FAKE == "clock-backwards":
        start_ns, end_ns = end_ns, start_ns
    if FAKE == "clock-of-start":
        start_ns = STARTED_NS
    if FAKE == "clock-ahead":
        end_ns += 60_000_000_000
    unit = 1000 if FAKE == "clock-in-us" else 1
    return {**result, "start_ns": start_ns // unit, "end_ns": end_ns // unit}


def leave_family():
    """`hang`: a child, and a grandchild that leaves the process group. Both are there before the batch, whose deadline is
    short."""
    grandchild = "subprocess.Popen(['sleep', '300'], start_new_session=True)"
    child = f"import subprocess, time; {grandchild}; print(flush=True); time.sleep(300)"
    family = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
    family.stdout.readline()
    tell("child", family.pid)


def misbehave():
    """What a fake does instead of its batch."""
    if FAKE == "crash":
        print("the last words of the fake", file=sys.stderr)
        os._exit(7)
    if FAKE == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if FAKE == "garbage":
        print("Welcome to the fake framework!", flush=True)
        time.sleep(60)
    if FAKE == "long-line":
        sys.stdout.write("x" * (100 << 20))
        sys.stdout.flush()
        time.sleep(60)
    if FAKE == "half-line":
        sys.stdout.write('{"type":"sample","batch":')
        sys.stdout.flush()
        time.sleep(300)
    if FAKE == "not-text":
        os.write(1, b"\xff\xfe\n")
        time.sleep(300)
    if FAKE == "close-stdout":
        os.close(1)
        time.sleep(300)
    if FAKE == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    if FAKE == "flood-stderr":
        # 2 GiB: lines, and one line that does not end.
        block = (b"a flood of words that nobody reads" * 1900 + b"\n") * 16
        for _ in range(1 << 10):
            os.write(2, block[: 1 << 20])
        for _ in range(1 << 10):
            os.write(2, b"x" * (1 << 20))
    if FAKE == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(300)
    if FAKE == "burn-process":
        burn(1.0)
    if FAKE == "burn-thread":
        thread = threading.Thread(target=burn, args=(1.0,))
        thread.start()
        thread.join()
    if FAKE == "burn-child":
        code = "import time\nwhile time.process_time() < 1: pass"
        subprocess.run([sys.executable, "-c", code], check=True)
    if FAKE == "burn-grandchild":
        # One that nobody waits for.
        burner = f"""
import os, time
while time.process_time() < 1: pass
note = os.open({DIARY + '/grandchild-cpu-s'!r}, os.O_WRONLY | os.O_CREAT)
os.write(note, str(time.process_time()).encode())
os._exit(0)"""
        orphan = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {burner!r}], start_new_session=True)"
        subprocess.run([sys.executable, "-c", orphan], check=True)
        noted = f"{DIARY}/grandchild-cpu-s"
        while not (os.path.exists(noted) and os.path.getsize(noted)):
            time.sleep(0.01)
    if FAKE == "fork-and-exit":
        # What is left behind holds standard output open.
        subprocess.Popen(["sleep", "300"], start_new_session=True)
        os._exit(0)
    if FAKE == "mock-killer":
        os.kill(mock_pid(), signal.SIGKILL)
    if FAKE == "orphan":
        subprocess.Popen(["sleep", "300"], start_new_session=True)
    if FAKE == "memory":
        hold_and_release(64)
    reach_out()


def main():
    if sys.argv[1:] == ["--version"]:
        print("fake 1.0")
        return
    if FAKE == "deaf":
        time.sleep(300)
    work("import")
    peak_rss_kib()
    edge()
    write({"type": "imported"})
    hello = json.loads(sys.stdin.readline())
    edge()
    data = hello["scenario"]["data"]
    tools = Tools(data.get("papers"))
    work("build")
    peak_rss_kib()
    tell("cpus", ",".join(str(cpu) for cpu in sorted(os.sched_getaffinity(0))))
    if FAKE == "slow-start":
        time.sleep(300)
    if FAKE == "refuse":
        sys.exit("the fake refuses this hello")
    if FAKE == "late":
        time.sleep(0.7)
    look_around(urlsplit(hello["base_url"]))
    if FAKE == "hang":
        leave_family()
    tell("environment", json.dumps(dict(os.environ)))
    edge()
    framework = os.environ.get("FRAMEWORK", "fake")
    ready = {"type": "ready", "framework": framework, "version": "1.0", "runtime": "CPython", "http_client": "http.client"}
    if FAKE == "boaster":
        ready["offers"] = ["streaming", "agent-per-run", "cancellation", "heartbeat", "synthetic-tools"]
    write(ready)
    for line in sys.stdin:
        edge()
        batch = json.loads(line)
        misbehave()
        if batch["batch"] == 0:
            work("first-run")
        samples = []
        runs = list(range(batch["first_run"], batch["first_run"] + batch["runs"]))
        lock = threading.Lock()

        # A burst counts from the batch's beginning; `own-starts` counts from when it comes to a run.
        is_burst = batch["arrival"] == "burst" and FAKE != "own-starts"
        began_ns = time.monotonic_ns() if is_burst else None

        # These have so many in flight, whatever was asked.
        others = {"serial": 1, "pair": 2, "stamped": 1, "over-level": 2 * batch["level"]}
        at_once = others.get(FAKE, batch["level"])
        # `over-level`: in the measured batch no run goes on before there are too many, however busy the machine is.
        is_crowded = FAKE == "over-level" and batch["runs"] % at_once == 0
        crowd = threading.Barrier(at_once if is_crowded else 1)

        def worker(number):
            time.sleep(batch.get("ramp_ms", 0) / 1000 * number / batch["level"])
            while True:
                with lock:
                    if not runs:
                        return
                    run = runs.pop(0)
                samples.append(sample(hello, tools, batch, run, began_ns, crowd))

        def start_at(rate):
            """An open loop; `stalled` comes to its runs half a second late, `stalled-and-silent` says nothing of it."""
            begin_ns = time.monotonic_ns()
            threads = []
            for index, run in enumerate(runs):
                intended_ns = begin_ns + int(index / rate * 1e9)
                if FAKE.startswith("stalled") and index == 1:
                    time.sleep(0.5)
                time.sleep(max(0, intended_ns - time.monotonic_ns()) / 1e9)
                start_ns = None if FAKE == "stalled-and-silent" else intended_ns
                one = lambda run=run, start_ns=start_ns: samples.append(sample(hello, tools, batch, run, start_ns))
                threads.append(threading.Thread(target=one))
                threads[-1].start()
            for thread in threads:
                thread.join()

        workers = [threading.Thread(target=worker, args=(number,)) for number in range(at_once)]
        if isinstance(batch["arrival"], dict):
            start_at(batch["arrival"]["rate"])
            workers = []
        for thread in workers:
            thread.start()
        for thread in workers:
            thread.join()
        if FAKE == "missing-sample":
            samples.pop()
        for one in samples:
            write(one)
        if FAKE == "twice":
            write(samples[0])
        peak_rss_kib()
        edge()
        write({"type": "batch_done", "batch": batch["batch"]})
        tell("runs-done", batch["runs"])
    edge()
    tell("edges-ns", json.dumps({"started": STARTED_NS, "edges": EDGES}))
    tell("peak-rss-kib", peak_rss_kib())
    tell("turns-ns", json.dumps(StampedConnection.turns))
    tell("own-cpu-s", time.process_time())
    tell("cpu-s", cpu_seconds())
    if FAKE.startswith("burn-"):
        # What comes after the note is in no note: no interpreter winds up here.
        os._exit(0)
    if FAKE == "last-word":
        print("Goodbye from the fake framework!")
    if FAKE == "exit-code":
        sys.exit(5)
    if FAKE == "no-exit":
        time.sleep(300)


main()
