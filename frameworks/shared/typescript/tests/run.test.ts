// When the runs of a batch start and end, and what their samples say.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { nextBeatNs } from "../heartbeat.ts";
import { batch, hello, mostInFlight, serve } from "./harness.ts";

const MS = 1_000_000n;

test("a digest is zlib's CRC-32 of the answer", () => {
  const { samples } = serve(hello(), batch({ first_run: 40 }));
  assert.deepEqual(samples.map(({ run }) => run), [40, 41, 42, 43]);
  for (const sample of samples) {
    assert.equal(sample.answer_crc32, crc32(`PROMPT ${sample.run}`));
    assert.ok(sample.start_ns < sample.end_ns);
    assert.ok(!("answer" in sample));
  }
});

test("an answer can be told in full", () => {
  const { samples } = serve(hello("Grüße {run}"), batch({ runs: 1, answers: "text" }));
  assert.equal(samples[0]?.answer, "GRÜSSE 0");
  assert.ok(!("answer_crc32" in samples[0]!));
});

test("closed arrival keeps the level in flight", () => {
  // Each run waits until there are three.
  const { samples } = serve(hello("together 3"), batch({ runs: 9, level: 3 }));
  assert.equal(mostInFlight(samples), 3);
});

test("the workers of a closed loop start over its ramp", () => {
  // Each run waits for the fourth, so none is a worker's second. The batch begins when the one before it has ended.
  const batches = [batch({ runs: 4, level: 4 }), batch({ batch: 2, runs: 4, level: 4, ramp_ms: 1200 })];
  const samples = serve(hello("together 4"), ...batches).samples.filter(({ type }) => type === "sample");
  const endedNs = samples.slice(0, 4).reduce((last, { end_ns }) => (end_ns > last ? end_ns : last), 0n);
  const starts = samples.slice(4).map(({ start_ns }) => start_ns).sort((a, b) => Number(a - b));
  assert.equal(starts.length, 4);
  starts.forEach((startNs, worker) => assert.ok(startNs - endedNs >= BigInt(worker) * 300n * MS, `worker ${worker}`));
});

test("burst arrival starts everything at once", () => {
  // Each run waits for the ninth.
  const { samples } = serve(hello("together 9"), batch({ runs: 9, level: 1, arrival: "burst", answers: "text" }));
  assert.deepEqual(samples.map(({ answer }) => answer), Array(9).fill("TOGETHER 9"));
});

test("every run of a burst counts from the batch's beginning", () => {
  const { samples } = serve(hello("called"), batch({ runs: 5, level: 1, arrival: "burst", answers: "text" }));
  const beganNs = samples[0]!.start_ns;
  for (const { start_ns, answer } of samples) {
    assert.equal(start_ns, beganNs);
    assert.ok(beganNs <= BigInt(answer!));
  }
});

test("rate arrival stamps the intended start, and no run ends before it", () => {
  const { samples } = serve(hello(), batch({ runs: 5, level: 1, arrival: { rate: 200 } }));
  const first = samples[0]!.start_ns;
  assert.deepEqual(samples.map(({ start_ns }) => start_ns - first), [0n, 5n * MS, 10n * MS, 15n * MS, 20n * MS]);
  for (const { start_ns, end_ns } of samples) assert.ok(end_ns - start_ns >= 19n * MS, `${end_ns - start_ns} ns`);
});

test("rate arrival does not drift when the runs block the event loop", () => {
  const { samples } = serve(hello("block"), batch({ runs: 4, arrival: { rate: 100 } }));
  const first = samples[0]!.start_ns;
  assert.deepEqual(samples.map(({ start_ns }) => start_ns - first), [0n, 10n * MS, 20n * MS, 30n * MS]);
  // Four runs that block for 100 ms each: the last one waits for those before it, from its intended start on.
  assert.ok(samples[3]!.end_ns - samples[3]!.start_ns >= 370n * MS);
});

