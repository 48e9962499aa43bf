// openai for Node, as its documentation uses it. The jobs are those of ../jobs.py.

import OpenAI from 'openai';
import { createInterface } from 'node:readline';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'made-up', maxRetries: 0 });
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function write(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Has the parent run a tool. */
async function resultOf(tool, args) {
  write({ call: tool, arguments: JSON.parse(args) });
  return JSON.parse((await lines.next()).value).result;
}

async function chat(job) {
  const messages = [
    { role: 'system', content: job.instructions },
    { role: 'user', content: job.prompt },
  ];
  const asked = {
    model: job.model,
    messages,
    tools: job.tools.map((tool) => ({ type: 'function', function: tool })),
  };
  for (;;) {
    const completion = job.stream
      ? await client.chat.completions
          .stream({ ...asked, stream_options: { include_usage: true } })
          .finalChatCompletion()
      : await client.chat.completions.create(asked);
    const { message } = completion.choices[0];
    if (!(completion.usage.prompt_tokens > 0)) throw new Error('no usage');
    if (!message.tool_calls?.length) return { answer: message.content };
    messages.push(message);
    for (const call of message.tool_calls) {
      const content = await resultOf(call.function.name, call.function.arguments);
      messages.push({ role: 'tool', tool_call_id: call.id, content });
    }
  }
}

async function responses(job) {
  let input = [{ role: 'user', content: job.prompt }];
  let previous;
  for (;;) {
    const asked = {
      model: job.model,
      instructions: job.instructions,
      input,
      tools: job.tools.map((tool) => ({ type: 'function', strict: false, ...tool })),
      ...(job.chained && previous ? { previous_response_id: previous } : {}),
    };
    const response = job.stream
      ? await client.responses.stream(asked).finalResponse()
      : await client.responses.create(asked);
    previous = response.id;
    // What the stream's helper adds to an item is its own, not the API's.
    const output = response.output.map(({ parsed_arguments, ...item }) => item);
    input = job.chained ? [] : [...input, ...output];
    const calls = output.filter((item) => item.type === 'function_call');
    if (calls.length === 0) return { answer: response.output_text, response: previous };
    for (const call of calls) {
      const output = await resultOf(call.name, call.arguments);
      input.push({ type: 'function_call_output', call_id: call.call_id, output });
    }
  }
}

async function retrieve(job) {
  const response = await client.responses.retrieve(job.response);
  return { answer: response.output_text, response: response.id };
}

async function models() {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  return { models: names, model: (await client.models.retrieve(names[0])).id };
}

const jobs = { chat, responses, retrieve, models };
for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const job = JSON.parse(line.value);
  write({ done: await jobs[job.job](job) });
}
