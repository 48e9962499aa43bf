// The loop over Chat Completions.

import type { Hello, Run } from "../shared/typescript/runner.ts";
import { events, post } from "./server.ts";
import { structured } from "./structure.ts";
import type { CallTool } from "./tools.ts";

interface Message {
  role: string;
  content: string | null;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}

interface ToolCall {
  id: string;
  type: string;
  function: { name: string; arguments: string };
}

type Chunk = { choices: { delta: { content?: string; tool_calls?: (ToolCall & { index: number })[] } }[] };

export function overChatCompletions(hello: Hello, callTool: CallTool): Run {
  const { model, scenario } = hello;
  const tools = scenario.tools.map((tool) => ({ type: "function", function: tool }));
  const stream = hello.stream ? { stream: true } : {};
  const json_schema = { ...hello.output, strict: true };
  const format = hello.output ? { response_format: { type: "json_schema", json_schema } } : {};

  async function ask(messages: Message[], signal?: AbortSignal, textSeen?: () => void): Promise<Message> {
    const response = await post(`${hello.base_url}/chat/completions`, { model, messages, tools, ...format, ...stream }, signal);
    if (hello.stream) return streamed(response, textSeen);
    return ((await response.json()) as { choices: [{ message: Message }] }).choices[0].message;
  }

  return async (prompt, signal, textSeen) => {
    const messages: Message[] = [
      { role: "system", content: scenario.instructions },
      { role: "user", content: prompt },
    ];
    for (let turn = 0; turn < scenario.max_turns; turn++) {
      const message = await ask(messages, signal, textSeen);
      messages.push(message);
      if (!message.tool_calls?.length) {
        const text = message.content ?? "";
        if (hello.output === undefined) return text;
        try {
          return structured(text, hello.output);
        } catch (error) {
          messages.push({ role: "user", content: `The answer does not fit the schema: ${error}` });
          continue;
        }
      }
      const results = message.tool_calls.map(async ({ id, function: wanted }) => {
        const content = await callTool(wanted.name, wanted.arguments);
        return { role: "tool", tool_call_id: id, content };
      });
      messages.push(...(await Promise.all(results)));
    }
    throw new Error(`no answer within ${scenario.max_turns} turns`);
  };
}

/** The message of a reply that comes in pieces. */
async function streamed(response: Response, textSeen?: () => void): Promise<Message> {
  let content = "";
  const calls: ToolCall[] = [];
  for await (const chunk of events(response)) {
    const delta = (chunk as Chunk).choices[0]?.delta;
    if (delta?.content) {
      textSeen?.();
      content += delta.content;
    }
    for (const { index, ...part } of delta?.tool_calls ?? []) {
      const call = calls[index];
      if (call) call.function.arguments += part.function.arguments;
      else calls[index] = part;
    }
  }
  return calls.length > 0 ? { role: "assistant", content, tool_calls: calls } : { role: "assistant", content };
}
