// The runtime that runs this: Node, Bun or Deno.

/** Its name, as its package has it. Bun and Deno also tell a version of Node: the one that they are like. */
export const RUNTIME = ["bun", "deno"].find((name) => name in process.versions) ?? "node";
