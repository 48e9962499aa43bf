// What the runs of a batch gave, kept compactly: it counts as the framework's memory.

import { crc32 } from "node:zlib";
import type { Batch } from "./batch.ts";
import { monotonicNs } from "./clock.ts";

/** A failed run keeps so many characters of its error, and nothing else. */
const ERROR_LENGTH = 300;

/** 21 bytes a run, and a text only where there is no way around it. */
export class Samples {
  readonly #batch: Batch;
  readonly #startNs: BigUint64Array;
  readonly #endNs: BigUint64Array;
  readonly #crc32: Uint32Array;
  readonly #isCancelled: Uint8Array;
  readonly #firstTextNs = new Map<number, bigint>();
  readonly #answers = new Map<number, string>();
  readonly #errors = new Map<number, string>();

  constructor(batch: Batch) {
    this.#batch = batch;
    this.#startNs = new BigUint64Array(batch.runs);
    this.#endNs = new BigUint64Array(batch.runs);
    this.#crc32 = new Uint32Array(batch.runs);
    this.#isCancelled = new Uint8Array(batch.runs);
  }

  /** Keeps the sample of a run that gave an answer. */
  answered(index: number, startNs: bigint, endNs: bigint, answer: string): void {
    this.#stamp(index, startNs, endNs);
    if (this.#batch.answers === "text") this.#answers.set(index, answer);
    else this.#crc32[index] = crc32(answer);
  }

  /** Keeps the sample of a run that gave none. */
  failed(index: number, startNs: bigint, endNs: bigint, error: unknown): void {
    this.#stamp(index, startNs, endNs);
    const text = error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error);
    // Cut and copied: a slice would keep the whole text.
    this.#errors.set(index, Buffer.from(text.slice(0, ERROR_LENGTH)).toString());
  }

  /** Keeps the sample of a run that was cancelled as the batch asked. */
  cancelled(index: number, startNs: bigint, endNs: bigint): void {
    this.#stamp(index, startNs, endNs);
    this.#isCancelled[index] = 1;
  }

  /** Keeps when the caller of a run saw its first text. */
  textSeen(index: number): void {
    if (!this.#firstTextNs.has(index)) this.#firstTextNs.set(index, monotonicNs());
  }

  /** The protocol's `sample` messages, a line a run. */
  *lines(): Generator<string> {
    const { batch, first_run, runs } = this.#batch;
    for (let index = 0; index < runs; index++) {
      // Not by JSON.stringify, which has no integers above 2^53.
      const seenNs = this.#firstTextNs.get(index);
      const seen = seenNs === undefined ? "" : `,"first_text_ns":${seenNs}`;
      const stamps = `"start_ns":${this.#startNs[index]},"end_ns":${this.#endNs[index]}${seen}`;
      yield `{"type":"sample","batch":${batch},"run":${first_run + index},${stamps},${this.#outcome(index)}}\n`;
    }
  }

  #stamp(index: number, startNs: bigint, endNs: bigint): void {
    this.#startNs[index] = startNs;
    this.#endNs[index] = endNs;
  }

  #outcome(index: number): string {
    if (this.#isCancelled[index]) return '"cancelled":true';
    const error = this.#errors.get(index);
    if (error !== undefined) return `"error":${json(error)}`;
    if (this.#batch.answers === "text") return `"answer":${json(this.#answers.get(index) ?? "")}`;
    return `"answer_crc32":${this.#crc32[index]}`;
  }
}

/** A lone surrogate is no JSON to other languages. */
function json(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

/** An answer of a structure as a sample has it: JSON without white space, its fields in alphabetical order. */
export function asAnswer(output: Record<string, unknown>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(output).sort(([one], [other]) => (one < other ? -1 : 1))));
}
