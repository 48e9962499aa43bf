// The clock of all stamps, waiting for a time of it, and the clock of a thread's CPU time.

import { type Libc, libc } from "./libc.ts";

const CLOCK_MONOTONIC = 1;
const CLOCK_THREAD_CPUTIME_ID = 3;

/** Where the C library writes a time: seconds and nanoseconds. */
const time = new BigInt64Array(2);

/** The time of `CLOCK_MONOTONIC`: one clock for all processes of a machine. */
export function monotonicNs(): bigint {
  return libc === undefined ? process.hrtime.bigint() : timeOf(libc, CLOCK_MONOTONIC);
}

/** How much CPU time the thread that calls this has had. */
export function threadCpuUs(): number {
  if (libc !== undefined) return Number(timeOf(libc, CLOCK_THREAD_CPUTIME_ID)) / 1000;
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function timeOf({ clock_gettime }: Libc, clock: number): bigint {
  clock_gettime(clock, time);
  return time[0]! * 1_000_000_000n + time[1]!;
}

/**
 * Resolves when the time has come, never before. Timers have whole milliseconds, so it is late by up to about one; a
 * thread that waits better would count as the framework's memory.
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
