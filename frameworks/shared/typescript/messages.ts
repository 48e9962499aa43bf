// The lines of the runner protocol (docs/PROTOCOL.md) that the harness writes, read and checked.

/** The version of the protocol that this is. */
export const PROTOCOL = 1;

/** What a runner may offer beyond plain runs, in the protocol's order. */
export const FEATURES = ["streaming", "agent-per-run", "cancellation", "heartbeat", "synthetic-tools"] as const;

export type Feature = (typeof FEATURES)[number];

const SYNTHETIC_TOOLS = ["wait", "block", "compute", "payload", "fail"];

/** A tool as the model is told of it. */
export interface Tool {
  name: string;
  description: string;
  /** The JSON schema of its arguments. */
  parameters: Record<string, unknown>;
}

/** What a runner needs of a scenario. */
export interface Task {
  name: string;
  instructions: string;
  prompt: string;
  tools: Tool[];
  /** Names of data sets and the files that hold them. */
  data: Record<string, string>;
  max_turns: number;
}

/** Where the model is and what the agent is to do. */
export interface Hello {
  /** With /v1 and without a trailing slash. */
  base_url: string;
  api: "chat-completions" | "responses";
  model: string;
  /** Whether the agent asks for streamed replies; else it does as its framework ships. */
  stream: boolean;
  /** Whether one agent does all runs, or each run builds its own. */
  agent: "shared" | "per-run";
  scenario: Task;
}

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

/** What this runner can't serve; its message is all that a person needs. */
export class Refusal extends Error {}

/** The prompt of one run. */
export function promptFor(task: Task, run: number): string {
  return task.prompt.replaceAll("{run}", String(run));
}

/** Those of the runner's tools that the scenario offers, in the scenario's order. */
export function offered<T extends { name: string }>(task: Task, tools: T[]): T[] {
  const byName = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
  return Object.values(offeredByName(task, byName));
}

/** The same for a framework that keeps its tools under their names. */
export function offeredByName<T>(task: Task, tools: Record<string, T>): Record<string, T> {
  const missing = task.tools.filter(({ name }) => !Object.hasOwn(tools, name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new Refusal(`scenario ${task.name} wants tools this runner lacks: ${missing.join(", ")}`);
  }
  return Object.fromEntries(task.tools.map(({ name }) => [name, tools[name] as T]));
}

/** What a runner must offer to serve the hello. */
export function helloNeeds(hello: Hello): Feature[] {
  const needs: Feature[] = [];
  if (hello.stream) needs.push("streaming");
  if (hello.agent === "per-run") needs.push("agent-per-run");
  if (hello.scenario.tools.some(({ name }) => SYNTHETIC_TOOLS.includes(name))) needs.push("synthetic-tools");
  return needs;
}

/** What a runner must offer to serve the batch. */
export function batchNeeds(batch: Batch): Feature[] {
  const needs: Feature[] = [];
  if (batch.cancel_after_ms !== undefined) needs.push("cancellation");
  if (batch.heartbeat) needs.push("heartbeat");
  return needs;
}

/** Reads the harness's first line. Throws a `Refusal` of what it can't serve. */
export function readHello(line: string): Hello {
  const message = read(line, "hello");
  if (message["protocol"] !== PROTOCOL) {
    throw new Refusal(`this runner speaks protocol ${PROTOCOL}, not ${message["protocol"]}`);
  }
  const hello = fields("hello", message, {
    base_url: isText,
    api: (value) => value === "chat-completions" || value === "responses",
    model: isText,
    stream: isAbsentOr(isBoolean),
    agent: isAbsentOr((value) => value === "shared" || value === "per-run"),
    scenario: isObject,
  });
  const scenario = fields("scenario", hello["scenario"] as Fields, {
    name: isText,
    instructions: isText,
    prompt: isText,
    tools: (value) => Array.isArray(value) && value.every((tool) => isObject(tool) && isText(tool["name"])),
    data: isObject,
    max_turns: isCount,
  });
  return { stream: false, agent: "shared", ...hello, scenario } as unknown as Hello;
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

type Fields = Record<string, unknown>;

const isText = (value: unknown) => typeof value === "string";
const isBoolean = (value: unknown) => typeof value === "boolean";
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isAbsentOr = (is: (value: unknown) => boolean) => (value: unknown) => value === undefined || is(value);

function read(line: string, wanted: string): Fields {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch (error) {
    throw new Refusal(`expected a ${wanted}, got ${JSON.stringify(line.slice(0, 200))}: ${error}`);
  }
  const kind = isObject(message) ? message["type"] : undefined;
  if (kind !== wanted) throw new Refusal(`expected a ${wanted}, got ${JSON.stringify(kind ?? message)}`);
  return message as Fields;
}

/** The fields that are known, each as it must be: a newer harness may say more. */
function fields(of: string, message: Fields, known: Record<string, (value: unknown) => boolean>): Fields {
  const wrong = Object.keys(known).filter((name) => !known[name]?.(message[name]));
  if (wrong.length > 0) throw new Refusal(`a ${of} without a proper ${wrong.join(", ")}`);
  const names = Object.keys(known).filter((name) => message[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, message[name]]));
}
