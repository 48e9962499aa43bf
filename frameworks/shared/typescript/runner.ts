// The TypeScript side of the runner protocol (docs/PROTOCOL.md), on the standard library of Node, Bun or Deno alone.
//
// A runner gives `main` a function `build(hello)` that makes what its agents share, and returns a function that makes
// an agent: what runs it once, a prompt in, the answer out.
//
// Import this module before the framework: importing it takes standard output away from everything else.

import { writeProtocol } from "./stdout.ts";

import { createInterface } from "node:readline";
import { batchNeeds, readBatch } from "./batch.ts";
import { type Hello, helloNeeds, PROTOCOL, readHello } from "./hello.ts";
import { Refusal } from "./lines.ts";
import { type Feature, installed, type Ready, readyOf } from "./ready.ts";
import { type AgentOf, doRuns, type Run } from "./run.ts";

export { offered, offeredByName } from "./hello.ts";
export type { Hello, Task, Tool } from "./hello.ts";
export { Refusal } from "./lines.ts";
export { FEATURES } from "./ready.ts";
export type { Feature } from "./ready.ts";
export type { Run } from "./run.ts";
export { asAnswer } from "./sample.ts";

/** Makes what agents share (HTTP client, tools' data); returns what makes an agent. */
export type Build = (hello: Hello) => (() => Run) | Promise<() => Run>;

/** What a runner is. */
export interface Runner {
  build: Build;
  /** The framework's installed package, whose version is told; the runtime itself if left out. */
  package?: string;
  /** The HTTP client's installed package; the runtime's own fetch if left out. */
  httpClient?: string;
  /** What the runner can do beyond plain runs. */
  offers: readonly Feature[];
  /** Is awaited when the harness has closed standard input, before the process ends: sends traces, for example. */
  close?: () => Promise<void>;
}

/** Lines of so many characters are written at once. */
const WRITE_LENGTH = 1 << 16;

/**
 * Serves the harness until it closes standard input, then ends the process. `--version` prints package and version and
 * does nothing else.
 */
export async function main(runner: Runner): Promise<never> {
  try {
    const [name, version] = installed(runner.package);
    if (process.argv[2] === "--version") {
      writeProtocol(`${name} ${version}\n`);
    } else {
      writeProtocol(`{"type":"imported","protocol":${PROTOCOL}}\n`);
      await serve(runner, readyOf(runner));
      await runner.close?.();
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Refusal ? error.message : (error as Error).stack ?? error}\n`);
    process.exit(1);
  }
  // What a framework has left open (timers, idle connections) keeps nobody waiting.
  process.exit(0);
}

async function serve(runner: Runner, ready: Ready): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return;
  const hello = readHello(first.value);
  const lacking = (needs: Feature[]) => needs.filter((feature) => !ready.offers.includes(feature));
  const helloLacks = lacking(helloNeeds(hello));
  const agentOf = helloLacks.length > 0 ? undefined : await agents(runner, hello);
  writeProtocol(`${JSON.stringify(ready)}\n`);
  for await (const line of lines) {
    const batch = readBatch(line);
    const lacks = [...helloLacks, ...lacking(batchNeeds(batch))];
    if (agentOf === undefined || lacks.length > 0) {
      throw new Refusal(`this runner does not offer ${lacks.join(", ")}`);
    }
    await writeLines(doRuns(agentOf, hello.scenario, batch));
  }
}

/** What gives each run its agent: one of those that all share, or a new one. */
async function agents(runner: Runner, hello: Hello): Promise<AgentOf> {
  const newAgent = await runner.build(hello);
  if (hello.agent === "per-run") return newAgent;
  const held = Array.from({ length: Math.max(1, hello.agents) }, newAgent);
  return (run) => held[run % held.length]!;
}

async function writeLines(lines: AsyncIterable<string>): Promise<void> {
  let text = "";
  for await (const line of lines) {
    text += line;
    if (text.length >= WRITE_LENGTH) {
      writeProtocol(text);
      text = "";
    }
  }
  writeProtocol(text);
}
