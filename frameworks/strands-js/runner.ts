// An agent of Strands Agents: `Agent` with tools by `tool`, on `OpenAIModel`.
//
// It speaks Responses, as `OpenAIModel` does by default, or Chat Completions if the hello asks for it.

import { asAnswer, FEATURES, type Hello, main, offeredByName, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import { setTimeout } from "node:timers/promises";
import { Agent, type Tool, tool } from "@strands-agents/sdk";
import { OpenAIModel } from "@strands-agents/sdk/models/openai";
import { z } from "zod";

/** What the hello asks for as the answer, where it asks for a structure. */
const Summary = z.object({ title: z.string(), topics: z.array(z.string()), words: z.int() });

/** How long the end waits for a collector to take what is left. */
const FLUSH_MS = 5_000;

let flush = async (): Promise<void> => {};

/** Sends spans to an OpenTelemetry collector. What that takes is loaded only where tracing is on. */
async function sendTracesTo(collector: string): Promise<void> {
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
  const { setupTracer } = await import("@strands-agents/sdk/telemetry");
  const provider = setupTracer({ exporters: { otlp: true } });
  flush = () => Promise.race([provider.forceFlush(), setTimeout(FLUSH_MS)]);
}

async function build(hello: Hello): Promise<() => Run> {
  if (hello.tracing) await sendTracesTo(hello.tracing);
  const corpus = Corpus.load(hello.scenario.data);

  const search_papers = tool({
    name: "search_papers",
    description: "Search the library for papers whose title or abstract contains the query.",
    inputSchema: z.object({
      query: z.string().describe("The text to look for."),
      limit: z.number().describe("The maximum number of papers."),
    }),
    callback: async ({ query, limit }) => corpus.searchPapers(query, limit),
  });

  const read_paper = tool({
    name: "read_paper",
    description: "Read one paper of the library: its authors, year and abstract.",
    inputSchema: z.object({ id: z.string().describe("The paper's id.") }),
    callback: async ({ id }) => corpus.readPaper(id),
  });

  const word_count = tool({
    name: "word_count",
    description: "Count the words of a text.",
    inputSchema: z.object({ text: z.string().describe("The text.") }),
    callback: async ({ text }) => wordCount(text),
  });

  const wait = tool({
    name: "wait",
    description: "Wait for something else for some milliseconds.",
    inputSchema: z.object({ ms: z.number().describe("How many milliseconds.") }),
    callback: async ({ ms }) => synthetic.wait(ms),
  });

  const block = tool({
    name: "block",
    description: "Block the calling thread for some milliseconds.",
    inputSchema: z.object({ ms: z.number().describe("How many milliseconds.") }),
    callback: async ({ ms }) => synthetic.block(ms),
  });

  const compute = tool({
    name: "compute",
    description: "Compute for some milliseconds.",
    inputSchema: z.object({ ms: z.number().describe("How many milliseconds of CPU time.") }),
    callback: async ({ ms }) => synthetic.compute(ms),
  });

  const payload = tool({
    name: "payload",
    description: "Return a text of some length.",
    inputSchema: z.object({ bytes: z.number().describe("How many characters.") }),
    callback: async ({ bytes }) => synthetic.payload(bytes),
  });

  const fail = tool({
    name: "fail",
    description: "Fail with a message.",
    inputSchema: z.object({ message: z.string().describe("The message.") }),
    callback: async ({ message }) => synthetic.fail(message),
  });

  const tally = tool({
    name: "tally",
    description: "Count the items of a list.",
    inputSchema: z.object({
      items: z.array(z.string()).describe("The items."),
      unit: z.string().describe("What an item is."),
    }),
    callback: async ({ items }) => synthetic.tally(items),
  });

  const all: Record<string, Tool> = { search_papers, read_paper, word_count, wait, block, compute, payload, tally, fail };
  for (const { name, description, lookUp } of synthetic.lookups(hello.scenario)) {
    all[name] = tool({
      name,
      description,
      inputSchema: z.object({
        topic: z.string().describe("The topic to look for."),
        limit: z.number().describe("The maximum number of entries."),
      }),
      callback: async ({ topic, limit }) => lookUp(topic, limit),
    });
  }
  const tools = Object.values(offeredByName(hello.scenario, all));
  const { api, handoff, output } = hello;
  const model = new OpenAIModel({
    ...(api === "chat-completions" ? { api: "chat" } : {}),
    modelId: hello.model,
    apiKey: "made-up",
    clientConfig: { baseURL: hello.base_url },
  });

  const newAgent = (): Agent => {
    const writers = handoff
      ? [
          new Agent({
            name: handoff.name,
            description: handoff.description,
            model,
            systemPrompt: handoff.instructions,
            tools,
            printer: false,
          }),
        ]
      : [];
    return new Agent({
      model,
      systemPrompt: hello.scenario.instructions,
      tools: [...tools, ...writers],
      printer: false,
      ...(output ? { structuredOutputSchema: Summary } : {}),
    });
  };
  const limits = { turns: hello.scenario.max_turns };

  // An agent keeps its conversation and does one run at a time, so each run has a new one.
  return () => async (prompt, cancelSignal, textSeen) => {
    const agent = newAgent();
    const options = { limits, cancelSignal };
    if (output) return asAnswer((await agent.invoke(prompt, options)).structuredOutput as z.infer<typeof Summary>);
    if (!hello.stream) return (await agent.invoke(prompt, options)).toString();
    const stream = agent.stream(prompt, options);
    for (;;) {
      const { done, value } = await stream.next();
      if (done) return value.toString();
      if (value.type !== "modelStreamUpdateEvent" || value.event.type !== "modelContentBlockDeltaEvent") continue;
      if (value.event.delta.type === "textDelta") textSeen?.();
    }
  };
}

await main({
  build,
  package: "@strands-agents/sdk",
  close: () => flush(),
  offers: [...FEATURES.filter((feature) => feature !== "hold-agents"), "structured-output", "tracing", "handoff"],
});
