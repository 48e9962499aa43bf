// The synthetic tools of docs/TOOLS.md, for runners to wrap in their framework's own way.

import { monotonicNs, until } from "./clock.ts";

/** Waits without keeping the event loop from other work. */
export async function wait(ms: number): Promise<{ waited_ms: number }> {
  await until(monotonicNs() + BigInt(ms) * 1_000_000n);
  return { waited_ms: ms };
}

/** Sleeps in the thread that calls it, as blocking I/O does. */
export function block(ms: number): { blocked_ms: number } {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return { blocked_ms: ms };
}

/** Keeps a processor busy until the thread has had so much CPU time. */
export function compute(ms: number): { computed_ms: number } {
  const untilUs = threadCpuUs() + ms * 1000;
  while (threadCpuUs() < untilUs);
  return { computed_ms: ms };
}

/** As many characters as asked for, of hexadecimal digits. */
export function payload(bytes: number): { payload: string } {
  const digits = "0123456789abcdef";
  return { payload: digits.repeat(Math.ceil(bytes / digits.length)).slice(0, bytes) };
}

/** Fails with this message. */
export function fail(message: string): string {
  throw new Error(message);
}

function threadCpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
