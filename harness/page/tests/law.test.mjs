// The law of a closed loop, held against models that are faster and slower than the one by which it was fitted.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { needsOf, timeOf } from "../src/law.ts";

/** Where model calls took 500 ms, four in a run. */
const FITTED = { folder: "2026-11-22T220449Z", model: 2000 };
/** Where they took 200 and 2,000 ms. */
const HELD = "2026-11-27T170841Z";
/** The processors of the runners, in both. */
const CORES = 1;

/** The lines of a summary as objects; none of its fields has a comma or a quote. */
function summary(folder) {
  const file = new URL(`../../../results/${folder}/summary.csv`, import.meta.url);
  const [head, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => line.split(","));
  return lines.map((line) => {
    assert.equal(line.length, head.length, line.join());
    return Object.fromEntries(head.map((name, place) => [name, line[place]]));
  });
}

const level = (cell) => ({
  agents: Number(cell.level),
  median: Number(cell.median_ms),
  p95: Number(cell.p95_ms),
  cpu: Number(cell.cpu_per_run_ms),
  memory: Number(cell.peak_rss_bytes),
  inFlight: Number(cell.most_in_flight),
});

test("what a sweep at 500 ms says of models of 200 and 2,000 ms is within a quarter of what was measured", () => {
  const fitted = summary(FITTED.folder).filter(({ arrival, variant }) => arrival === "closed" && variant === "default");
  const ratios = summary(HELD).map((cell) => {
    const levels = fitted.filter(({ framework }) => framework === cell.framework).map(level);
    levels.sort((one, other) => one.agents - other.agents);
    const measured = level(cell);
    const same = levels.find(({ agents }) => agents === measured.agents);
    const { overhead, cpu, inFlight } = needsOf(levels, same, FITTED.model, CORES);
    const model = { "200-ms": 800, "2000-ms": 8000 }[cell.case];
    return measured.p95 / timeOf({ model, overhead, cpu, inFlight }, measured.agents, CORES);
  });
  ratios.sort((one, other) => one - other);
  assert.equal(ratios.length, 24);
  assert.ok(ratios[0] > 0.75 && ratios.at(-1) < 1.25, ratios.join(" "));
  const median = (ratios[11] + ratios[12]) / 2;
  assert.ok(Math.abs(median - 1) < 0.01, String(median));
});
