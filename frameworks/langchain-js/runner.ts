// A LangChain agent: `createAgent` on `ChatOpenAI`, with tools by `tool`.
//
// It speaks Chat Completions, as ChatOpenAI does by default, or Responses if the hello asks for it.

import { asAnswer, FEATURES, type Hello, main, type Run } from "../shared/typescript/runner.ts";
import { toolsOf } from "./tools.ts";
import { setTimeout } from "node:timers/promises";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { ChatOpenAI } from "@langchain/openai";
import { AIMessageChunk, createAgent, tool } from "langchain";
import { z } from "zod";

/** What the hello asks for as the answer, where it asks for a structure. */
const Summary = z.object({ title: z.string(), topics: z.array(z.string()), words: z.int() });

/** How long the end waits for LangSmith to take what is left. */
const FLUSH_MS = 5_000;

function build(hello: Hello): () => Run {
  if (hello.tracing) {
    process.env["LANGSMITH_TRACING"] = "true";
    process.env["LANGSMITH_ENDPOINT"] = hello.tracing;
    process.env["LANGSMITH_API_KEY"] = "made-up";
  }
  const model = new ChatOpenAI({
    model: hello.model,
    apiKey: "made-up",
    configuration: { baseURL: hello.base_url },
    ...(hello.api === "responses" ? { useResponsesApi: true } : {}),
  });
  const tools = toolsOf(hello.scenario);
  // A turn is a step of the model and one of the tools; the end is one more.
  const recursionLimit = 2 * hello.scenario.max_turns + 1;
  const conversation = (prompt: string) => ({ messages: [{ role: "user", content: prompt }] });

  return () => {
    const offered = [...tools];
    if (hello.handoff) {
      const { name, description, instructions } = hello.handoff;
      const writer = createAgent({ model, tools, systemPrompt: instructions });
      const handOver = tool(
        async ({ task }, { signal }) =>
          (await writer.invoke(conversation(task), { recursionLimit, signal })).messages.at(-1)?.text ?? "",
        { name, description, schema: z.object({ task: z.string() }) },
      );
      offered.push(handOver);
    }
    const settings = { model, tools: offered, systemPrompt: hello.scenario.instructions };

    if (hello.output) {
      const agent = createAgent({ ...settings, responseFormat: Summary });
      return async (prompt, signal) =>
        asAnswer((await agent.invoke(conversation(prompt), { recursionLimit, signal })).structuredResponse);
    }
    const agent = createAgent(settings);
    return async (prompt, signal, textSeen) => {
      if (!hello.stream) {
        return (await agent.invoke(conversation(prompt), { recursionLimit, signal })).messages.at(-1)?.text ?? "";
      }
      let reply: string | undefined;
      let text = "";
      const stream = await agent.stream(conversation(prompt), { recursionLimit, signal, streamMode: "messages" });
      for await (const [chunk] of stream) {
        if (!AIMessageChunk.isInstance(chunk)) continue;
        if (chunk.text) textSeen?.();
        text = chunk.id === reply ? text + chunk.text : chunk.text;
        reply = chunk.id;
      }
      return text;
    };
  };
}

await main({
  build,
  package: "langchain",
  offers: [...FEATURES, "structured-output", "tracing", "handoff"],
  close: () => Promise.race([awaitAllCallbacks(), setTimeout(FLUSH_MS)]),
});
