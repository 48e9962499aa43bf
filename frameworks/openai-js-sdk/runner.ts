// The tool loop of OpenAI's SDK: `client.chat.completions.runTools`, tools by `zodFunction`.

import { asAnswer, FEATURES, type Hello, main, offeredByName, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import type { AutoParseableTool } from "openai/lib/parser";
import { z } from "zod";

/** What the hello asks for as the answer, where it asks for a structure. */
const Summary = z.object({ title: z.string(), topics: z.array(z.string()), words: z.int() });

type RunnableTool = AutoParseableTool<any, true>;

function build(hello: Hello): () => Run {
  const client = new OpenAI({ baseURL: hello.base_url, apiKey: "made-up" });
  const corpus = Corpus.load(hello.scenario.data);

  const search_papers = zodFunction({
    name: "search_papers",
    description: "Search the library for papers whose title or abstract contains the query.",
    parameters: z.object({
      query: z.string().describe("The text to look for."),
      limit: z.number().describe("The maximum number of papers."),
    }),
    function: ({ query, limit }) => corpus.searchPapers(query, limit),
  });

  const read_paper = zodFunction({
    name: "read_paper",
    description: "Read one paper of the library: its authors, year and abstract.",
    parameters: z.object({ id: z.string().describe("The paper's id.") }),
    function: ({ id }) => corpus.readPaper(id),
  });

  const word_count = zodFunction({
    name: "word_count",
    description: "Count the words of a text.",
    parameters: z.object({ text: z.string().describe("The text.") }),
    function: ({ text }) => wordCount(text),
  });

  const wait = zodFunction({
    name: "wait",
    description: "Wait for something else for some milliseconds.",
    parameters: z.object({ ms: z.number().describe("How many milliseconds.") }),
    function: ({ ms }) => synthetic.wait(ms),
  });

  const block = zodFunction({
    name: "block",
    description: "Block the calling thread for some milliseconds.",
    parameters: z.object({ ms: z.number().describe("How many milliseconds.") }),
    function: ({ ms }) => synthetic.block(ms),
  });

  const compute = zodFunction({
    name: "compute",
    description: "Compute for some milliseconds.",
    parameters: z.object({ ms: z.number().describe("How many milliseconds of CPU time.") }),
    function: ({ ms }) => synthetic.compute(ms),
  });

  const payload = zodFunction({
    name: "payload",
    description: "Return a text of some length.",
    parameters: z.object({ bytes: z.number().describe("How many characters.") }),
    function: ({ bytes }) => synthetic.payload(bytes),
  });

  const tally = zodFunction({
    name: "tally",
    description: "Count the items of a list.",
    parameters: z.object({
      items: z.array(z.string()).describe("The items."),
      unit: z.string().describe("What an item is."),
    }),
    function: ({ items }) => synthetic.tally(items),
  });

  const fail = zodFunction({
    name: "fail",
    description: "Fail with a message.",
    parameters: z.object({ message: z.string().describe("The message.") }),
    function: ({ message }) => synthetic.fail(message),
  });

  const all: Record<string, RunnableTool> = {
    search_papers, read_paper, word_count, wait, block, compute, payload, tally, fail,
  };
  for (const { name, description, lookUp } of synthetic.lookups(hello.scenario)) {
    all[name] = zodFunction({
      name,
      description,
      parameters: z.object({
        topic: z.string().describe("The topic to look for."),
        limit: z.number().describe("The maximum number of entries."),
      }),
      function: ({ topic, limit }) => lookUp(topic, limit),
    });
  }
  const tools = Object.values(offeredByName(hello.scenario, all));

  const newAgent = (instructions: string, tools: RunnableTool[]): Run => async (prompt, signal, textSeen) => {
    const request = {
      model: hello.model,
      messages: [
        { role: "system" as const, content: instructions },
        { role: "user" as const, content: prompt },
      ],
      tools,
    };
    const options = { maxChatCompletions: hello.scenario.max_turns, signal };
    if (hello.output) {
      const format = { ...request, response_format: zodResponseFormat(Summary, hello.output.name) };
      const { parsed } = await client.chat.completions.runTools(format, options).finalMessage() as { parsed?: unknown };
      return asAnswer(parsed as z.infer<typeof Summary>);
    }
    if (!hello.stream) return await client.chat.completions.runTools(request, options).finalContent() ?? "";
    const runner = client.chat.completions.runTools({ ...request, stream: true }, options);
    if (textSeen) runner.on("content", textSeen);
    return await runner.finalContent() ?? "";
  };

  return () => {
    if (!hello.handoff) return newAgent(hello.scenario.instructions, tools);
    const { name, description, instructions } = hello.handoff;
    const writer = newAgent(instructions, tools);
    const handOver = zodFunction({
      name,
      description,
      parameters: z.object({ task: z.string() }),
      function: ({ task }) => writer(task),
    });
    return newAgent(hello.scenario.instructions, [...tools, handOver]);
  };
}

await main({ build, package: "openai", offers: [...FEATURES, "structured-output", "handoff"] });
