// The model's server, over Node's own fetch.

const headers = { "Content-Type": "application/json", Authorization: "Bearer made-up" };

/** One LLM call, up to the head of its reply. */
export async function post(url: string, request: unknown, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(request), signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  return response;
}

/** The data of each server-sent event of a reply that is an object. */
export async function* events(response: Response): AsyncGenerator<any> {
  let rest = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data: {")) yield JSON.parse(line.slice("data: ".length));
    }
  }
}
