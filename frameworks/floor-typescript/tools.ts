// The tools: what the model calls by name with JSON, and is told as JSON.

import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import { offeredByName, type Task } from "../shared/typescript/runner.ts";
import { block, compute, fail, lookups, payload, tally, wait } from "../shared/typescript/synthetic.ts";

/** What the model is told of a call; a failure is told too. */
export type CallTool = (name: string, args: string) => Promise<string>;

export function toolbox(task: Task): CallTool {
  const corpus = Corpus.load(task.data);
  const functions: Record<string, (args: any) => unknown> = offeredByName(task, {
    search_papers: ({ query, limit }) => corpus.searchPapers(query, limit),
    read_paper: ({ id }) => corpus.readPaper(id),
    word_count: ({ text }) => wordCount(text),
    wait: ({ ms }) => wait(ms),
    block: ({ ms }) => block(ms),
    compute: ({ ms }) => compute(ms),
    payload: ({ bytes }) => payload(bytes),
    tally: ({ items }) => tally(items),
    fail: ({ message }) => fail(message),
    ...Object.fromEntries(lookups(task).map(({ name, lookUp }) => [name, ({ topic, limit }) => lookUp(topic, limit)])),
  });
  return async (name, args) => {
    try {
      const called = functions[name];
      if (called === undefined) throw new Error(`no tool is named ${name}`);
      return JSON.stringify(await called(JSON.parse(args)));
    } catch (error) {
      return JSON.stringify({ error: String(error) });
    }
  };
}
