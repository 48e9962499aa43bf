// Does the runs of a batch when they are due.

import type { Batch } from "./batch.ts";
import { monotonicNs, until, wholeMs } from "./clock.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { promptFor, type Task } from "./hello.ts";
import { Samples } from "./sample.ts";

/**
 * An agent: runs once on a fresh conversation, a prompt in, the answer out. The signal is that of a cancellation. An agent
 * whose answers are streamed calls `textSeen` wherever a user would be shown text; of several calls the first one counts.
 */
export type Run = (prompt: string, signal?: AbortSignal, textSeen?: () => void) => Promise<string>;

/** The agent of the run of this number. */
export type AgentOf = (run: number) => Run;

/** Does the batch's runs, then tells of them: the lines from the first sample to `batch_done`. */
export async function* doRuns(agentOf: AgentOf, task: Task, batch: Batch): AsyncGenerator<string> {
  const samples = new Samples(batch);
  const stopHeartbeat = batch.heartbeat ? startHeartbeat() : undefined;
  await arrive(batch, (index, dueNs) => sampleRun(agentOf, task, batch, index, dueNs, samples));
  const late = stopHeartbeat?.();
  yield* samples.lines();
  const done = { type: "batch_done", batch: batch.batch };
  yield `${JSON.stringify(late ? { ...done, heartbeat_late_us: Array.from(late) } : done)}\n`;
}

/** One run, to its answer, its error or its cancellation. Never rejects. */
async function sampleRun(
  agentOf: AgentOf,
  task: Task,
  batch: Batch,
  index: number,
  dueNs: bigint | undefined,
  samples: Samples,
): Promise<void> {
  const number = batch.first_run + index;
  const prompt = promptFor(task, number);
  const startNs = dueNs ?? monotonicNs();
  const cancellation = cancelAfter(batch.cancel_after_ms, startNs);
  const textSeen = () => samples.textSeen(index);
  try {
    const answer: unknown = await agentOf(number)(prompt, cancellation?.signal, textSeen);
    const endNs = monotonicNs();
    // A framework may answer although it has been told to stop.
    if (cancellation?.signal.aborted) samples.cancelled(index, startNs, endNs);
    else if (typeof answer === "string") samples.answered(index, startNs, endNs, answer);
    else throw new TypeError(`the answer is of type ${typeof answer}, not a text`);
  } catch (error) {
    const endNs = monotonicNs();
    if (cancellation?.signal.aborted) samples.cancelled(index, startNs, endNs);
    else samples.failed(index, startNs, endNs, error);
  } finally {
    cancellation?.forget();
  }
}

function cancelAfter(ms: number | undefined, startNs: bigint) {
  if (ms === undefined) return undefined;
  const controller = new AbortController();
  const dueNs = startNs + BigInt(ms) * 1_000_000n;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = () => {
    const earlyNs = dueNs - monotonicNs();
    // A timer counts whole milliseconds, of which the first has begun already: it may come early.
    if (earlyNs > 0n) timer = setTimeout(ask, wholeMs(earlyNs));
    else controller.abort();
  };
  ask();
  return { signal: controller.signal, forget: () => clearTimeout(timer) };
}

/**
 * Starts the runs when they are due; resolves when the last one has ended. A run of a burst counts from the batch's
 * beginning, however late the event loop comes to it.
 */
async function arrive(batch: Batch, start: (index: number, dueNs?: bigint) => Promise<void>): Promise<void> {
  const { arrival, runs, level } = batch;
  if (runs === 0) return;
  const beganNs = monotonicNs();
  if (arrival === "closed") {
    let next = 0;
    const worker = async (_: unknown, number: number) => {
      await until(beganNs + BigInt(Math.floor((number / level) * batch.ramp_ms * 1e6)));
      while (next < runs) await start(next++);
    };
    await Promise.all(Array.from({ length: Math.min(level, runs) }, worker));
    return;
  }
  let left = runs;
  const ended = Promise.withResolvers<void>();
  const launch = (index: number, dueNs: bigint) => {
    void start(index, dueNs).then(() => --left === 0 && ended.resolve());
  };
  if (arrival === "burst") {
    for (let index = 0; index < runs; index++) launch(index, beganNs);
  } else {
    for (let index = 0; index < runs; index++) {
      const dueNs = beganNs + BigInt(Math.floor((index / arrival.rate) * 1e9));
      await until(dueNs);
      launch(index, dueNs);
    }
  }
  await ended.promise;
}
