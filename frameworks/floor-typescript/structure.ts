// Answers of a structure.

import { asAnswer, type Hello } from "../shared/typescript/runner.ts";

type Schema = { properties: Record<string, { type: string }> };

/** Throws what is wrong with an answer, by the types of the schema's fields; gives it as a sample has it. */
export function structured(text: string, output: NonNullable<Hello["output"]>): string {
  const given = JSON.parse(text);
  for (const [name, { type }] of Object.entries((output.schema as Schema).properties)) {
    if (typeOf(given[name]) !== type) throw new TypeError(`${name} is no ${type}`);
  }
  return asAnswer(given);
}

/** What a value is called in a schema. */
function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
