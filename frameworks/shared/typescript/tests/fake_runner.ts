// A runner without a framework, for the tests of the protocol: its prompt says what it does.

import { FEATURES, type Hello, main, offeredByName, type Run } from "../runner.ts";
import { monotonicNs } from "../clock.ts";
import { compute } from "../synthetic.ts";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

console.log("a banner at import");

let built = 0;
let agents = 0;

async function ask(prompt: string, signal?: AbortSignal): Promise<string> {
  console.log("a stray line");
  writeSync(1, "and one past process.stdout\n");
  if (prompt.startsWith("together")) await meet(Number(prompt.split(" ")[1]));
  if (prompt.includes("called")) return whenCalled();
  if (prompt.includes("compute")) return cpuUsOf(() => compute(30));
  if (prompt.includes("number")) return 7 as unknown as string;
  if (prompt.includes("failure")) throw new RangeError(`no answer to ${prompt} ${"x".repeat(1000)}`);
  if (prompt.includes("text thrown")) throw "just a text";
  if (prompt.includes("aborted by the framework")) throw new DOMException("by the framework", "AbortError");
  if (prompt.includes("count")) return `built ${built} agents ${agents}`;
  if (prompt.includes("block")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  if (prompt.includes("deaf")) await sleep(100);
  else await sleep(prompt.includes("forever") ? 1 << 30 : 20, undefined, { signal });
  return prompt.toUpperCase();
}

const waiting: (() => void)[] = [];

/** Resolves when so many runs have come here, however long that takes. */
async function meet(runs: number): Promise<void> {
  if (waiting.length + 1 < runs) return new Promise((resolve) => waiting.push(resolve));
  for (const resolve of waiting.splice(0)) resolve();
}

/** Keeps the event loop from coming to later runs in time. */
function whenCalled(): string {
  const calledNs = monotonicNs();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  return `${calledNs}`;
}

/** How much CPU time the process had meanwhile. */
function cpuUsOf(task: () => void): string {
  const before = process.cpuUsage();
  task();
  const { user, system } = process.cpuUsage(before);
  return `${user + system}`;
}

function build(hello: Hello): () => Run {
  offeredByName(hello.scenario, { ask, wait: ask });
  built++;
  return () => {
    const agent = ++agents;
    if (hello.agents > 1) return async () => `agent ${agent}`;
    return hello.stream ? async (prompt) => `streamed ${prompt}` : ask;
  };
}

const offers = process.env["FAKE_OFFERS"] === "none" ? [] : FEATURES;
await main({ build, package: "fake-agent", httpClient: "fake-http", offers });
