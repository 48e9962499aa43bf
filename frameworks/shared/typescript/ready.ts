// What a runner is made of and can do, as `ready` tells it.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Refusal } from "./lines.ts";
import { RUNTIME } from "./runtime.ts";

/** The client behind the own fetch of the runtime. */
const OWN_FETCH = RUNTIME === "node" ? "undici" : RUNTIME;

/** What a runner may offer beyond plain runs, if it has the framework stream where the hello asks. */
export const FEATURES = [
  "streaming",
  "agent-per-run",
  "cancellation",
  "heartbeat",
  "synthetic-tools",
  "many-tools",
  "hold-agents",
] as const;

/** These, and what a runner offers whose framework has it; in the protocol's order. */
const ALL_FEATURES = [...FEATURES, "structured-output", "tracing", "handoff"] as const;

export type Feature = (typeof ALL_FEATURES)[number];

export interface Ready {
  type: "ready";
  framework: string;
  version: string;
  runtime: string;
  http_client: string;
  offers: Feature[];
}

/** The line of a runner, from what is installed. */
export function readyOf(runner: { package?: string; httpClient?: string; offers: readonly Feature[] }): Ready {
  const [framework, version] = installed(runner.package);
  const [runtime, ofRuntime] = partOf(RUNTIME);
  return {
    type: "ready",
    framework,
    version,
    runtime: `${runtime.charAt(0).toUpperCase()}${runtime.slice(1)} ${ofRuntime}`,
    http_client: installed(runner.httpClient, OWN_FETCH).join(" "),
    offers: ALL_FEATURES.filter((feature) => runner.offers.includes(feature)),
  };
}

/** Name and version of a package as the runner would import it, or of a part of the runtime. */
export function installed(name: string | undefined, part = RUNTIME): [string, string] {
  if (name === undefined) return partOf(part);
  const manifest = manifestOf(name, dirname(resolve(process.argv[1] ?? "")));
  if (manifest === undefined) throw new Refusal(`the package ${name} is not installed`);
  return [name, JSON.parse(readFileSync(manifest, "utf8")).version];
}

function partOf(name: string): [string, string] {
  return [name, process.versions[name] ?? "unknown"];
}

/** The package.json of a package that is imported from a file of this folder. */
function manifestOf(name: string, folder: string): string | undefined {
  const manifest = join(folder, "node_modules", name, "package.json");
  if (existsSync(manifest)) return manifest;
  const above = dirname(folder);
  return above === folder ? undefined : manifestOf(name, above);
}
