// An agent of the OpenAI Agents SDK: `Agent` and `run`, tools by `tool`.
//
// It speaks Responses, as the SDK does by default, or Chat Completions if the hello asks for it.

import { FEATURES, type Hello, main, offered, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import { Agent, run, setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled, tool } from "@openai/agents";
import OpenAI from "openai";
import { z } from "zod";

function build(hello: Hello): () => Run {
  setTracingDisabled(true);
  setDefaultOpenAIClient(new OpenAI({ baseURL: hello.base_url, apiKey: "made-up" }));
  if (hello.api === "chat-completions") setOpenAIAPI("chat_completions");
  const corpus = Corpus.load(hello.scenario.data);

  const searchPapers = tool({
    name: "search_papers",
    description: "Search the library for papers whose title or abstract contains the query.",
    parameters: z.object({
      query: z.string().describe("The text to look for."),
      limit: z.number().describe("At most so many papers."),
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

  const all = [searchPapers, readPaper, countWords, wait, block, compute, payload, fail];
  const tools = offered(hello.scenario, all);

  return () => {
    const agent = new Agent({
      name: "Research assistant",
      instructions: hello.scenario.instructions,
      model: hello.model,
      tools,
    });
    const { max_turns: maxTurns } = hello.scenario;

    return async (prompt, signal) => {
      if (!hello.stream) return (await run(agent, prompt, { maxTurns, signal })).finalOutput ?? "";
      const result = await run(agent, prompt, { maxTurns, signal, stream: true });
      for await (const _ of result);
      await result.completed;
      return result.finalOutput ?? "";
    };
  };
}

await main({ build, package: "@openai/agents", offers: FEATURES });
