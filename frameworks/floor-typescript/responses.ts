// The loop over the Responses API: each turn sends the whole conversation, with what the model said as it came.

import type { Hello, Run } from "../shared/typescript/runner.ts";
import { events, post } from "./server.ts";
import { structured } from "./structure.ts";
import type { CallTool } from "./tools.ts";

type Item =
  | { type: "function_call"; call_id: string; name: string; arguments: string }
  | { type: "message"; content: { type: string; text?: string }[] }
  | { type: "function_call_output"; call_id: string; output: string }
  | { role: "user"; content: string };

interface Reply {
  output: Item[];
}

export function overResponses(hello: Hello, callTool: CallTool): Run {
  const { model, scenario } = hello;
  const { instructions } = scenario;
  // This API is strict unless told otherwise.
  const tools = scenario.tools.map((tool) => ({ type: "function", strict: false, ...tool }));
  const stream = hello.stream ? { stream: true } : {};
  const text = hello.output ? { text: { format: { type: "json_schema", ...hello.output, strict: true } } } : {};

  async function ask(input: Item[], signal?: AbortSignal, textSeen?: () => void): Promise<Reply> {
    const request = { model, instructions, input, tools, ...text, ...stream };
    const response = await post(`${hello.base_url}/responses`, request, signal);
    return hello.stream ? streamed(response, textSeen) : ((await response.json()) as Reply);
  }

  return async (prompt, signal, textSeen) => {
    const items: Item[] = [{ role: "user", content: prompt }];
    for (let turn = 0; turn < scenario.max_turns; turn++) {
      const { output } = await ask(items, signal, textSeen);
      items.push(...output);
      const calls = output.filter((item) => "type" in item && item.type === "function_call");
      if (calls.length === 0) {
        if (hello.output === undefined) return textOf(output);
        try {
          return structured(textOf(output), hello.output);
        } catch (error) {
          items.push({ role: "user", content: `The answer does not fit the schema: ${error}` });
          continue;
        }
      }
      const results = calls.map(async ({ call_id, name, arguments: args }): Promise<Item> => {
        return { type: "function_call_output", call_id, output: await callTool(name, args) };
      });
      items.push(...(await Promise.all(results)));
    }
    throw new Error(`no answer within ${scenario.max_turns} turns`);
  };
}

function textOf(output: Item[]): string {
  const messages = output.filter((item) => "type" in item && item.type === "message");
  const parts = messages.flatMap((message) => message.content);
  return parts.map((part) => part.text ?? "").join("");
}

/** The response of a reply that is streamed: its last event brings it whole. */
async function streamed(response: Response, textSeen?: () => void): Promise<Reply> {
  let last: Reply | undefined;
  for await (const event of events(response)) {
    if (event.type === "response.output_text.delta") textSeen?.();
    else if (event.type === "response.completed") last = event.response;
    else if (["response.failed", "response.incomplete", "error"].includes(event.type)) {
      throw new Error(JSON.stringify(event));
    }
  }
  if (last === undefined) throw new Error("the stream breaks off");
  return last;
}
