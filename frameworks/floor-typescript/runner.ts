// The floor of TypeScript: the agent loop by hand, on Node's own fetch and OpenAI's Chat Completions.
//
// It needs a mock (or a model) at the base URL of the hello, and shows what the language itself costs.

import { FEATURES, type Hello, main, offeredByName, Refusal, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import { block, compute, fail, payload, wait } from "../shared/typescript/synthetic.ts";

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

function build(hello: Hello): () => Run {
  if (hello.api !== "chat-completions") throw new Refusal("the floor speaks Chat Completions only");
  const corpus = Corpus.load(hello.scenario.data);
  const functions: Record<string, (args: any) => unknown> = offeredByName(hello.scenario, {
    search_papers: ({ query, limit }) => corpus.searchPapers(query, limit),
    read_paper: ({ id }) => corpus.readPaper(id),
    word_count: ({ text }) => wordCount(text),
    wait: ({ ms }) => wait(ms),
    block: ({ ms }) => block(ms),
    compute: ({ ms }) => compute(ms),
    payload: ({ bytes }) => payload(bytes),
    fail: ({ message }) => fail(message),
  });
  const tools = hello.scenario.tools.map((tool) => ({ type: "function", function: tool }));
  const headers = { "Content-Type": "application/json", Authorization: "Bearer made-up" };

  async function ask(messages: Message[], signal?: AbortSignal): Promise<Message> {
    const stream = hello.stream ? { stream: true } : {};
    const body = JSON.stringify({ model: hello.model, messages, tools, ...stream });
    const response = await fetch(`${hello.base_url}/chat/completions`, { method: "POST", headers, body, signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
    if (hello.stream) return streamed(response);
    return ((await response.json()) as { choices: [{ message: Message }] }).choices[0].message;
  }

  async function call({ name, arguments: args }: ToolCall["function"]): Promise<string> {
    try {
      return JSON.stringify(await functions[name]?.(JSON.parse(args)));
    } catch (error) {
      return JSON.stringify({ error: String(error) });
    }
  }

  return () => async (prompt, signal) => {
    const messages: Message[] = [
      { role: "system", content: hello.scenario.instructions },
      { role: "user", content: prompt },
    ];
    for (let turn = 0; turn < hello.scenario.max_turns; turn++) {
      const message = await ask(messages, signal);
      messages.push(message);
      if (!message.tool_calls?.length) return message.content ?? "";
      for (const { id, function: wanted } of message.tool_calls) {
        messages.push({ role: "tool", tool_call_id: id, content: await call(wanted) });
      }
    }
    throw new Error(`no answer within ${hello.scenario.max_turns} turns`);
  };
}

/** The message of a reply that comes in server-sent events. */
async function streamed(response: Response): Promise<Message> {
  let content = "";
  const calls: ToolCall[] = [];
  let rest = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      if (!event.startsWith("data: {")) continue;
      const delta = (JSON.parse(event.slice("data: ".length)) as Chunk).choices[0]?.delta;
      content += delta?.content ?? "";
      for (const { index, ...part } of delta?.tool_calls ?? []) {
        const call = calls[index];
        if (call) call.function.arguments += part.function.arguments;
        else calls[index] = part;
      }
    }
  }
  return calls.length > 0 ? { role: "assistant", content, tool_calls: calls } : { role: "assistant", content };
}

await main({ build, offers: FEATURES });
