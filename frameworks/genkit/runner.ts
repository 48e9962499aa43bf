// Genkit: `generate` with tools by `defineTool`, on the OpenAI plugin.

import { asAnswer, FEATURES, type Hello, main, offeredByName, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import { genkit, type ToolAction, z } from "genkit";
import { openAI } from "@genkit-ai/compat-oai/openai";

/** What the hello asks for as the answer, where it asks for a structure. */
const Summary = z.object({ title: z.string(), topics: z.array(z.string()), words: z.number().int() });

async function build(hello: Hello): Promise<() => Run> {
  process.env["OPENAI_BASE_URL"] = hello.base_url;
  const corpus = Corpus.load(hello.scenario.data);
  const ai = genkit({ plugins: [openAI({ apiKey: "made-up" })] });

  const search_papers = ai.defineTool(
    {
      name: "search_papers",
      description: "Search the library for papers whose title or abstract contains the query.",
      inputSchema: z.object({
        query: z.string().describe("The text to look for."),
        limit: z.number().describe("The maximum number of papers."),
      }),
    },
    async ({ query, limit }) => corpus.searchPapers(query, limit),
  );

  const read_paper = ai.defineTool(
    {
      name: "read_paper",
      description: "Read one paper of the library: its authors, year and abstract.",
      inputSchema: z.object({ id: z.string().describe("The paper's id.") }),
    },
    async ({ id }) => corpus.readPaper(id),
  );

  const word_count = ai.defineTool(
    {
      name: "word_count",
      description: "Count the words of a text.",
      inputSchema: z.object({ text: z.string().describe("The text.") }),
    },
    async ({ text }) => wordCount(text),
  );

  const wait = ai.defineTool(
    {
      name: "wait",
      description: "Wait for something else for some milliseconds.",
      inputSchema: z.object({ ms: z.number().describe("How many milliseconds.") }),
    },
    async ({ ms }) => synthetic.wait(ms),
  );

  const block = ai.defineTool(
    {
      name: "block",
      description: "Block the calling thread for some milliseconds.",
      inputSchema: z.object({ ms: z.number().describe("How many milliseconds.") }),
    },
    async ({ ms }) => synthetic.block(ms),
  );

  const compute = ai.defineTool(
    {
      name: "compute",
      description: "Compute for some milliseconds.",
      inputSchema: z.object({ ms: z.number().describe("How many milliseconds of CPU time.") }),
    },
    async ({ ms }) => synthetic.compute(ms),
  );

  const payload = ai.defineTool(
    {
      name: "payload",
      description: "Return a text of some length.",
      inputSchema: z.object({ bytes: z.number().describe("How many characters.") }),
    },
    async ({ bytes }) => synthetic.payload(bytes),
  );

  const fail = ai.defineTool(
    {
      name: "fail",
      description: "Fail with a message.",
      inputSchema: z.object({ message: z.string().describe("The message.") }),
    },
    async ({ message }) => synthetic.fail(message),
  );

  const tally = ai.defineTool(
    {
      name: "tally",
      description: "Count the items of a list.",
      inputSchema: z.object({
        items: z.array(z.string()).describe("The items."),
        unit: z.string().describe("What an item is."),
      }),
    },
    async ({ items }) => synthetic.tally(items),
  );

  const all: Record<string, ToolAction> = {
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
    all[name] = ai.defineTool(
      {
        name,
        description,
        inputSchema: z.object({
          topic: z.string().describe("The topic to look for."),
          limit: z.number().describe("The maximum number of entries."),
        }),
      },
      async ({ topic, limit }) => lookUp(topic, limit),
    );
  }
  const options = {
    model: openAI.model(hello.model),
    system: hello.scenario.instructions,
    tools: Object.values(offeredByName(hello.scenario, all)),
    maxTurns: hello.scenario.max_turns,
  };

  return () => async (prompt, abortSignal, textSeen) => {
    if (hello.output) {
      const { output } = await ai.generate({ ...options, prompt, abortSignal, output: { schema: Summary } });
      if (!output) throw new Error("no answer of this structure");
      return asAnswer(output);
    }
    if (!hello.stream) return (await ai.generate({ ...options, prompt, abortSignal })).text;
    const { stream, response } = ai.generateStream({ ...options, prompt, abortSignal });
    for await (const chunk of stream) if (chunk.role === "model" && chunk.text !== "") textSeen?.();
    return (await response).text;
  };
}

await main({ build, package: "genkit", httpClient: "node-fetch", offers: [...FEATURES, "structured-output"] });
