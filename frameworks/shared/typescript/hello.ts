// The hello: where the model is and what the agent is to do.

import { fields, type Fields, isAbsentOr, isBoolean, isCount, isObject, isText, read, Refusal } from "./lines.ts";
import type { Feature } from "./ready.ts";

/** The newest version of the protocol that this side reads. */
export const PROTOCOL = 2;

const SYNTHETIC_TOOLS = ["wait", "block", "compute", "payload", "tally", "fail"];

/** What the names of the tools begin with that the feature "many-tools" stands for. */
export const LOOKUP_PREFIX = "lookup_";

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
  /** How many agents are built before the first run and kept; run i is done by agent i modulo this. */
  agents: number;
  /** What the answer must be, instead of a text. */
  output?: { name: string; schema: Record<string, unknown> };
  /** Where the framework's own tracing sends to; without it, tracing is off. */
  tracing?: string;
  /** A second agent, to which the first one hands over. */
  handoff?: { name: string; description: string; instructions: string };
  scenario: Task;
}

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
  const names = hello.scenario.tools.map(({ name }) => name);
  if (names.some((name) => SYNTHETIC_TOOLS.includes(name))) needs.push("synthetic-tools");
  if (names.some((name) => name.startsWith(LOOKUP_PREFIX))) needs.push("many-tools");
  if (hello.agents > 1) needs.push("hold-agents");
  if (hello.output !== undefined) needs.push("structured-output");
  if (hello.tracing !== undefined) needs.push("tracing");
  if (hello.handoff !== undefined) needs.push("handoff");
  return needs;
}

/** Reads the harness's first line. Throws a `Refusal` of what it can't serve. */
export function readHello(line: string): Hello {
  const message = read(line, "hello");
  const version = message["protocol"];
  if (version !== 1 && version !== PROTOCOL) {
    throw new Refusal(`this runner speaks protocol 1 to ${PROTOCOL}, not ${version}`);
  }
  const hello = fields("hello", message, {
    base_url: isText,
    api: (value) => value === "chat-completions" || value === "responses",
    model: isText,
    stream: isAbsentOr(isBoolean),
    agent: isAbsentOr((value) => value === "shared" || value === "per-run"),
    agents: isAbsentOr(isCount),
    output: isAbsentOr(isObject),
    tracing: isAbsentOr(isText),
    handoff: isAbsentOr(isObject),
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
  return { stream: false, agent: "shared", agents: 1, ...hello, scenario } as unknown as Hello;
}
