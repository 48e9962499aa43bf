// Takes standard output away from everything else in the process: a stray print belongs into the log.

import { closeSync, openSync, writeSync } from "node:fs";
import { libc } from "./libc.ts";

const protocolOut = takeStdout();

/** Writes a piece of the protocol. */
export function writeProtocol(text: string): void {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; ) from += write(bytes.subarray(from));
}

/** How many of the bytes were written. */
function write(bytes: Uint8Array): number {
  if (libc === undefined) return writeSync(protocolOut, bytes);
  const written = libc.write(protocolOut, bytes, bytes.length);
  if (written < 0) throw new Error("the protocol can't be written to standard output");
  return written;
}

/**
 * Another descriptor of what standard output is; number 1 becomes another of standard error.
 *
 * Node has no dup2, but a new descriptor has the lowest number that is free. Where that can't be had (a socket can't be
 * opened again), only what goes through `process.stdout` and `console` is led to the log.
 */
function takeStdout(): number {
  if (libc !== undefined) {
    const out = libc.dup(1);
    libc.dup2(2, 1);
    return out;
  }
  const opened: number[] = [];
  try {
    for (const number of [1, 2]) opened.push(openSync(`/proc/self/fd/${number}`, "a"));
  } catch {
    opened.forEach(closeSync);
    Object.defineProperty(process, "stdout", { value: process.stderr });
    return 1;
  }
  const [out, err] = opened as [number, number];
  closeSync(1);
  openSync(`/proc/self/fd/${err}`, "a");
  closeSync(err);
  return out;
}
