/** Figures and places as text. */

import type { Metric, Place } from "./data.ts";

/** Three significant digits: more of them say nothing. */
export function number(value: number): string {
  const size = Math.abs(value);
  const digits = value === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function heading(metric: Metric): string {
  return metric.unit ? `${metric.title} (${metric.unit})` : metric.title;
}

/** A row in an address. */
export function rowKey({ framework, variant }: { framework: string; variant: string }): string {
  return variant === "default" ? framework : `${framework}:${variant}`;
}

/** A value with its unit. */
export function amount(value: number, metric: Metric): string {
  return metric.unit ? `${number(value)} ${metric.unit}` : number(value);
}

/** A place for people. */
export function placeName({ case: name, arrival, level }: Place): string {
  const rate = arrival.startsWith("rate-") ? arrival.slice("rate-".length) : null;
  const runs = level === 1 ? "1 run" : `${level.toLocaleString("en")} runs`;
  const how = rate ? `${rate} runs per second` : arrival === "burst" ? `${runs} started at once` : `${runs} at once`;
  return name ? `${name}: ${how}` : how;
}

/** A place in an address. */
export function placeKey({ case: name, arrival, level }: Place): string {
  return name ? `${arrival}-${level}~${name}` : `${arrival}-${level}`;
}

const LANGUAGES: Record<string, string> = {
  rust: "Rust",
  python: "Python",
  typescript: "TypeScript",
  go: "Go",
  jvm: "JVM",
};
const KINDS: Record<string, string> = {
  ours: "ours",
  framework: "frameworks",
  sdk: "SDK loops",
  floor: "floors",
};
const APIS: Record<string, string> = { "chat-completions": "Chat Completions", responses: "Responses" };

/** The word for a language, a kind or an API. */
export function word(key: string): string {
  return LANGUAGES[key] ?? KINDS[key] ?? APIS[key] ?? key;
}
