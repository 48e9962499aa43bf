// A batch: runs to do.

import { fields, isAbsentOr, isBoolean, isCount, isObject, read } from "./lines.ts";
import type { Feature } from "./ready.ts";

/** Runs to do, numbered from `first_run` on. */
export interface Batch {
  batch: number;
  first_run: number;
  runs: number;
  level: number;
  /** All at once, `level` at a time, or so many a second. */
  arrival: "closed" | "burst" | { rate: number };
  answers: "text" | "digest";
  /** Worker *i* of a closed loop starts *i* / level of so many ms after the batch began. */
  ramp_ms: number;
  /** Each run is cancelled so many ms after its start. */
  cancel_after_ms: number | undefined;
  heartbeat: boolean;
}

/** What a runner must offer to serve the batch. */
export function batchNeeds(batch: Batch): Feature[] {
  const needs: Feature[] = [];
  if (batch.cancel_after_ms !== undefined) needs.push("cancellation");
  if (batch.heartbeat) needs.push("heartbeat");
  return needs;
}

/** Reads a later line. Throws a `Refusal` of what is no batch. */
export function readBatch(line: string): Batch {
  const isRate = (value: unknown) => isObject(value) && typeof value["rate"] === "number" && value["rate"] > 0;
  const batch = fields("batch", read(line, "batch"), {
    batch: isCount,
    first_run: isCount,
    runs: isCount,
    level: isCount,
    arrival: (value) => value === "closed" || value === "burst" || isRate(value),
    answers: (value) => value === "text" || value === "digest",
    ramp_ms: isAbsentOr(isCount),
    cancel_after_ms: isAbsentOr(isCount),
    heartbeat: isAbsentOr(isBoolean),
  });
  return { heartbeat: false, ramp_ms: 0, cancel_after_ms: undefined, ...batch } as unknown as Batch;
}
