// The C library, for what Bun and Deno have no function of their own for: their clocks count from the start of the
// process, that of a thread's CPU time has steps of 10 ms on Deno, and neither has dup2.

import { createRequire } from "node:module";
import { RUNTIME } from "./runtime.ts";

/** What is called of it, by its own names. */
export interface Libc {
  clock_gettime(clock: number, time: BigInt64Array): number;
  dup(descriptor: number): number;
  dup2(descriptor: number, as: number): number;
  write(descriptor: number, bytes: Uint8Array, length: number): number;
}

/** The types of the arguments. Each result fits into 32 bits, for no piece of the protocol is longer. */
const ARGUMENTS: Record<keyof Libc, string[]> = {
  clock_gettime: ["i32", "buffer"],
  dup: ["i32"],
  dup2: ["i32", "i32"],
  write: ["i32", "buffer", "usize"],
};

/** Not on Node, whose own functions do. */
export const libc = RUNTIME === "node" ? undefined : open("libc.so.6");

// Not by `await import`: modules that come after this one would run before standard output is taken.
function open(library: string): Libc {
  if (RUNTIME === "deno") {
    const signatures = each((parameters) => ({ parameters, result: "i32" }));
    return (globalThis as any).Deno.dlopen(library, signatures).symbols;
  }
  const { dlopen } = createRequire(import.meta.url)("bun:ffi");
  const pointers = (types: string[]) => types.map((type) => (type === "buffer" ? "ptr" : type));
  return dlopen(library, each((types) => ({ args: pointers(types), returns: "i32" }))).symbols;
}

function each<T>(signature: (types: string[]) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(ARGUMENTS).map(([name, types]) => [name, signature(types)]));
}
