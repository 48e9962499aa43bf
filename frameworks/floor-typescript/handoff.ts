// A handoff by hand: the second agent is a tool of the first.

import type { Hello, Run } from "../shared/typescript/runner.ts";
import type { CallTool } from "./tools.ts";

/** The first agent's hello and what its calls go to: the second agent is one of its tools, if there is one. */
export function withSecondAgent(
  hello: Hello,
  callTool: CallTool,
  loop: (hello: Hello, callTool: CallTool) => Run,
): [Hello, CallTool] {
  const { handoff, scenario } = hello;
  if (handoff === undefined) return [hello, callTool];
  const { name, description, instructions } = handoff;
  const runSecond = loop({ ...hello, scenario: { ...scenario, instructions } }, callTool);
  const parameters = {
    type: "object",
    properties: { task: { type: "string", description: "What to do." } },
    required: ["task"],
  };
  const tools = [...scenario.tools, { name, description, parameters }];
  return [
    { ...hello, scenario: { ...scenario, tools } },
    (called, args) => (called === name ? runSecond(JSON.parse(args).task) : callTool(called, args)),
  ];
}
