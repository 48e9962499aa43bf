// The synthetic tools of docs/TOOLS.md, for runners to wrap in their framework's own way.

import { monotonicNs, threadCpuUs, until } from "./clock.ts";
import { LOOKUP_PREFIX, type Task } from "./hello.ts";

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

/** How many items a list has. */
export function tally(items: string[]): { count: number } {
  return { count: items.length };
}

/** What a lookup in a section of the handbook gives. */
export interface Found {
  section: number;
  topic: string;
  entries: number;
}

/** A tool that looks something up: its name, what the model is told of it, and what it does. */
export interface Lookup {
  name: string;
  description: string;
  lookUp: (topic: string, limit: number) => Found;
}

/** The lookups that a task offers. */
export function lookups(task: Task): Lookup[] {
  const names = task.tools.map(({ name }) => name).filter((name) => name.startsWith(LOOKUP_PREFIX));
  return names.map((name) => {
    const section = Number(name.slice(LOOKUP_PREFIX.length));
    return {
      name,
      description: `Look a topic up in section ${section} of the handbook.`,
      lookUp: (topic, limit) => ({ section, topic, entries: limit }),
    };
  });
}

/** Fails with this message. */
export function fail(message: string): string {
  throw new Error(message);
}