test("a batch of no runs is done at once", () => {
  for (const arrival of ["closed", "burst", { rate: 1 }]) {
    assert.deepEqual(serve(hello(), batch({ runs: 0, arrival })).samples, []);
  }
});

test("a failed run carries a short error and the others go on", () => {
  const { samples } = serve(hello("failure {run}"), batch());
  assert.equal(samples.length, 4);
  for (const sample of samples) {
    assert.ok(sample.error?.startsWith("RangeError: no answer to failure"));
    assert.equal(sample.error?.length, 300);
    assert.ok(!("answer" in sample) && !("answer_crc32" in sample));
  }
});

test("an error may be no Error", () => {
  assert.equal(serve(hello("text thrown"), batch({ runs: 1 })).samples[0]?.error, "just a text");
});

test("an error is JSON for other languages too", () => {
  const { samples } = serve(hello("failure \ud800"), batch({ runs: 1 }));
  assert.match(samples[0]?.error ?? "", /failure \ufffd /);
});

test("an answer that is no text is an error", () => {
  const { samples } = serve(hello("number"), batch({ runs: 1 }));
  assert.equal(samples[0]?.error, "TypeError: the answer is of type number, not a text");
});

test("a run is cancelled after its time, and no error", () => {
  const { samples } = serve(hello("forever"), batch({ cancel_after_ms: 50 }));
  for (const sample of samples) {
    assert.equal(sample.cancelled, true);
    assert.ok(sample.end_ns - sample.start_ns >= 50n * MS);
    assert.ok(!("error" in sample) && !("answer_crc32" in sample));
  }
});

test("a run that ends before its cancellation has an answer", () => {
  const { samples } = serve(hello(), batch({ cancel_after_ms: 3_600_000 }));
  for (const sample of samples) assert.equal(sample.answer_crc32, crc32(`PROMPT ${sample.run}`));
});

test("a run that does not listen is cancelled when it gives control back", () => {
  const { samples } = serve(hello("deaf"), batch({ runs: 1, cancel_after_ms: 10 }));
  assert.equal(samples[0]?.cancelled, true);
  assert.ok(samples[0].end_ns - samples[0].start_ns >= 98n * MS);
});

test("an abort that nobody asked for is the framework's own failure", () => {
  const { samples } = serve(hello("aborted by the framework"), batch({ cancel_after_ms: 3_600_000 }));
  assert.deepEqual(new Set(samples.map(({ error }) => error)), new Set(["DOMException: by the framework"]));
});

test("a heartbeat tells of a blocked event loop", () => {
  const { done } = serve(hello("block"), batch({ runs: 3, level: 1, heartbeat: true }));
  const late = done.heartbeat_late_us!;
  assert.ok(Math.max(...late) >= 80_000, `at most ${Math.max(...late)} µs late`);
  assert.ok(!("heartbeat_late_us" in serve(hello(), batch()).done));
});

test("beats are multiples of 10 ms, and missed ones are not made up for", () => {
  const beganNs = 1_000_003n;
  for (const [now, due] of [[0n, 10n], [9n, 10n], [10n, 20n], [47n, 50n]] as const) {
    assert.equal(nextBeatNs(beganNs, beganNs + now * MS), beganNs + due * MS);
  }
});

test("the clock is that of other processes", () => {
  const ask = "import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC))";
  const now = () => BigInt(execFileSync("python3", ["-c", ask], { encoding: "utf8" }).trim());
  const before = now();
  const sample = serve(hello(), batch({ runs: 1 })).samples[0]!;
  assert.ok(before < sample.start_ns && sample.start_ns < sample.end_ns && sample.end_ns < now());
});

test("computing takes its time of the processor, whatever the runtime", () => {
  const { samples } = serve(hello("compute"), batch({ runs: 1, answers: "text" }));
  assert.ok(Number(samples[0]?.answer) >= 30_000, samples[0]?.answer);
});
