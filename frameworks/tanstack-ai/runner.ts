// An agent of TanStack AI: `chat` with tools by `toolDefinition`, on the OpenAI adapter.
//
// It speaks Responses, as `createOpenaiChat` does, or Chat Completions if the hello asks for it.

import { asAnswer, FEATURES, type Hello, main, offeredByName, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import { setTimeout } from "node:timers/promises";
import { type AnyServerTool, chat, type ChatMiddleware, maxIterations, toolDefinition } from "@tanstack/ai";
import { createOpenaiChat, createOpenaiChatCompletions } from "@tanstack/ai-openai";
import { z } from "zod";

/** What the hello asks for as the answer, where it asks for a structure. */
const Summary = z.object({ title: z.string(), topics: z.array(z.string()), words: z.int() });

/** How long the end waits for a collector to take what is left. */
const FLUSH_MS = 5_000;

let flush = async (): Promise<void> => {};

/** The middleware that sends spans to an OpenTelemetry collector. What it takes is loaded only where tracing is on. */
async function tracesTo(collector: string): Promise<ChatMiddleware> {
  const { otelMiddleware } = await import("@tanstack/ai/middlewares/otel");
  const { BatchSpanProcessor, NodeTracerProvider } = await import("@opentelemetry/sdk-trace-node");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const exporter = new OTLPTraceExporter({ url: `${collector}/v1/traces` });
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  flush = () => Promise.race([provider.forceFlush(), setTimeout(FLUSH_MS)]);
  return otelMiddleware({ tracer: provider.getTracer("loopmark") });
}

async function build(hello: Hello): Promise<() => Run> {
  const middleware = hello.tracing ? [await tracesTo(hello.tracing)] : [];
  const corpus = Corpus.load(hello.scenario.data);
  const model = hello.model as "gpt-4o-mini";
  const client = { baseURL: hello.base_url };

  const search_papers = toolDefinition({
    name: "search_papers",
    description: "Search the library for papers whose title or abstract contains the query.",
    inputSchema: z.object({
      query: z.string().meta({ description: "The text to look for." }),
      limit: z.number().meta({ description: "The maximum number of papers." }),
    }),
  }).server(async ({ query, limit }) => corpus.searchPapers(query, limit));

  const read_paper = toolDefinition({
    name: "read_paper",
    description: "Read one paper of the library: its authors, year and abstract.",
    inputSchema: z.object({ id: z.string().meta({ description: "The paper's id." }) }),
  }).server(async ({ id }) => corpus.readPaper(id));

  const word_count = toolDefinition({
    name: "word_count",
    description: "Count the words of a text.",
    inputSchema: z.object({ text: z.string().meta({ description: "The text." }) }),
  }).server(async ({ text }) => wordCount(text));

  const wait = toolDefinition({
    name: "wait",
    description: "Wait for something else for some milliseconds.",
    inputSchema: z.object({ ms: z.number().meta({ description: "How many milliseconds." }) }),
  }).server(async ({ ms }) => synthetic.wait(ms));

  const block = toolDefinition({
    name: "block",
    description: "Block the calling thread for some milliseconds.",
    inputSchema: z.object({ ms: z.number().meta({ description: "How many milliseconds." }) }),
  }).server(async ({ ms }) => synthetic.block(ms));

  const compute = toolDefinition({
    name: "compute",
    description: "Compute for some milliseconds.",
    inputSchema: z.object({ ms: z.number().meta({ description: "How many milliseconds of CPU time." }) }),
  }).server(async ({ ms }) => synthetic.compute(ms));

  const payload = toolDefinition({
    name: "payload",
    description: "Return a text of some length.",
    inputSchema: z.object({ bytes: z.number().meta({ description: "How many characters." }) }),
  }).server(async ({ bytes }) => synthetic.payload(bytes));

  const fail = toolDefinition({
    name: "fail",
    description: "Fail with a message.",
    inputSchema: z.object({ message: z.string().meta({ description: "The message." }) }),
  }).server(async ({ message }) => synthetic.fail(message));

  const tally = toolDefinition({
    name: "tally",
    description: "Count the items of a list.",
    inputSchema: z.object({
      items: z.array(z.string()).meta({ description: "The items." }),
      unit: z.string().meta({ description: "What an item is." }),
    }),
  }).server(async ({ items }) => synthetic.tally(items));

  const all: Record<string, AnyServerTool> = {
    search_papers,
    read_paper,
    word_count,
    wait,
    block,
    compute,
    payload,
    tally,
    fail,
  };
  for (const { name, description, lookUp } of synthetic.lookups(hello.scenario)) {
    all[name] = toolDefinition({
      name,
      description,
      inputSchema: z.object({
        topic: z.string().meta({ description: "The topic to look for." }),
        limit: z.number().meta({ description: "The maximum number of entries." }),
      }),
    }).server(async ({ topic, limit }) => lookUp(topic, limit));
  }
  const options = {
    adapter:
      hello.api === "responses"
        ? createOpenaiChat(model, "made-up", client)
        : createOpenaiChatCompletions(model, "made-up", client),
    systemPrompts: [hello.scenario.instructions],
    tools: Object.values(offeredByName(hello.scenario, all)),
    agentLoopStrategy: maxIterations(hello.scenario.max_turns),
    middleware,
  };

  return () => async (prompt, signal, textSeen) => {
    const abortController = new AbortController();
    signal?.addEventListener("abort", () => abortController.abort(), { once: true });
    const messages = [{ role: "user" as const, content: prompt }];
    if (hello.output) return asAnswer(await chat({ ...options, messages, abortController, outputSchema: Summary }));
    let answer = "";
    for await (const chunk of chat({ ...options, messages, abortController })) {
      if (chunk.type === "RUN_ERROR") throw new Error(chunk.message);
      // Every turn with a text begins a message; the last one is the answer.
      if (chunk.type === "TEXT_MESSAGE_START") answer = "";
      if (chunk.type === "TEXT_MESSAGE_CONTENT") {
        if (hello.stream) textSeen?.();
        answer += chunk.delta;
      }
    }
    return answer;
  };
}

await main({
  build,
  package: "@tanstack/ai",
  close: () => flush(),
  offers: [...FEATURES, "structured-output", "tracing"],
});
