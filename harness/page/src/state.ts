/** What is shown, kept in the address: a copied link shows the same, and "back" works. */

import type { WishKey } from "./workload.ts";
import { WISHES } from "./workload.ts";

export interface State {
  /** The scenario's name; empty for the first. */
  scenario: string;
  /** The place's key; empty for the scenario's own. */
  place: string;
  languages: string[];
  kinds: string[];
  apis: string[];
  /** Frameworks' names, or parts of them. */
  frameworks: string[];
  /** The rows that are compared, by their keys. */
  picked: string[];
  /** The row that is looked at, by its key; empty for none. */
  row: string;
  /** Ratios to the floor instead of values. */
  isRatio: boolean;
  /** A metric's name, or `name`; with `-` the largest comes first. Empty for the best first. */
  sort: string;
  /** What differs from the workload that is shown at first. */
  workload: Partial<Record<WishKey, number>>;
}

const LISTS = { lang: "languages", kind: "kinds", api: "apis", f: "frameworks", pick: "picked" } as const;

export function parse(hash: string): State {
  const pairs = new URLSearchParams(hash.replace(/^#/, ""));
  const list = (key: string) => (pairs.get(key) ?? "").split(",").filter((part) => part !== "");
  return {
    scenario: pairs.get("s") ?? "",
    place: pairs.get("at") ?? "",
    languages: list("lang"),
    kinds: list("kind"),
    apis: list("api"),
    frameworks: list("f"),
    picked: list("pick"),
    row: pairs.get("row") ?? "",
    isRatio: pairs.get("show") === "floor",
    sort: pairs.get("sort") ?? "",
    workload: workload(pairs),
  };
}

function workload(pairs: URLSearchParams): State["workload"] {
  const wished = Object.entries(WISHES).flatMap(([key, { least }]) => {
    const value = Number(pairs.get(key) ?? NaN);
    return value >= least ? [[key, value]] : [];
  });
  return Object.fromEntries(wished) as State["workload"];
}

/** The address of a state: only what differs from what is shown at first. */
export function format(state: State): string {
  const pairs: string[] = [];
  const add = (key: string, value: string) => {
    // Commas, tildes and slashes stay readable: nothing in an address needs them otherwise.
    if (value) pairs.push(`${key}=${encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%2F", "/").replaceAll("%3A", ":")}`);
  };
  add("s", state.scenario);
  add("at", state.place);
  for (const [key, field] of Object.entries(LISTS)) add(key, state[field].join(","));
  add("row", state.row);
  add("show", state.isRatio ? "floor" : "");
  add("sort", state.sort);
  for (const [key, value] of Object.entries(state.workload)) add(key, String(value));
  return pairs.length ? `#${pairs.join("&")}` : "#";
}
