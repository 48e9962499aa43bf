// An agent of the AI SDK: `ToolLoopAgent` with tools by `tool`, on the OpenAI provider.
//
// It speaks Responses, as the provider does by default, or Chat Completions if the hello asks for it.

import { asAnswer, FEATURES, type Hello, main, offeredByName, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import { setTimeout } from "node:timers/promises";
import { createOpenAI } from "@ai-sdk/openai";
import { isStepCount, Output, registerTelemetry, tool, ToolLoopAgent, type ToolSet } from "ai";
import { z } from "zod";

/** What the hello asks for as the answer, where it asks for a structure. */
const Summary = z.object({ title: z.string(), topics: z.array(z.string()), words: z.int() });

/** How long the end waits for a collector to take what is left. */
const FLUSH_MS = 5_000;

let flush = async (): Promise<void> => {};

/** Sends spans to an OpenTelemetry collector. What that takes is loaded only where tracing is on. */
async function sendTracesTo(collector: string): Promise<void> {
  const { OpenTelemetry } = await import("@ai-sdk/otel");
  const { BatchSpanProcessor, NodeTracerProvider } = await import("@opentelemetry/sdk-trace-node");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const exporter = new OTLPTraceExporter({ url: `${collector}/v1/traces` });
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  flush = () => Promise.race([provider.forceFlush(), setTimeout(FLUSH_MS)]);
  registerTelemetry(new OpenTelemetry());
}

async function build(hello: Hello): Promise<() => Run> {
  if (hello.tracing) await sendTracesTo(hello.tracing);
  const corpus = Corpus.load(hello.scenario.data);
  const openai = createOpenAI({ baseURL: hello.base_url, apiKey: "made-up" });

  const search_papers = tool({
    description: "Search the library for papers whose title or abstract contains the query.",
    inputSchema: z.object({
      query: z.string().describe("The text to look for."),
      limit: z.number().describe("The maximum number of papers."),
    }),
    execute: async ({ query, limit }) => corpus.searchPapers(query, limit),
  });

  const read_paper = tool({
    description: "Read one paper of the library: its authors, year and abstract.",
    inputSchema: z.object({ id: z.string().describe("The paper's id.") }),
    execute: async ({ id }) => corpus.readPaper(id),
  });

  const word_count = tool({
    description: "Count the words of a text.",
    inputSchema: z.object({ text: z.string().describe("The text.") }),
    execute: async ({ text }) => wordCount(text),
  });

  const wait = tool({
    description: "Wait for something else for some milliseconds.",
    inputSchema: z.object({ ms: z.number().describe("How many milliseconds.") }),
    execute: async ({ ms }) => synthetic.wait(ms),
  });

  const block = tool({
    description: "Block the calling thread for some milliseconds.",
    inputSchema: z.object({ ms: z.number().describe("How many milliseconds.") }),
    execute: ({ ms }) => synthetic.block(ms),
  });

  const compute = tool({
    description: "Compute for some milliseconds.",
    inputSchema: z.object({ ms: z.number().describe("How many milliseconds of CPU time.") }),
    execute: ({ ms }) => synthetic.compute(ms),
  });

  const payload = tool({
    description: "Return a text of some length.",
    inputSchema: z.object({ bytes: z.number().describe("How many characters.") }),
    execute: ({ bytes }) => synthetic.payload(bytes),
  });

  const fail = tool({
    description: "Fail with a message.",
    inputSchema: z.object({ message: z.string().describe("The message.") }),
    execute: ({ message }) => synthetic.fail(message),
  });

  const tally = tool({
    description: "Count the items of a list.",
    inputSchema: z.object({
      items: z.array(z.string()).describe("The items."),
      unit: z.string().describe("What an item is."),
    }),
    execute: ({ items }) => synthetic.tally(items),
  });

  const all: ToolSet = { search_papers, read_paper, word_count, wait, block, compute, payload, tally, fail };
  for (const { name, description, lookUp } of synthetic.lookups(hello.scenario)) {
    all[name] = tool({
      description,
      inputSchema: z.object({
        topic: z.string().describe("The topic to look for."),
        limit: z.number().describe("The maximum number of entries."),
      }),
      execute: ({ topic, limit }) => lookUp(topic, limit),
    });
  }
  const tools = offeredByName(hello.scenario, all);

  const newAgent = (instructions: string, tools: ToolSet) =>
    new ToolLoopAgent({
      model: hello.api === "responses" ? openai(hello.model) : openai.chat(hello.model),
      instructions,
      tools,
      stopWhen: isStepCount(hello.scenario.max_turns),
      output: hello.output ? Output.object({ schema: Summary }) : undefined,
    });

  return () => {
    const offered: ToolSet = { ...tools };
    if (hello.handoff) {
      const writer = newAgent(hello.handoff.instructions, tools);
      offered[hello.handoff.name] = tool({
        description: hello.handoff.description,
        inputSchema: z.object({ task: z.string() }),
        execute: async ({ task }, { abortSignal }) => (await writer.generate({ prompt: task, abortSignal })).text,
      });
    }
    const agent = newAgent(hello.scenario.instructions, offered);

    return async (prompt, abortSignal, textSeen) => {
      if (hello.output) return asAnswer((await agent.generate({ prompt, abortSignal })).output as z.infer<typeof Summary>);
      if (!hello.stream) return (await agent.generate({ prompt, abortSignal })).text;
      const result = await agent.stream({ prompt, abortSignal });
      for await (const piece of result.textStream) if (piece !== "") textSeen?.();
      return result.text;
    };
  };
}

await main({ build, package: "ai", close: () => flush(), offers: [...FEATURES, "structured-output", "tracing", "handoff"] });
