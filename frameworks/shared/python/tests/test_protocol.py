"""The protocol as the harness sees it: a fake runner's process, its two streams and its exit."""

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import zlib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import loopmark_heartbeat

FAKE_RUNNER = Path(__file__).with_name("fake_runner.py")
# No machine is that busy: what has not ended by then never will.
HANGS_AFTER_S = 600


def hello(prompt: str = "prompt {run}", **changes: Any) -> dict[str, Any]:
    scenario = {
        "name": "fake",
        "instructions": "",
        "prompt": prompt,
        "tools": [{"name": "ask", "description": "", "parameters": {}}],
        "data": {},
        "max_turns": 10,
        "a-field-of-a-newer-harness": 1,
    }
    message = {
        "type": "hello",
        "protocol": 1,
        "base_url": "http://127.0.0.1:9/v1",
        "api": "chat-completions",
        "model": "fake",
        "scenario": scenario,
    }
    return message | changes


def batch(**changes: Any) -> dict[str, Any]:
    message = {
        "type": "batch",
        "batch": 1,
        "first_run": 0,
        "runs": 4,
        "level": 2,
        "arrival": "closed",
        "answers": "digest",
    }
    return message | changes


def lines(*messages: dict[str, Any]) -> str:
    return "".join(json.dumps(message) + "\n" for message in messages)


class ProtocolTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, version in (("fake_agent", "1.2.3"), ("fake_http", "4.5")):
            info = Path(folder.name, f"{name}-{version}.dist-info")
            info.mkdir()
            metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            (info / "METADATA").write_text(metadata)
        self.environment = os.environ | {"PYTHONPATH": folder.name}

    def run_fake(
        self, stdin: str, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(FAKE_RUNNER), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment | environment,
            timeout=HANGS_AFTER_S,
            check=False,
        )

    def samples(self, *messages: dict[str, Any]) -> list[dict[str, Any]]:
        """What the runner wrote between `ready` and the last `batch_done`."""
        written = self.written(*messages)
        last = {"type": "batch_done", "batch": messages[-1]["batch"]}
        self.assertEqual(written[-1], last)
        return written[:-1]

    def written(self, *messages: dict[str, Any]) -> list[dict[str, Any]]:
        """What the runner wrote after `ready`."""
        done = self.run_fake(lines(*messages))
        self.assertEqual(done.returncode, 0, done.stderr)
        written = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["type"] for line in written[:2]], ["imported", "ready"])
        return written[2:]

    def test_ready_carries_the_installed_versions(self) -> None:
        done = self.run_fake(lines(hello()))
        imported, ready = (json.loads(line) for line in done.stdout.splitlines())
        self.assertEqual(imported, {"type": "imported", "protocol": 2})
        self.assertEqual(done.returncode, 0)
        self.assertEqual(ready.pop("runtime").split()[1], sys.version.split()[0])
        self.assertEqual(
            ready,
            {
                "type": "ready",
                "framework": "fake-agent",
                "version": "1.2.3",
                "http_client": "fake-http 4.5",
                "offers": [
                    "streaming",
                    "agent-per-run",
                    "cancellation",
                    "heartbeat",
                    "synthetic-tools",
                    "many-tools",
                    "hold-agents",
                ],
            },
        )

    def test_version_prints_one_line(self) -> None:
        done = self.run_fake("", "--version")
        self.assertEqual((done.returncode, done.stdout), (0, "fake-agent 1.2.3\n"))

    def test_stray_output_goes_to_the_log(self) -> None:
        done = self.run_fake(lines(hello(), batch()))
        for line in done.stdout.splitlines():
            known = ("imported", "ready", "sample", "batch_done")
            self.assertIn(json.loads(line)["type"], known)
        for stray in ("a banner at import", "a stray line", "and one past sys.stdout"):
            self.assertIn(stray, done.stderr)

    def test_a_digest_is_zlibs_crc32_of_the_answer(self) -> None:
        samples = self.samples(hello(), batch(first_run=40))
        self.assertEqual(sorted(s["run"] for s in samples), [40, 41, 42, 43])
        for sample in samples:
            answer = f"PROMPT {sample['run']}".encode()
            self.assertEqual(sample["answer_crc32"], zlib.crc32(answer))
            self.assertLess(sample["start_ns"], sample["end_ns"])
            self.assertNotIn("answer", sample)

    def test_an_answer_can_be_told_in_full(self) -> None:
        samples = self.samples(hello("Grüße {run}"), batch(runs=1, answers="text"))
        self.assertEqual(samples[0]["answer"], "GRÜSSE 0")
        self.assertNotIn("answer_crc32", samples[0])

    def test_a_second_batch_follows_the_first(self) -> None:
        samples = self.samples(hello(), batch(), batch(batch=2, first_run=4))
        self.assertEqual([s["batch"] for s in samples if s["type"] == "sample"], [1] * 4 + [2] * 4)

    def test_closed_arrival_keeps_the_level_in_flight(self) -> None:
        # Each run waits until there are three.
        samples = self.samples(hello("together 3"), batch(runs=9, level=3))
        self.assertEqual(most_in_flight(samples), 3)

    def test_the_workers_of_a_closed_loop_start_over_its_ramp(self) -> None:
        # Each run waits for the fourth, so none is a worker's second. The batch begins when the
        # one before it has ended.
        before = batch(runs=4, level=4)
        ramped = batch(batch=2, runs=4, level=4, ramp_ms=1200)
        *_, last, done, first, second, third, fourth = self.samples(
            hello("together 4"), before, ramped
        )
        self.assertEqual((done["type"], last["batch"], first["batch"]), ("batch_done", 1, 2))
        starts = sorted(s["start_ns"] for s in (first, second, third, fourth))
        for worker, start_ns in enumerate(starts):
            self.assertGreaterEqual(start_ns - last["end_ns"], worker * 300_000_000)

    def test_burst_arrival_starts_everything_at_once(self) -> None:
        # Each run waits for the ninth.
        burst = batch(runs=9, level=1, arrival="burst", answers="text")
        samples = self.samples(hello("together 9"), burst)
        self.assertEqual([s["answer"] for s in samples], ["TOGETHER 9"] * 9)

    def test_every_run_of_a_burst_counts_from_the_batchs_beginning(self) -> None:
        burst = batch(runs=5, level=1, arrival="burst", answers="text")
        samples = self.samples(hello("called"), burst)
        began_ns = samples[0]["start_ns"]
        for sample in samples:
            self.assertEqual(sample["start_ns"], began_ns)
            self.assertLess(began_ns, int(sample["answer"]))

    def test_rate_arrival_stamps_the_intended_start(self) -> None:
        samples = self.samples(hello(), batch(runs=5, level=1, arrival={"rate": 200.0}))
        starts = [s["start_ns"] for s in samples]
        self.assertEqual([later - starts[0] for later in starts], [i * 5_000_000 for i in range(5)])

    def test_a_blocking_agent_gets_a_thread_for_each_run_in_flight(self) -> None:
        closed = self.samples(hello("together 3", model="blocking"), batch(runs=6, level=3))
        self.assertEqual(most_in_flight(closed), 3)
        burst = batch(runs=6, level=1, arrival="burst")
        self.assertEqual(len(self.samples(hello("together 6", model="blocking"), burst)), 6)

    def test_a_failed_run_carries_a_short_error_and_the_others_go_on(self) -> None:
        samples = self.samples(hello("failure {run}"), batch())
        self.assertEqual(len(samples), 4)
        for sample in samples:
            self.assertTrue(sample["error"].startswith("RuntimeError: no answer to failure"))
            self.assertEqual(len(sample["error"]), 300)
            self.assertFalse({"answer", "answer_crc32"} & sample.keys())

    def test_an_error_is_json_for_other_languages_too(self) -> None:
        sample = self.samples(hello("failure \ud800"), batch(runs=1))[0]
        self.assertIn("failure ? ", sample["error"])

    def test_an_answer_that_is_no_text_is_an_error(self) -> None:
        sample = self.samples(hello("number"), batch(runs=1))[0]
        self.assertEqual(sample["error"], "TypeError: the answer is a int, not a text")

    def test_a_cancellation_inside_the_framework_fails_its_run_only(self) -> None:
        samples = self.samples(hello("cancelled"), batch())
        self.assertEqual({s["error"] for s in samples}, {"CancelledError: by the framework"})

    def test_what_cannot_be_served_ends_the_runner_with_its_reason(self) -> None:
        other_tool = hello()["scenario"] | {"tools": [{"name": "other"}]}
        for stdin, reason in (
            (lines(hello(protocol=3)), "speaks protocol 1 to 2, not 3"),
            (lines(hello(scenario=other_tool)), "wants tools this runner lacks: other"),
            (lines({"type": "hello", "protocol": 1, "scenario": {}}), "a task without name"),
            (lines(batch()), "expected a hello, got a batch"),
            ("no json\n", "expected a hello"),
            (lines(hello(), {"type": "batch"}), "a batch without batch, first_run"),
            (lines(hello(), batch(arrival="now")), "at a rate, not 'now'"),
            (lines(hello(), batch(arrival={"rate": 0})), "at a rate, not {'rate': 0}"),
            (lines(hello(), batch(answers="none")), "text or digest, not 'none'"),
            (lines(hello(), batch(runs="many")), "a batch whose runs is 'many'"),
            (lines(hello(agent="forever")), "shared or per-run, not 'forever'"),
            (lines(hello(scenario=7)), "a hello whose scenario is 7"),
            (lines(hello(), hello()), "expected a batch, got a hello"),
        ):
            with self.subTest(reason):
                done = self.run_fake(stdin)
                self.assertEqual(done.returncode, 1)
                self.assertIn(reason, done.stderr)

    def test_an_agent_of_all_runs_is_built_once(self) -> None:
        samples = self.samples(hello(model="agents"), batch(answers="text"))
        self.assertEqual({s["answer"] for s in samples}, {"agent 1, streams: False"})

    def test_an_agent_per_run_is_built_by_its_run(self) -> None:
        per_run = hello(model="agents", agent="per-run", stream=True)
        samples = self.samples(per_run, batch(answers="text"))
        answers = sorted(s["answer"] for s in samples)
        self.assertEqual(answers, [f"agent {n}, streams: True" for n in range(1, 5)])

    def test_a_blocking_agent_can_be_built_per_run_too(self) -> None:
        samples = self.samples(hello(model="blocking", agent="per-run"), batch(answers="text"))
        self.assertEqual(sorted(s["answer"] for s in samples), [f"PROMPT {n}" for n in range(4)])

    def test_a_run_is_cancelled_after_its_time(self) -> None:
        for prompt in ("long {run}", "wrap {run}", "stubborn {run}"):
            with self.subTest(prompt):
                for sample in self.samples(hello(prompt), batch(cancel_after_ms=100)):
                    self.assertIs(sample["cancelled"], True)
                    self.assertFalse({"answer", "answer_crc32", "error"} & sample.keys())
                    lasted_ms = (sample["end_ns"] - sample["start_ns"]) / 1e6
                    self.assertGreaterEqual(lasted_ms, 100)

    def test_a_run_that_ends_before_its_time_is_not_cancelled(self) -> None:
        for prompt, wanted in (("prompt {run}", "answer_crc32"), ("failure {run}", "error")):
            for sample in self.samples(hello(prompt), batch(cancel_after_ms=3_600_000)):
                self.assertIn(wanted, sample)
                self.assertNotIn("cancelled", sample)

    def test_the_time_to_cancellation_counts_from_the_intended_start(self) -> None:
        at_once = batch(runs=2, arrival={"rate": 1000.0}, cancel_after_ms=100)
        # The first run blocks the event loop past the time of both. The second one would end in
        # time if it had 100 ms from when the event loop comes to it.
        samples = self.samples(hello("brief {run}"), at_once)
        self.assertEqual([s.get("cancelled") for s in samples], [True, True])

    def test_a_heartbeat_is_told_in_microseconds(self) -> None:
        before_ns = time.monotonic_ns()
        *_, done = self.written(hello("prompt"), batch(runs=10, level=1, heartbeat=True))
        took_us = (time.monotonic_ns() - before_ns) // 1000
        late_us = done["heartbeat_late_us"]
        # Ten runs of 20 ms one after another: in each, a beat is due before the run's own timer.
        self.assertGreaterEqual(len(late_us), 10)
        self.assertTrue(all(0 <= late < took_us for late in late_us), late_us)

    def test_a_blocked_event_loop_shows_in_its_heartbeat_once(self) -> None:
        *_, done = self.written(hello("block"), batch(runs=1, level=1, heartbeat=True))
        late_us = done["heartbeat_late_us"]
        # Blocked for 200 ms from before the first beat, which is due after 10.
        self.assertGreaterEqual(late_us[0], 190_000)

    def test_beats_are_multiples_of_ten_ms_and_missed_ones_are_not_made_up_for(self) -> None:
        began, ms = 1_000_003, 1_000_000
        for now, due in ((0, 10), (9.999, 10), (10, 20), (47, 50), (209.9, 210)):
            next_ns = loopmark_heartbeat.next_beat_ns(began, began + int(now * ms))
            self.assertEqual(next_ns, began + due * ms)

    def test_a_hello_that_asks_for_more_than_is_offered_builds_nothing(self) -> None:
        wait = {"name": "wait", "description": "", "parameters": {}}
        with_wait = hello()["scenario"] | {"tools": [wait]}
        output = {"name": "o", "schema": {}}
        for more in (
            {"stream": True},
            {"agent": "per-run"},
            {"agents": 2},
            {"output": output},
            {"tracing": "http://127.0.0.1:9/sink"},
            {"handoff": {"name": "writer"}},
            {"scenario": with_wait},
        ):
            with self.subTest(more):
                asks = hello(model="unbuildable", **more)
                done = self.run_fake(lines(asks), FAKE_OFFERS="cancellation")
                self.assertEqual(done.returncode, 0, done.stderr)
                ready = json.loads(done.stdout.splitlines()[-1])
                self.assertEqual((ready["type"], ready["offers"]), ("ready", ["cancellation"]))
                refused = self.run_fake(lines(asks, batch()), FAKE_OFFERS="cancellation")
                self.assertEqual(refused.returncode, 1)
                self.assertIn("this runner does not offer", refused.stderr)

    def test_runs_take_the_held_agents_in_turn(self) -> None:
        samples = self.samples(hello(model="agents", agents=3), batch(first_run=5, answers="text"))
        numbers = [sample["answer"].split(",")[0] for sample in samples]
        self.assertEqual(numbers, ["agent 3", "agent 1", "agent 2", "agent 3"])

    def test_what_is_offered_can_depend_on_the_hello(self) -> None:
        done = self.run_fake(lines(hello(api="responses")))
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["offers"], [])

    def test_a_batch_that_asks_for_more_than_is_offered_is_refused(self) -> None:
        for more, lacking in (
            ({"cancel_after_ms": 1}, "cancellation"),
            ({"heartbeat": True}, "heartbeat"),
        ):
            done = self.run_fake(lines(hello(), batch(**more)), FAKE_OFFERS="streaming")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"this runner does not offer {lacking}", done.stderr)

    def test_the_runs_are_done_on_asyncios_own_loop(self) -> None:
        ready, answer = self.on_a_loop()
        self.assertEqual(answer, "asyncio.unix_events, uvloop not loaded")
        self.assertNotIn("uvloop", ready["runtime"])

    @unittest.skipUnless(importlib.util.find_spec("uvloop"), "uvloop is not installed")
    def test_the_runs_are_done_on_uvloops_loop_if_it_is_asked_for(self) -> None:
        ready, answer = self.on_a_loop(ON_UVLOOP="1")
        self.assertEqual(answer, "uvloop, uvloop loaded")
        version = importlib.metadata.version("uvloop")
        self.assertTrue(ready["runtime"].endswith(f" with uvloop {version}"), ready["runtime"])

    def on_a_loop(self, **environment: str) -> tuple[dict[str, Any], str]:
        """What the runner said of itself, and its run of the loop that it was done on."""
        asks = lines(hello("loop"), batch(runs=1, answers="text"))
        done = self.run_fake(asks, **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        _, ready, sample, _ = (json.loads(line) for line in done.stdout.splitlines())
        return ready, sample["answer"]

    def test_imported_does_not_wait_for_the_hello(self) -> None:
        fake = subprocess.Popen(
            [sys.executable, str(FAKE_RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        with fake:
            self.assertEqual(fake.stdout.readline(), b'{"type":"imported","protocol":2}\n')
            fake.stdin.close()
            self.assertEqual(fake.wait(timeout=HANGS_AFTER_S), 0)

    def test_a_refusal_does_not_wait_for_the_end_of_input(self) -> None:
        fake = subprocess.Popen(
            [sys.executable, str(FAKE_RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        with fake:
            fake.stdin.write(b"no json\n")
            fake.stdin.flush()
            self.assertEqual(fake.wait(timeout=HANGS_AFTER_S), 1)

    def test_the_clock_is_the_standard_librarys(self) -> None:
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        sample = self.samples(hello(), batch(runs=1))[0]
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        self.assertTrue(before < sample["start_ns"] < sample["end_ns"] < after)


def most_in_flight(samples: list[dict[str, Any]]) -> int:
    """How many runs overlapped at the busiest moment."""
    edges = [(s["start_ns"], 1) for s in samples] + [(s["end_ns"], -1) for s in samples]
    level = most = 0
    for _, step in sorted(edges):
        level += step
        most = max(most, level)
    return most


if __name__ == "__main__":
    unittest.main()
