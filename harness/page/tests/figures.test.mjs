// What the page works out by itself, against values worked out by hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { csv, markdown } from "../src/copy.ts";
import { bound, carried, memoryOf, nearest, needsOf, timeOf } from "../src/law.ts";
import { front } from "../src/scatter.ts";
import { answer } from "../src/workload.ts";

const needs = { model: 2000, overhead: 10, cpu: 25, inFlight: Infinity };

test("a run takes the longest of three times", () => {
  // Alone; 100 agents of 25 ms on one processor; the same with 10 requests in flight.
  assert.equal(timeOf(needs, 1, 1), 2010);
  assert.equal(timeOf(needs, 100, 1), 2500);
  assert.equal(timeOf(needs, 100, 2), 2010);
  assert.equal(timeOf({ ...needs, inFlight: 10 }, 100, 1), 20_000);
});

test("a process carries what its processors and its client let it", () => {
  assert.deepEqual(carried(needs, 1.25, 1), { agents: 100, limit: "CPU" });
  assert.deepEqual(carried(needs, 1.25, 2), { agents: 200, limit: "CPU" });
  assert.deepEqual(carried({ ...needs, inFlight: 6 }, 1.25, 1), { agents: 7.5, limit: "requests in flight" });
  assert.deepEqual(carried({ ...needs, overhead: 600 }, 1.25, 1), { agents: 0, limit: "its own latency" });
});

const level = (agents, more = {}) => ({ agents, median: 2010, p95: 2020, cpu: 25, memory: 50 + agents / 2, inFlight: agents, ...more });

test("memory is a base and a slope", () => {
  const { base, slope } = memoryOf([level(1), level(10), level(100)]);
  assert.ok(Math.abs(base - 50) < 1e-9 && Math.abs(slope - 0.5) < 1e-9, `${base} ${slope}`);
  // A process that shrinks has no negative memory for an agent.
  assert.equal(memoryOf([level(1, { memory: 90 }), level(100, { memory: 80 })]).slope, 0);
});

test("a client is bounded where it has fewer requests in flight than agents, and time to spare", () => {
  const slow = { median: 20_000, inFlight: 6 };
  assert.equal(bound([level(1), level(100, slow)], 1), 6);
  // A busy processor keeps requests from being made, which is no bound of the client.
  assert.equal(bound([level(1), level(800, { median: 20_000, inFlight: 100 })], 1), Infinity);
  assert.equal(bound([level(1), level(100)], 1), Infinity);
  assert.deepEqual(needsOf([level(1), level(100, slow)], level(100, slow), 2000, 1), { model: 2000, overhead: 10, cpu: 25, inFlight: 6 });
});

test("the nearest level is so by ratio", () => {
  const levels = [level(1), level(10), level(100)];
  assert.equal(nearest(levels, 4).agents, 10);
  assert.equal(nearest(levels, 3).agents, 1);
  assert.equal(nearest(levels, 40).agents, 100);
  assert.equal(nearest([], 40), null);
});

/** A sweep of one row at two levels: 25 ms of CPU time, 50 MiB and half a MiB for each agent. */
function sweep(capacity = null) {
  const column = (value) => ({ cell: [0, 1], value, low: [], high: [], rank: {}, floor: {}, trials: {} });
  const scenario = {
    name: "seed",
    calls: 4,
    model_ms: 2000,
    places: [1, 100].map((level) => ({ case: null, arrival: "closed", level })),
    cells: { row: [0, 0], place: [0, 1] },
    figures: {
      median_ms: column([2010, 2010]),
      p95_ms: column([2020, 2020]),
      cpu_per_run_ms: column([25, 25]),
      peak_rss_bytes: column([50.5, 100]),
      most_in_flight: column([1, 100]),
    },
  };
  return { cpus: 1, rows: [{ name: "row" }], scenarios: [scenario], metrics: [], capacity };
}

const wishes = { agents: 1000, calls: 4, model: 500, p95: 1.25, spare: 0, vcpu: 0.04, gib: 0.005, tokens: 0, price: 0 };
const about = (value, truth) => assert.ok(Math.abs(value / truth - 1) < 1e-9, `${value} is not ${truth}`);

test("a workload needs what its agents, its calls and its model say", () => {
  const data = sweep();
  const found = answer(data, data.scenarios[0], 0, wishes);
  assert.deepEqual([found.agents, found.processes, found.limit], [100, 10, "CPU"]);
  about(found.gib, (10 * 50 + 1000 * 0.5) / 1024);
  about(found.money, 730 * (10 * 0.04 + found.gib * 0.005));
  const of = (changed) => answer(data, data.scenarios[0], 0, { ...wishes, ...changed });
  assert.equal(of({ model: 1000 }).agents, 200, "a slower model lets a process carry more");
  assert.equal(of({ calls: 8 }).agents, 100, "twice the calls take twice the CPU in twice the time");
  assert.equal(of({ spare: 50 }).processes, 20);
  assert.equal(of({ p95: 1.001 }), null, "slower than allowed even alone");
});

test("what a search found is preferred to the law where it searched for what is asked", () => {
  const data = sweep({ scenario: "seed", p95_factor: 1.25, rows: [[0, 50, false]] });
  const of = (changed) => answer(data, data.scenarios[0], 0, { ...wishes, ...changed });
  assert.deepEqual([of({}).agents, of({}).searched, of({}).processes], [100, "50", 20]);
  assert.equal(of({ p95: 2 }).processes, Math.ceil(1000 / 160));
});

test("on the front are those that no other beats", () => {
  const point = (name, cpu, memory) => ({ name, language: "rust", cpu, memory });
  const points = [point("slow", 9, 9), point("small", 5, 1), point("fast", 1, 8), point("middle", 3, 4), point("as fast", 1, 9)];
  assert.deepEqual(front(points).map(({ name }) => name), ["fast", "middle", "small"]);
});

test("what is taken away can be read back", () => {
  assert.equal(csv([["a", 'b "c", d'], ["1,000", "x"]]), 'a,"b ""c"", d"\r\n"1,000",x\r\n');
  assert.equal(markdown([["Name", "ms"], ["a|b", "1"]]), "| Name | ms |\n| --- | ---: |\n| a\\|b | 1 |\n");
});
