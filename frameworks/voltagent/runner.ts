// An agent of VoltAgent: `Agent` with tools by `createTool`, on a model of the AI SDK.
//
// It speaks Responses, as the AI SDK's OpenAI provider does by default, or Chat Completions if the hello asks for it.

import { FEATURES, type Hello, main, offeredByName, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import { createOpenAI } from "@ai-sdk/openai";
import { Agent, createTool, type Toolkit } from "@voltagent/core";
import { z } from "zod";

type Offered = Toolkit["tools"][number];

async function build(hello: Hello): Promise<() => Run> {
  const corpus = Corpus.load(hello.scenario.data);

  const search_papers = createTool({
    name: "search_papers",
    description: "Search the library for papers whose title or abstract contains the query.",
    parameters: z.object({
      query: z.string().describe("The text to look for."),
      limit: z.number().describe("The maximum number of papers."),
    }),
    execute: async ({ query, limit }) => corpus.searchPapers(query, limit),
  });

  const read_paper = createTool({
    name: "read_paper",
    description: "Read one paper of the library: its authors, year and abstract.",
    parameters: z.object({ id: z.string().describe("The paper's id.") }),
    execute: async ({ id }) => corpus.readPaper(id),
  });

  const word_count = createTool({
    name: "word_count",
    description: "Count the words of a text.",
    parameters: z.object({ text: z.string().describe("The text.") }),
    execute: async ({ text }) => wordCount(text),
  });

  const wait = createTool({
    name: "wait",
    description: "Wait for something else for some milliseconds.",
    parameters: z.object({ ms: z.number().describe("How many milliseconds.") }),
    execute: async ({ ms }) => synthetic.wait(ms),
  });

  const block = createTool({
    name: "block",
    description: "Block the calling thread for some milliseconds.",
    parameters: z.object({ ms: z.number().describe("How many milliseconds.") }),
    execute: async ({ ms }) => synthetic.block(ms),
  });

  const compute = createTool({
    name: "compute",
    description: "Compute for some milliseconds.",
    parameters: z.object({ ms: z.number().describe("How many milliseconds of CPU time.") }),
    execute: async ({ ms }) => synthetic.compute(ms),
  });

  const payload = createTool({
    name: "payload",
    description: "Return a text of some length.",
    parameters: z.object({ bytes: z.number().describe("How many characters.") }),
    execute: async ({ bytes }) => synthetic.payload(bytes),
  });

  const fail = createTool({
    name: "fail",
    description: "Fail with a message.",
    parameters: z.object({ message: z.string().describe("The message.") }),
    execute: async ({ message }) => synthetic.fail(message),
  });

  const tally = createTool({
    name: "tally",
    description: "Count the items of a list.",
    parameters: z.object({
      items: z.array(z.string()).describe("The items."),
      unit: z.string().describe("What an item is."),
    }),
    execute: async ({ items }) => synthetic.tally(items),
  });

  const all: Record<string, Offered> = { search_papers, read_paper, word_count, wait, block, compute, payload, tally, fail };
  for (const { name, description, lookUp } of synthetic.lookups(hello.scenario)) {
    all[name] = createTool({
      name,
      description,
      parameters: z.object({
        topic: z.string().describe("The topic to look for."),
        limit: z.number().describe("The maximum number of entries."),
      }),
      execute: async ({ topic, limit }) => lookUp(topic, limit),
    });
  }
  const tools = Object.values(offeredByName(hello.scenario, all));

  const openai = createOpenAI({ baseURL: hello.base_url, apiKey: "made-up" });
  const model = hello.api === "responses" ? openai(hello.model) : openai.chat(hello.model);

  return () => {
    const agent = new Agent({
      name: "Research assistant",
      instructions: hello.scenario.instructions,
      model,
      tools,
      maxSteps: hello.scenario.max_turns,
    });

    return async (prompt, abortSignal, textSeen) => {
      if (!hello.stream) return (await agent.generateText(prompt, { abortSignal })).text;
      const result = await agent.streamText(prompt, { abortSignal });
      for await (const piece of result.textStream) if (piece !== "") textSeen?.();
      return result.text;
    };
  };
}

await main({ build, package: "@voltagent/core", offers: FEATURES });
