// An agent of pi: `Agent` of pi-agent-core, on a model of pi-ai.
//
// It speaks Responses, as pi-ai does with OpenAI's models, or Chat Completions if the hello asks for it.

import { FEATURES, type Hello, main, offered, Refusal, type Run } from "../shared/typescript/runner.ts";
import { Corpus, wordCount } from "../shared/typescript/papers.ts";
import * as synthetic from "../shared/typescript/synthetic.ts";
import { Agent, type AgentTool, type AgentToolResult } from "@earendil-works/pi-agent-core";
import { type Api, contentText, createModels, createProvider, envApiKeyAuth, type Model } from "@earendil-works/pi-ai";
import { openAICompletionsApi } from "@earendil-works/pi-ai/api/openai-completions.lazy";
import { openaiProvider } from "@earendil-works/pi-ai/providers/openai";
import { arr, int, obj, str } from "@earendil-works/pi-schema";

/** What the model is told, as a tool of pi gives it. */
function told(result: unknown): AgentToolResult<undefined> {
  return { content: [{ type: "text", text: JSON.stringify(result) }], details: undefined };
}

/** A tool whose types are those of its schema. */
function tool<Schema extends object>(tool: AgentTool<Schema, undefined>): AgentTool<any> {
  return tool;
}

function build(hello: Hello): () => Run {
  const models = createModels();
  models.setProvider(openaiProvider());
  const known = models.getModel("openai", hello.model);
  if (known === undefined) throw new Refusal(`pi-ai knows no model ${hello.model}`);
  let model: Model<Api> = { ...known, baseUrl: hello.base_url };
  if (hello.api === "chat-completions") {
    model = { ...model, api: "openai-completions", provider: "openai-chat" };
    models.setProvider(
      createProvider({
        id: "openai-chat",
        auth: { apiKey: envApiKeyAuth("OpenAI API key", ["OPENAI_API_KEY"]) },
        models: [model],
        api: openAICompletionsApi(),
      }),
    );
  }
  const corpus = Corpus.load(hello.scenario.data);

  const searchPapers = tool({
    name: "search_papers",
    label: "Search papers",
    description: "Search the library for papers whose title or abstract contains the query.",
    parameters: obj({
      query: str({ description: "The text to look for." }),
      limit: int({ description: "The maximum number of papers." }),
    }),
    execute: async (_id, { query, limit }) => told(corpus.searchPapers(query, limit)),
  });

  const readPaper = tool({
    name: "read_paper",
    label: "Read paper",
    description: "Read one paper of the library: its authors, year and abstract.",
    parameters: obj({ id: str({ description: "The paper's id." }) }),
    execute: async (_id, { id }) => told(corpus.readPaper(id)),
  });

  const countWords = tool({
    name: "word_count",
    label: "Count words",
    description: "Count the words of a text.",
    parameters: obj({ text: str({ description: "The text." }) }),
    execute: async (_id, { text }) => told(wordCount(text)),
  });

  const wait = tool({
    name: "wait",
    label: "Wait",
    description: "Wait for something else for some milliseconds.",
    parameters: obj({ ms: int({ description: "How many milliseconds." }) }),
    execute: async (_id, { ms }) => told(await synthetic.wait(ms)),
  });

  const block = tool({
    name: "block",
    label: "Block",
    description: "Block the calling thread for some milliseconds.",
    parameters: obj({ ms: int({ description: "How many milliseconds." }) }),
    execute: async (_id, { ms }) => told(synthetic.block(ms)),
  });

  const compute = tool({
    name: "compute",
    label: "Compute",
    description: "Compute for some milliseconds.",
    parameters: obj({ ms: int({ description: "How many milliseconds of CPU time." }) }),
    execute: async (_id, { ms }) => told(synthetic.compute(ms)),
  });

  const payload = tool({
    name: "payload",
    label: "Payload",
    description: "Return a text of some length.",
    parameters: obj({ bytes: int({ description: "How many characters." }) }),
    execute: async (_id, { bytes }) => told(synthetic.payload(bytes)),
  });

  const tally = tool({
    name: "tally",
    label: "Tally",
    description: "Count the items of a list.",
    parameters: obj({
      items: arr(str(), { description: "The items." }),
      unit: str({ description: "What an item is." }),
    }),
    execute: async (_id, { items }) => told(synthetic.tally(items)),
  });

  const fail = tool({
    name: "fail",
    label: "Fail",
    description: "Fail with a message.",
    parameters: obj({ message: str({ description: "The message." }) }),
    execute: async (_id, { message }) => told(synthetic.fail(message)),
  });

  const lookups = synthetic.lookups(hello.scenario).map(({ name, description, lookUp }) =>
    tool({
      name,
      label: "Look up",
      description,
      parameters: obj({
        topic: str({ description: "The topic to look for." }),
        limit: int({ description: "The maximum number of entries." }),
      }),
      execute: async (_id, { topic, limit }) => told(lookUp(topic, limit)),
    }),
  );

  const all = [searchPapers, readPaper, countWords, wait, block, compute, payload, tally, fail, ...lookups];
  const tools = offered(hello.scenario, all);

  const newAgent = () =>
    new Agent({
      initialState: { systemPrompt: hello.scenario.instructions, model, tools },
      streamFn: models.streamSimple.bind(models),
      getApiKey: () => "made-up",
    });

  return () => {
    // An agent is one conversation: the first run takes this one, any other run needs one of its own.
    let unused: Agent | undefined = newAgent();

    return async (prompt, signal, textSeen) => {
      const agent = unused ?? newAgent();
      unused = undefined;
      agent.subscribe((event) => {
        if (event.type === "message_update" && event.assistantMessageEvent.type === "text_delta") textSeen?.();
      });
      signal?.addEventListener("abort", () => agent.abort(), { once: true });
      await agent.prompt(prompt);
      const { errorMessage, messages } = agent.state;
      if (errorMessage) throw new Error(errorMessage);
      const answer = messages.at(-1);
      return answer?.role === "assistant" ? contentText(answer.content) : "";
    };
  };
}

await main({ build, package: "@earendil-works/pi-agent-core", offers: FEATURES });
