// An agent of Mastra: `Agent` with tools by `createTool`, registered in a `Mastra` instance.
//
// It speaks Responses, as the model router does for OpenAI, or Chat Completions if the hello asks for it.

import { asAnswer, FEATURES, type Hello, main, offeredByName, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import { setTimeout } from "node:timers/promises";
import { Mastra } from "@mastra/core";
import { Agent, type ToolsInput } from "@mastra/core/agent";
import { createTool } from "@mastra/core/tools";
import { z } from "zod";

/** What the hello asks for as the answer, where it asks for a structure. */
const Summary = z.object({ title: z.string(), topics: z.array(z.string()), words: z.int() });

/** How long the end waits for a collector to take what is left. */
const FLUSH_MS = 5_000;

let flush = async (): Promise<void> => {};

/** A Mastra that sends its spans to a collector. What that takes is loaded only where tracing is on. */
async function traced(collector: string): Promise<Mastra> {
  const { MastraPlatformExporter, Observability } = await import("@mastra/observability");
  const exporter = new MastraPlatformExporter({
    accessToken: "made-up",
    tracesEndpoint: `${collector}/ai/spans/publish`,
  });
  const configs = { default: { serviceName: "loopmark", exporters: [exporter] } };
  const mastra = new Mastra({ observability: new Observability({ configs }) });
  flush = () => Promise.race([mastra.shutdown(), setTimeout(FLUSH_MS)]);
  return mastra;
}

async function build(hello: Hello): Promise<() => Run> {
  process.env["OPENAI_API_KEY"] = "made-up";
  process.env["OPENAI_BASE_URL"] = hello.base_url;
  const corpus = Corpus.load(hello.scenario.data);

  const search_papers = createTool({
    id: "search_papers",
    description: "Search the library for papers whose title or abstract contains the query.",
    inputSchema: z.object({
      query: z.string().describe("The text to look for."),
      limit: z.number().describe("The maximum number of papers."),
    }),
    execute: async ({ query, limit }) => corpus.searchPapers(query, limit),
  });

  const read_paper = createTool({
    id: "read_paper",
    description: "Read one paper of the library: its authors, year and abstract.",
    inputSchema: z.object({ id: z.string().describe("The paper's id.") }),
    execute: async ({ id }) => corpus.readPaper(id),
  });

  const word_count = createTool({
    id: "word_count",
    description: "Count the words of a text.",
    inputSchema: z.object({ text: z.string().describe("The text.") }),
    execute: async ({ text }) => wordCount(text),
  });

  const wait = createTool({
    id: "wait",
    description: "Wait for something else for some milliseconds.",
    inputSchema: z.object({ ms: z.number().describe("How many milliseconds.") }),
    execute: async ({ ms }) => synthetic.wait(ms),
  });

  const block = createTool({
    id: "block",
    description: "Block the calling thread for some milliseconds.",
    inputSchema: z.object({ ms: z.number().describe("How many milliseconds.") }),
    execute: async ({ ms }) => synthetic.block(ms),
  });

  const compute = createTool({
    id: "compute",
    description: "Compute for some milliseconds.",
    inputSchema: z.object({ ms: z.number().describe("How many milliseconds of CPU time.") }),
    execute: async ({ ms }) => synthetic.compute(ms),
  });

  const payload = createTool({
    id: "payload",
    description: "Return a text of some length.",
    inputSchema: z.object({ bytes: z.number().describe("How many characters.") }),
    execute: async ({ bytes }) => synthetic.payload(bytes),
  });

  const fail = createTool({
    id: "fail",
    description: "Fail with a message.",
    inputSchema: z.object({ message: z.string().describe("The message.") }),
    execute: async ({ message }) => synthetic.fail(message),
  });

  const tally = createTool({
    id: "tally",
    description: "Count the items of a list.",
    inputSchema: z.object({
      items: z.array(z.string()).describe("The items."),
      unit: z.string().describe("What an item is."),
    }),
    execute: async ({ items }) => synthetic.tally(items),
  });

  const all: ToolsInput = { search_papers, read_paper, word_count, wait, block, compute, payload, tally, fail };
  for (const { name, description, lookUp } of synthetic.lookups(hello.scenario)) {
    all[name] = createTool({
      id: name,
      description,
      inputSchema: z.object({
        topic: z.string().describe("The topic to look for."),
        limit: z.number().describe("The maximum number of entries."),
      }),
      execute: async ({ topic, limit }) => lookUp(topic, limit),
    });
  }
  const tools = offeredByName(hello.scenario, all);

  const router = `openai/${hello.model}` as const;
  const model = hello.api === "responses" ? router : { id: router, url: hello.base_url, apiKey: "made-up" };
  const mastra = hello.tracing ? await traced(hello.tracing) : new Mastra({});
  let made = 0;

  return () => {
    const id = `research-assistant-${made++}`;
    mastra.addAgent(
      new Agent({
        id,
        name: "Research assistant",
        instructions: hello.scenario.instructions,
        model,
        tools,
      }),
    );
    const agent = mastra.getAgentById(id);
    const maxSteps = hello.scenario.max_turns;

    const answer: Run = async (prompt, abortSignal, textSeen) => {
      if (hello.output) {
        const options = { maxSteps, abortSignal, structuredOutput: { schema: Summary } };
        return asAnswer((await agent.generate(prompt, options)).object);
      }
      if (!hello.stream) return lastText((await agent.generate(prompt, { maxSteps, abortSignal })).steps);
      const result = await agent.stream(prompt, { maxSteps, abortSignal });
      for await (const piece of result.textStream) if (piece !== "") textSeen?.();
      return lastText(await result.steps);
    };
    if (hello.agent !== "per-run") return answer;
    return (...run) => answer(...run).finally(() => mastra.removeAgent(id));
  };
}

/** The text of the last step: the `text` of a result is that of all steps. */
function lastText(steps: { text: string }[]): string {
  return steps.at(-1)?.text ?? "";
}

await main({
  build,
  package: "@mastra/core",
  close: () => flush(),
  offers: [...FEATURES, "structured-output", "tracing"],
});
