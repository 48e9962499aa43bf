// The clock of all stamps, and waiting for a time of it.

/** The time of `CLOCK_MONOTONIC`: one clock for all processes of a machine. */
export function monotonicNs(): bigint {
  return process.hrtime.bigint();
}

/**
 * Resolves when the time has come, never before. Node's timers have whole milliseconds, so it is late by up to about
 * one; a thread that waits better would count as the framework's memory.
 */
export async function until(dueNs: bigint): Promise<void> {
  for (let early = dueNs - monotonicNs(); early > 0n; early = dueNs - monotonicNs()) {
    await new Promise((resolve) => setTimeout(resolve, wholeMs(early)));
  }
}

/** Milliseconds for a timer. */
export function wholeMs(ns: bigint): number {
  return Math.max(1, Math.round(Number(ns) / 1e6));
}
