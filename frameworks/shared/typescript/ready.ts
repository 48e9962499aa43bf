// What a runner is made of and can do, as `ready` tells it.

import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";
import { Refusal } from "./lines.ts";

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
  const [framework, version] = installed(runner.package, "node");
  return {
    type: "ready",
    framework,
    version,
    runtime: `Node ${process.versions.node}`,
    http_client: installed(runner.httpClient, "undici").join(" "),
    offers: ALL_FEATURES.filter((feature) => runner.offers.includes(feature)),
  };
}

/** Name and version of a package as the runner would import it, or of a part of Node. */
export function installed(name: string | undefined, ofNode: string): [string, string] {
  if (name === undefined) return [ofNode, process.versions[ofNode] ?? "unknown"];
  const manifest = findPackageJSON(name, pathToFileURL(process.argv[1] ?? ""));
  if (manifest === undefined) throw new Refusal(`the package ${name} is not installed`);
  return [name, JSON.parse(readFileSync(manifest, "utf8")).version];
}
