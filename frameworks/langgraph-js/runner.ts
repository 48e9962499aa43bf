// A LangGraph agent: a `StateGraph` of `ChatOpenAI` and `ToolNode`, with tools by `tool`.
//
// It speaks Chat Completions, as ChatOpenAI does by default, or Responses if the hello asks for it.

import { FEATURES, type Hello, main, type Run } from "../shared/typescript/runner.ts";
import { toolsOf } from "./tools.ts";
import { setTimeout } from "node:timers/promises";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { AIMessageChunk, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { tool, type ToolRuntime } from "@langchain/core/tools";
import { Command, type GraphNode, MessagesValue, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";

/** The conversation, and whose instructions come before it once another agent has taken over. */
const State = new StateSchema({ messages: MessagesValue, instructions: z.string().optional() });

/** How long the end waits for LangSmith to take what is left. */
const FLUSH_MS = 5_000;

/** The tool that hands the conversation over. */
function handoffTool({ name, description, instructions }: NonNullable<Hello["handoff"]>) {
  return tool(
    (_: unknown, { toolCallId }: ToolRuntime) => {
      const told = new ToolMessage({ content: `You are now the ${name}.`, tool_call_id: toolCallId });
      return new Command({ update: { instructions, messages: [told] } });
    },
    { name, description, schema: z.object({}) },
  );
}

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
    const offered = hello.handoff ? [...tools, handoffTool(hello.handoff)] : tools;
    const modelWithTools = model.bindTools(offered);

    const llmCall: GraphNode<typeof State> = async (state) => {
      const instructions = new SystemMessage(state.instructions ?? hello.scenario.instructions);
      return { messages: [await modelWithTools.invoke([instructions, ...state.messages])] };
    };

    const agent = new StateGraph(State)
      .addNode("llmCall", llmCall)
      .addNode("tools", new ToolNode(offered))
      .addEdge(START, "llmCall")
      .addConditionalEdges("llmCall", toolsCondition)
      .addEdge("tools", "llmCall")
      .compile();

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
  package: "@langchain/langgraph",
  offers: [...FEATURES, "tracing", "handoff"],
  close: () => Promise.race([awaitAllCallbacks(), setTimeout(FLUSH_MS)]),
});
