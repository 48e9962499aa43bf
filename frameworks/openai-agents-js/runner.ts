// An agent of the OpenAI Agents SDK: `Agent` and `run`, tools by `tool`.
//
// It speaks Responses, as the SDK does by default, or Chat Completions if the hello asks for it.

import { asAnswer, FEATURES, type Hello, main, offered, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import {
  Agent,
  BatchTraceProcessor,
  OpenAITracingExporter,
  run,
  setDefaultOpenAIClient,
  setOpenAIAPI,
  setTraceProcessors,
  setTracingDisabled,
  tool,
} from "@openai/agents";
import OpenAI from "openai";
import { z } from "zod";

/** What the hello asks for as the answer, where it asks for a structure. */
const Summary = z.object({ title: z.string(), topics: z.array(z.string()), words: z.int() });

function build(hello: Hello): () => Run {
  if (hello.tracing) {
    const exporter = new OpenAITracingExporter({ apiKey: "made-up", endpoint: `${hello.tracing}/traces/ingest` });
    setTraceProcessors([new BatchTraceProcessor(exporter)]);
  } else {
    setTracingDisabled(true);
  }
  setDefaultOpenAIClient(new OpenAI({ baseURL: hello.base_url, apiKey: "made-up" }));
  if (hello.api === "chat-completions") setOpenAIAPI("chat_completions");
  const corpus = Corpus.load(hello.scenario.data);

  const searchPapers = tool({
    name: "search_papers",
    description: "Search the library for papers whose title or abstract contains the query.",
    parameters: z.object({
      query: z.string().describe("The text to look for."),
      limit: z.number().describe("The maximum number of papers."),
    }),
    execute: async ({ query, limit }) => corpus.searchPapers(query, limit),
  });

  const readPaper = tool({
    name: "read_paper",
    description: "Read one paper of the library: its authors, year and abstract.",
    parameters: z.object({ id: z.string().describe("The paper's id.") }),
    execute: async ({ id }) => corpus.readPaper(id),
  });

  const countWords = tool({
    name: "word_count",
    description: "Count the words of a text.",
    parameters: z.object({ text: z.string().describe("The text.") }),
    execute: async ({ text }) => wordCount(text),
  });

  const wait = tool({
    name: "wait",
    description: "Wait for something else for some milliseconds.",
    parameters: z.object({ ms: z.number().describe("How many milliseconds.") }),
    execute: async ({ ms }) => synthetic.wait(ms),
  });

  const block = tool({
    name: "block",
    description: "Block the calling thread for some milliseconds.",
    parameters: z.object({ ms: z.number().describe("How many milliseconds.") }),
    execute: ({ ms }) => synthetic.block(ms),
  });

  const compute = tool({
    name: "compute",
    description: "Compute for some milliseconds.",
    parameters: z.object({ ms: z.number().describe("How many milliseconds of CPU time.") }),
    execute: ({ ms }) => synthetic.compute(ms),
  });

  const payload = tool({
    name: "payload",
    description: "Return a text of some length.",
    parameters: z.object({ bytes: z.number().describe("How many characters.") }),
    execute: ({ bytes }) => synthetic.payload(bytes),
  });

  const fail = tool({
    name: "fail",
    description: "Fail with a message.",
    parameters: z.object({ message: z.string().describe("The message.") }),
    execute: ({ message }) => synthetic.fail(message),
  });

  const tally = tool({
    name: "tally",
    description: "Count the items of a list.",
    parameters: z.object({
      items: z.array(z.string()).describe("The items."),
      unit: z.string().describe("What an item is."),
    }),
    execute: ({ items }) => synthetic.tally(items),
  });

  const lookups = synthetic.lookups(hello.scenario).map(({ name, description, lookUp }) =>
    tool({
      name,
      description,
      parameters: z.object({
        topic: z.string().describe("The topic to look for."),
        limit: z.number().describe("The maximum number of entries."),
      }),
      execute: ({ topic, limit }) => lookUp(topic, limit),
    }),
  );

  const all = [searchPapers, readPaper, countWords, wait, block, compute, payload, tally, fail, ...lookups];
  const tools = offered(hello.scenario, all);

  return () => {
    const { handoff } = hello;
    const writers = handoff
      ? [
          new Agent({
            name: handoff.name,
            handoffDescription: handoff.description,
            instructions: handoff.instructions,
            model: hello.model,
            tools,
          }),
        ]
      : [];
    const agent = new Agent({
      name: "Research assistant",
      instructions: hello.scenario.instructions,
      model: hello.model,
      tools,
      handoffs: writers,
      ...(hello.output ? { outputType: Summary } : {}),
    });
    const { max_turns: maxTurns } = hello.scenario;

    return async (prompt, signal, textSeen) => {
      if (hello.output) {
        const { finalOutput } = await run(agent, prompt, { maxTurns, signal });
        return asAnswer(finalOutput as unknown as z.infer<typeof Summary>);
      }
      if (!hello.stream) return textOf((await run(agent, prompt, { maxTurns, signal })).finalOutput);
      const result = await run(agent, prompt, { maxTurns, signal, stream: true });
      for await (const event of result) {
        if (event.type === "raw_model_stream_event" && event.data.type === "output_text_delta") textSeen?.();
      }
      await result.completed;
      return textOf(result.finalOutput);
    };
  };
}

/** The answer of an agent without a structure. */
function textOf(output: unknown): string {
  return typeof output === "string" ? output : "";
}

await main({ build, package: "@openai/agents", offers: [...FEATURES, "structured-output", "tracing", "handoff"] });
