/**
 * How many agents a process carries, and how long a run takes: the law of a closed loop.
 *
 * A run can't be shorter than the model's own time and what the row adds to it alone; nor than its share of the
 * processors (utilization law); nor than its share of the requests that the client lets be in flight (Little's law). Its
 * time is the largest of the three. Source: Denning and Buzen, "The Operational Analysis of Queueing Network Models",
 * ACM Computing Surveys 10 (3), 1978.
 */

import type { Scenario } from "./data.ts";
import { figureOf } from "./data.ts";

/** What a row needs for a run. Times are in ms. */
export interface Needs {
  /** The model's own time. */
  model: number;
  /** What the row adds when it runs alone. */
  overhead: number;
  /** CPU time. */
  cpu: number;
  /** Requests that its client lets be in flight; infinite without a bound. */
  inFlight: number;
}

/** The time of a run in ms, with so many agents at once on so many processors. */
export function timeOf(needs: Needs, agents: number, cores: number): number {
  return Math.max(needs.model + needs.overhead, (agents * needs.cpu) / cores, (agents * needs.model) / needs.inFlight);
}

/** What ends a row's capacity. */
export type Limit = "CPU" | "requests in flight" | "its own latency";

/** How many agents at once a process carries while a run takes at most `factor` times the model's own time. */
export function carried(needs: Needs, factor: number, cores: number): { agents: number; limit: Limit } {
  if (needs.model + needs.overhead > factor * needs.model) return { agents: 0, limit: "its own latency" };
  const byCpu = (factor * needs.model * cores) / needs.cpu;
  const byClient = factor * needs.inFlight;
  return byClient < byCpu ? { agents: byClient, limit: "requests in flight" } : { agents: byCpu, limit: "CPU" };
}

/** A level of the closed loop as it was measured: times in ms, memory in MiB. */
export interface Level {
  agents: number;
  median: number;
  p95: number;
  cpu: number;
  memory: number;
  inFlight: number;
}

/** The levels of a row, lowest first. */
export function levelsOf(scenario: Scenario, row: number): Level[] {
  const levels = scenario.cells.row.flatMap((own, cell): Level[] => {
    const place = scenario.places[scenario.cells.place[cell] ?? -1];
    if (own !== row || !place || place.case !== null || place.arrival !== "closed") return [];
    const value = (name: string) => figureOf(scenario, name, cell)?.value;
    const [median, p95, cpu, memory] = ["median_ms", "p95_ms", "cpu_per_run_ms", "peak_rss_bytes"].map(value);
    if (median === undefined || p95 === undefined || cpu === undefined || memory === undefined) return [];
    return [{ agents: place.level, median, p95, cpu, memory, inFlight: value("most_in_flight") ?? Infinity }];
  });
  return levels.sort((one, other) => one.agents - other.agents);
}

/** The level whose number of agents is nearest, as a ratio. */
export function nearest(levels: Level[], agents: number): Level | null {
  const distance = (level: Level) => Math.abs(Math.log(level.agents / Math.max(1, agents)));
  return levels.reduce<Level | null>((best, level) => (!best || distance(level) < distance(best) ? level : best), null);
}

/** The requests that a client lets be in flight: fewer than there are agents, though the processors are not busy. */
export function bound(levels: Level[], cores: number): number {
  const last = levels.at(-1);
  if (!last || last.inFlight * 1.5 > last.agents) return Infinity;
  const isBusy = (last.agents * last.cpu) / cores > 0.7 * last.median;
  return isBusy ? Infinity : last.inFlight;
}

/** What a row needs by one of its levels; the scenario's model time is given, since a record does not repeat it. */
export function needsOf(levels: Level[], level: Level, model: number, cores: number): Needs {
  const alone = levels[0]?.median ?? model;
  return { model, overhead: Math.max(0, alone - model), cpu: level.cpu, inFlight: bound(levels, cores) };
}

/** Memory of a process in MiB: what it needs without agents, and for each. Least squares over the levels. */
export function memoryOf(levels: Level[]): { base: number; slope: number } {
  const count = levels.length;
  const mean = (of: (level: Level) => number) => levels.reduce((sum, level) => sum + of(level), 0) / count;
  const [agents, memory] = [mean((level) => level.agents), mean((level) => level.memory)];
  const spread = levels.reduce((sum, level) => sum + (level.agents - agents) ** 2, 0);
  const joint = levels.reduce((sum, level) => sum + (level.agents - agents) * (level.memory - memory), 0);
  const slope = spread > 0 ? Math.max(0, joint / spread) : 0;
  return { base: Math.max(0, memory - slope * agents), slope };
}

/** Agents at once from which on the law is held against what was measured: below, the model's time is all there is. */
const MANY = 50;

/** The measured p95 over the law's time, of every level with many agents. */
export function errors(scenario: Scenario, rows: number, cores: number): number[] {
  return Array.from({ length: rows }, (_, row) => levelsOf(scenario, row)).flatMap((levels) =>
    levels
      .filter(({ agents }) => agents >= MANY)
      .map((level) => level.p95 / timeOf(needsOf(levels, level, scenario.model_ms, cores), level.agents, cores)),
  );
}
