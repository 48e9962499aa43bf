// What the tests of the protocol say to a fake runner's process, and read from it.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after } from "node:test";

type Fields = Record<string, unknown>;

export interface Line {
  type: string;
  batch: number;
  run: number;
  /** Above 2^53 when a machine has been up for 104 days. */
  start_ns: bigint;
  end_ns: bigint;
  answer?: string;
  answer_crc32?: number;
  error?: string;
  cancelled?: boolean;
  heartbeat_late_us?: number[];
}

const folder = mkdtempSync(join(tmpdir(), "loopmark-"));
after(() => rmSync(folder, { recursive: true }));

/** The program that runs the fake runner: Node, unless the environment names that of another runtime. */
export const PROGRAM = process.env["LOOPMARK_RUNTIME"] ?? process.execPath;

const [version] = /\d+\.\d+\.\d+/.exec(execFileSync(PROGRAM, ["--version"], { encoding: "utf8" })) ?? [];
const options = basename(PROGRAM) === "deno" ? ["--allow-all", "--no-lock"] : [];

/** Name and version of the runtime, as `ready` tells them. */
export const RUNTIME = `${basename(PROGRAM).replace(/^./, (first) => first.toUpperCase())} ${version}`;

const runner = join(folder, "main.ts");

/** What the program is given to run the fake runner, with packages of its own beside it. */
export const FAKE_RUNNER = [...options, runner];
writeFileSync(runner, `import ${JSON.stringify(join(import.meta.dirname, "fake_runner.ts"))};\n`);
writeFileSync(join(folder, "package.json"), '{"type":"module"}');
for (const [name, version] of [["fake-agent", "1.2.3"], ["fake-http", "4.5.0"]] as const) {
  const installed = join(folder, "node_modules", name);
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), JSON.stringify({ name, version }));
}

export function hello(prompt = "prompt {run}", changes: Fields = {}): Fields {
  const scenario = {
    name: "fake",
    instructions: "",
    prompt,
    tools: [{ name: "ask", description: "", parameters: {} }],
    data: {},
    max_turns: 10,
    "a-field-of-a-newer-harness": 1,
  };
  const base_url = "http://127.0.0.1:9/v1";
  return { type: "hello", protocol: 1, base_url, api: "chat-completions", model: "fake", scenario, ...changes };
}

export function batch(changes: Fields = {}): Fields {
  const runs = { first_run: 0, runs: 4, level: 2, arrival: "closed", answers: "digest" };
  return { type: "batch", batch: 1, ...runs, ...changes };
}

export function lines(...messages: unknown[]): string {
  return messages.map((message) => `${JSON.stringify(message)}\n`).join("");
}

/** Runs the fake runner to its end, with files for its output. */
export function runFake(stdin: string, argv: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const [out, err] = [join(folder, "out"), join(folder, "err")];
  const files = [openSync(out, "w"), openSync(err, "w")];
  const done = spawnSync(PROGRAM, [...FAKE_RUNNER, ...argv], {
    input: stdin,
    stdio: ["pipe", ...files],
    env: { ...process.env, ...env },
    // No machine is that busy: what has not ended by then never will.
    timeout: 600_000,
  });
  files.forEach(closeSync);
  return { status: done.status, stdout: readFileSync(out, "utf8"), stderr: readFileSync(err, "utf8") };
}

export function read(stdout: string): Line[] {
  const exact = stdout.replace(/"(start_ns|end_ns)":(\d+)/g, '"$1":"$2"');
  const asBigInt = (key: string, value: unknown) => (key.endsWith("_ns") ? BigInt(value as string) : value);
  return exact.trimEnd().split("\n").map((line) => JSON.parse(line, asBigInt));
}

/** What the runner wrote after `ready`: samples, and the last `batch_done`. */
export function serve(...messages: Fields[]): { samples: Line[]; done: Line } {
  const { status, stdout, stderr } = runFake(lines(...messages));
  assert.equal(status, 0, stderr);
  const [imported, ready, ...written] = read(stdout);
  assert.deepEqual([imported?.type, ready?.type], ["imported", "ready"]);
  const done = written.pop();
  assert.equal(done?.type, "batch_done");
  assert.equal(done.batch, messages.at(-1)?.["batch"]);
  const runs = messages.reduce((sum, message) => sum + ((message["runs"] as number | undefined) ?? 0), 0);
  assert.equal(written.filter(({ type }) => type === "sample").length, runs);
  return { samples: written, done };
}

/** How many runs overlapped at the busiest moment. */
export function mostInFlight(samples: Line[]): number {
  const edges = samples.flatMap(({ start_ns, end_ns }) => [[start_ns, 1], [end_ns, -1]] as [bigint, number][]);
  edges.sort(([a, up], [b, down]) => (a === b ? up - down : a < b ? -1 : 1));
  let [level, most] = [0, 0];
  for (const [, step] of edges) most = Math.max(most, (level += step));
  return most;
}
