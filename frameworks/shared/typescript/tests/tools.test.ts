// The tools against docs/TOOLS.md.

import assert from "node:assert/strict";
import { test } from "node:test";
import { monotonicNs } from "../clock.ts";
import { Corpus, type Paper, wordCount } from "../papers.ts";
import { block, compute, fail, payload, wait } from "../synthetic.ts";

const PAPERS: Paper[] = [
  { id: "a", title: "On Memory", authors: ["X"], year: 2001, abstract: "short" },
  { id: "b", title: "Plans", authors: [], year: 2002, abstract: "of memory and more" },
  { id: "c", title: "Other", authors: ["Y", "Z"], year: 2003, abstract: "nothing" },
];

test("a search ignores case, keeps the order and says if there is more", () => {
  const corpus = new Corpus(PAPERS);
  const paper = { id: "a", title: "On Memory", authors: ["X"], year: 2001 };
  assert.deepEqual(corpus.searchPapers("MEMORY", 1), { papers: [paper], more_pages: true });
  const two = corpus.searchPapers("memory", 2);
  assert.deepEqual([two.papers.map(({ id }) => id), two.more_pages], [["a", "b"], false]);
});

test("reading gives the whole paper, and an unknown id is an error", () => {
  assert.deepEqual(new Corpus(PAPERS).readPaper("c"), PAPERS[2]);
  assert.throws(() => new Corpus(PAPERS).readPaper("z"), /no paper has the id "z"/);
});

test("a scenario may have no papers", () => {
  assert.deepEqual(Corpus.load({}).searchPapers("", 1), { papers: [], more_pages: false });
});

test("words are the parts between white space", () => {
  assert.equal(wordCount(" a  bc\nd "), 3);
  assert.equal(wordCount(""), 0);
});

test("waiting takes its time and leaves the event loop free", async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const beganNs = monotonicNs();
  assert.deepEqual(await wait(30), { waited_ms: 30 });
  assert.ok(monotonicNs() - beganNs >= 30_000_000n);
  clearInterval(timer);
  assert.ok(ticks > 0);
});

test("blocking takes its time of the thread, and hardly any of the processor", () => {
  const { user, system } = process.threadCpuUsage();
  const beganNs = monotonicNs();
  assert.deepEqual(block(200), { blocked_ms: 200 });
  assert.ok(monotonicNs() - beganNs >= 199_000_000n);
  const spent = process.threadCpuUsage({ user, system });
  assert.ok(spent.user + spent.system < 100_000);
});

test("computing takes its time of the processor", () => {
  const before = process.threadCpuUsage();
  assert.deepEqual(compute(30), { computed_ms: 30 });
  const spent = process.threadCpuUsage(before);
  assert.ok(spent.user + spent.system >= 30_000);
});

test("a payload has the length that was asked for", () => {
  assert.deepEqual(payload(18), { payload: "0123456789abcdef01" });
  assert.deepEqual(payload(0), { payload: "" });
});

test("failing throws the message", () => {
  assert.throws(() => fail("out of order"), new Error("out of order"));
});
