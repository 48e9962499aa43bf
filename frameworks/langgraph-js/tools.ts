// The tools, each a function and its schema.

import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import { offered, type Task } from "../shared/typescript/runner.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import { type StructuredToolInterface, tool } from "@langchain/core/tools";
import { z } from "zod";

/** The tools that a task offers. */
export function toolsOf(task: Task): StructuredToolInterface[] {
  const corpus = Corpus.load(task.data);

  const searchPapers = tool(({ query, limit }) => corpus.searchPapers(query, limit), {
    name: "search_papers",
    description: "Search the library for papers whose title or abstract contains the query.",
    schema: z.object({
      query: z.string().describe("The text to look for."),
      limit: z.number().describe("The maximum number of papers."),
    }),
  });

  const readPaper = tool(({ id }) => corpus.readPaper(id), {
    name: "read_paper",
    description: "Read one paper of the library: its authors, year and abstract.",
    schema: z.object({ id: z.string().describe("The paper's id.") }),
  });

  const countWords = tool(({ text }) => wordCount(text), {
    name: "word_count",
    description: "Count the words of a text.",
    schema: z.object({ text: z.string().describe("The text.") }),
  });

  const wait = tool(({ ms }) => synthetic.wait(ms), {
    name: "wait",
    description: "Wait for something else for some milliseconds.",
    schema: z.object({ ms: z.number().describe("How many milliseconds.") }),
  });

  const block = tool(({ ms }) => synthetic.block(ms), {
    name: "block",
    description: "Block the calling thread for some milliseconds.",
    schema: z.object({ ms: z.number().describe("How many milliseconds.") }),
  });

  const compute = tool(({ ms }) => synthetic.compute(ms), {
    name: "compute",
    description: "Compute for some milliseconds.",
    schema: z.object({ ms: z.number().describe("How many milliseconds of CPU time.") }),
  });

  const payload = tool(({ bytes }) => synthetic.payload(bytes), {
    name: "payload",
    description: "Return a text of some length.",
    schema: z.object({ bytes: z.number().describe("How many characters.") }),
  });

  const tally = tool(({ items }) => synthetic.tally(items), {
    name: "tally",
    description: "Count the items of a list.",
    schema: z.object({
      items: z.array(z.string()).describe("The items."),
      unit: z.string().describe("What an item is."),
    }),
  });

  const fail = tool(({ message }) => synthetic.fail(message), {
    name: "fail",
    description: "Fail with a message.",
    schema: z.object({ message: z.string().describe("The message.") }),
  });

  const lookups = synthetic.lookups(task).map(({ name, description, lookUp }) =>
    tool(({ topic, limit }) => lookUp(topic, limit), {
      name,
      description,
      schema: z.object({
        topic: z.string().describe("The topic to look for."),
        limit: z.number().describe("The maximum number of entries."),
      }),
    }),
  );

  const all: StructuredToolInterface[] = [
    searchPapers, readPaper, countWords, wait, block, compute, payload, tally, fail, ...lookups,
  ];
  return offered(task, all);
}
