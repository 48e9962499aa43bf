// The protocol as the harness sees it: a fake runner's process, its two streams and its exit.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { asAnswer } from "../sample.ts";
import { FAKE_RUNNER, PROGRAM, RUNTIME, batch, hello, lines, read, runFake, serve } from "./harness.ts";

const FEATURES = [
  "streaming",
  "agent-per-run",
  "cancellation",
  "heartbeat",
  "synthetic-tools",
  "many-tools",
  "hold-agents",
];

test("ready carries the installed versions and what is offered", () => {
  const done = runFake(lines(hello()));
  assert.equal(done.status, 0);
  assert.deepEqual(read(done.stdout), [
    { type: "imported", protocol: 2 },
    {
      type: "ready",
      framework: "fake-agent",
      version: "1.2.3",
      runtime: RUNTIME,
      http_client: "fake-http 4.5.0",
      offers: FEATURES,
    },
  ]);
});

test("--version prints one line", () => {
  const done = runFake("", ["--version"]);
  assert.deepEqual([done.status, done.stdout], [0, "fake-agent 1.2.3\n"]);
});

test("an end of input before the hello ends the runner", () => {
  const done = runFake("");
  assert.deepEqual([done.status, read(done.stdout)], [0, [{ type: "imported", protocol: 2 }]]);
});

test("stray output goes to the log, whichever way it takes", () => {
  const done = runFake(lines(hello(), batch()));
  const types = new Set(read(done.stdout).map(({ type }) => type));
  assert.deepEqual([...types], ["imported", "ready", "sample", "batch_done"]);
  for (const stray of ["a banner at import", "a stray line", "and one past process.stdout"]) {
    assert.ok(done.stderr.includes(stray), stray);
  }
});

test("stray output goes to the log if standard output is a pipe, as the harness gives it", () => {
  const piped = '"$@" 2> /dev/null | cat';
  const input = lines(hello(), batch({ runs: 1 }));
  const stdout = execFileSync("sh", ["-c", piped, "sh", PROGRAM, ...FAKE_RUNNER], { input, encoding: "utf8" });
  assert.deepEqual(read(stdout).map(({ type }) => type), ["imported", "ready", "sample", "batch_done"]);
});

test("what is printed goes to the log if standard output is a socket too", async () => {
  const fake = spawn(PROGRAM, FAKE_RUNNER);
  fake.stdin.end(lines(hello()));
  const [stdout, stderr] = await Promise.all([text(fake.stdout), text(fake.stderr)]);
  assert.deepEqual(read(stdout).map(({ type }) => type), ["imported", "ready"]);
  assert.match(stderr, /a banner at import/);
});

test("a second batch follows the first", () => {
  const { samples } = serve(hello(), batch(), batch({ batch: 2, first_run: 4 }));
  const batches = samples.filter(({ type }) => type === "sample").map((sample) => sample.batch);
  assert.deepEqual(batches, [1, 1, 1, 1, 2, 2, 2, 2]);
});

test("an agent is built once for all runs, or once for each", () => {
  const texts = { runs: 3, level: 1, answers: "text" };
  const shared = serve(hello("count"), batch(texts)).samples.map(({ answer }) => answer);
  assert.deepEqual(shared, Array(3).fill("built 1 agents 1"));
  const own = serve(hello("count", { agent: "per-run" }), batch(texts)).samples.map(({ answer }) => answer);
  assert.deepEqual(own, ["built 1 agents 1", "built 1 agents 2", "built 1 agents 3"]);
});

test("runs take the held agents in turn", () => {
  const held = serve(hello("x", { agents: 3 }), batch({ first_run: 5, runs: 4, answers: "text" }));
  const answers = held.samples.map(({ answer }) => answer);
  assert.deepEqual(answers, ["agent 3", "agent 1", "agent 2", "agent 3"]);
});

test("an answer of a structure has its fields in alphabetical order", () => {
  assert.equal(asAnswer({ words: 5, title: "é", topics: ["b", "a"] }), '{"title":"é","topics":["b","a"],"words":5}');
});

test("the runner is told to stream", () => {
  const { samples } = serve(hello("prompt", { stream: true }), batch({ runs: 1, answers: "text" }));
  assert.equal(samples[0]?.answer, "streamed prompt");
});

test("what is not offered is not built, and no failure", () => {
  const scenario = { ...(hello()["scenario"] as object), tools: [{ name: "wait" }, { name: "unknown to the fake" }] };
  const handoff = { name: "writer", description: "", instructions: "" };
  const more = [{ agents: 2 }, { output: { name: "o", schema: {} } }, { tracing: "http://127.0.0.1:9" }, { handoff }];
  for (const needs of [{ stream: true }, { agent: "per-run" }, ...more, { scenario }]) {
    const done = runFake(lines(hello("prompt", needs)), [], { FAKE_OFFERS: "none" });
    assert.equal(done.status, 0, done.stderr);
    const [, ready] = read(done.stdout) as unknown as { type: string; offers: string[] }[];
    assert.deepEqual([ready?.type, ready?.offers], ["ready", []]);
  }
});

test("what can't be served ends the runner with its reason", () => {
  const scenario = hello()["scenario"] as object;
  const cases: [string, string][] = [
    [lines(hello("", { protocol: 3 })), "speaks protocol 1 to 2, not 3"],
    [lines(hello("", { scenario: { ...scenario, tools: [{ name: "other" }] } })), "tools this runner lacks: other"],
    [lines(hello("", { scenario: {} })), "a scenario without a proper name, instructions"],
    [lines(hello("", { api: "telepathy" })), "a hello without a proper api"],
    [lines(batch()), 'expected a hello, got "batch"'],
    ["no json\n", 'expected a hello, got "no json"'],
    ["[]\n", "expected a hello, got []"],
    [lines(hello(), { type: "batch" }), "a batch without a proper batch, first_run"],
    [lines(hello(), batch({ arrival: { rate: 0 } })), "a batch without a proper arrival"],
  ];
  for (const [stdin, reason] of cases) {
    const done = runFake(stdin);
    assert.equal(done.status, 1);
    assert.ok(done.stderr.includes(reason), `${reason} is not in ${done.stderr}`);
  }
  for (const needs of [{ cancel_after_ms: 10 }, { heartbeat: true }]) {
    const done = runFake(lines(hello(), batch(needs)), [], { FAKE_OFFERS: "none" });
    assert.equal(done.status, 1);
    assert.match(done.stderr, /this runner does not offer/);
  }
});

test("a refusal does not wait for the end of input", async () => {
  const fake = spawn(PROGRAM, FAKE_RUNNER, { stdio: ["pipe", "ignore", "ignore"] });
  fake.stdin?.write("no json\n");
  assert.deepEqual(await once(fake, "exit"), [1, null]);
});
