// An agent of @name@.

import { type Hello, main, offeredByName, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import { block, compute, fail, payload, wait } from "../shared/typescript/synthetic.ts";

function build(hello: Hello): () => Run {
  const corpus = Corpus.load(hello.scenario.data);
  // What they are called and take is in `hello.scenario.tools`; a framework's own way to declare a tool goes here.
  const tools: Record<string, (args: any) => unknown> = offeredByName(hello.scenario, {
    search_papers: ({ query, limit }) => corpus.searchPapers(query, limit),
    read_paper: ({ id }) => corpus.readPaper(id),
    word_count: ({ text }) => wordCount(text),
    wait: ({ ms }) => wait(ms),
    block: ({ ms }) => block(ms),
    compute: ({ ms }) => compute(ms),
    payload: ({ bytes }) => payload(bytes),
    fail: ({ message }) => fail(message),
  });

  // >>> FILL IN: what agents share, from `hello.base_url`, `hello.api` and `hello.model`, and the agent with
  // `hello.scenario.instructions` and `tools`. `signal` ends a run that is cancelled.
  void tools;
  return () => async (_prompt, _signal) => {
    throw new Error("the agent is not written yet: fill in runner.ts");
  };
  // <<<
}

await main({
  build,
  // FILL IN: package: "…", the framework's, and httpClient: "…" if it is not Node's own fetch.
  // "cancellation" once `signal` ends a run, "streaming" once the agent does what `hello.stream` asks for.
  offers: ["agent-per-run", "heartbeat", "synthetic-tools"],
});
