// The law of a closed loop, held against models that are faster and slower than the one by which it was fitted.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { needsOf, timeOf } from "../src/law.ts";

/** Where model calls took 500 ms, four in a run. */
const FITTED = { folder: "2026-11-22T220449Z", model: 2000 };
/** Where they took 200 and 2,000 ms. */
const HELD = "2026-11-27T183726Z";
/** The processors of the runners, in both. */
const CORES = 1;

/** A comma that is not between quotes. */
const COMMA = /,(?=(?:[^"]*"[^"]*")*[^"]*$)/;

/** The lines of a summary as objects. */
function summary(folder) {
  const file = new URL(`../../../results/${folder}/summary.csv`, import.meta.url);
  const [head, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => line.split(COMMA));
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

/** What a sweep says of its own cells with 50 agents or more: the measured p95 over the law's time, sorted. */
function errorsOf(folder) {
  const info = JSON.parse(readFileSync(new URL(`../../../results/${folder}/run.json`, import.meta.url), "utf8"));
  const scenarios = info.scenarios ?? [info.scenario];
  const cores = info.pinning ? CORES : info.machine.cpus;
  const rows = new Map();
  for (const cell of summary(folder)) {
    if (cell.arrival !== "closed" || cell.case !== "" || cell.cpu_per_run_ms === "") continue;
    const key = [cell.framework, cell.variant, cell.scenario].join();
    rows.set(key, [...(rows.get(key) ?? []), cell]);
  }
  const ratios = [...rows.values()].flatMap((cells) => {
    const { model_time_ms } = scenarios.find(({ name }) => name === cells[0].scenario);
    const levels = cells.map(level).sort((one, other) => one.agents - other.agents);
    if (levels.length < 2) return [];
    const many = levels.filter(({ agents }) => agents >= 50);
    return many.map((one) => one.p95 / timeOf(needsOf(levels, one, model_time_ms, cores), one.agents, cores));
  });
  return { isPinned: cores === CORES, ratios: ratios.sort((one, other) => one - other) };
}

test("in every committed sweep the law is a bound, and near what was measured where a runner has one processor", () => {
  const results = new URL("../../../results/", import.meta.url);
  const folders = readdirSync(results).filter((folder) => existsSync(new URL(`${folder}/summary.csv`, results)));
  const held = folders.map((folder) => [folder, errorsOf(folder)]).filter(([, { ratios }]) => ratios.length > 0);
  assert.ok(held.length >= 2, folders.join());
  for (const [folder, { isPinned, ratios }] of held) {
    assert.ok(ratios[0] > 0.85, `${folder}: ${ratios[0]}`);
    // A process that can't use its second processor takes up to twice as long, and its queue longer.
    const [median, most] = [ratios[Math.floor(ratios.length / 2)], ratios.at(-1)];
    assert.ok(median < 1.05 && most < (isPinned ? 1.4 : 3), `${folder}: ${median}, ${most}`);
  }
});
