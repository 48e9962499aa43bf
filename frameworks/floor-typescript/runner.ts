// The floor of TypeScript: the agent loop by hand, on Node's own fetch, over Chat Completions or Responses.
//
// It needs a mock (or a model) at the base URL of the hello, and shows what the language itself costs.

import { FEATURES, type Hello, main, type Run } from "../shared/typescript/runner.ts";
import { overChatCompletions } from "./chat.ts";
import { withSecondAgent } from "./handoff.ts";
import { overResponses } from "./responses.ts";
import { toolbox } from "./tools.ts";

function build(hello: Hello): () => Run {
  const loop = hello.api === "responses" ? overResponses : overChatCompletions;
  const [first, callTool] = withSecondAgent(hello, toolbox(hello.scenario), loop);
  return () => loop(first, callTool);
}

await main({ build, offers: [...FEATURES, "structured-output", "handoff"] });
