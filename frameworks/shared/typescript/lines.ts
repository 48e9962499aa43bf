// The lines of the runner protocol (docs/PROTOCOL.md) that the harness writes: what all of them must be.

/** What this runner can't serve; its message is all that a person needs. */
export class Refusal extends Error {}

export type Fields = Record<string, unknown>;

export const isText = (value: unknown) => typeof value === "string";
export const isBoolean = (value: unknown) => typeof value === "boolean";
export const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isAbsentOr = (is: (value: unknown) => boolean) => (value: unknown) => value === undefined || is(value);

export function read(line: string, wanted: string): Fields {
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
export function fields(of: string, message: Fields, known: Record<string, (value: unknown) => boolean>): Fields {
  const wrong = Object.keys(known).filter((name) => !known[name]?.(message[name]));
  if (wrong.length > 0) throw new Refusal(`a ${of} without a proper ${wrong.join(", ")}`);
  const names = Object.keys(known).filter((name) => message[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, message[name]]));
}
