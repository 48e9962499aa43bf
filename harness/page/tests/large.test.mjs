// A page of 45 rows, 21 scenarios and 6 loads, made from a committed sweep whose figures are multiplied and shaken.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { deflateRawSync, inflateRawSync } from "node:zlib";

import { launch, open, pageOf } from "./browser.mjs";

const [ROWS, SCENARIOS, LOADS] = [45, 21, 6];
const ISLAND = /(id="data">)([^<]*)(<)/;

/** Always the same numbers (Park and Miller's generator), so that the page has the same size wherever it is made. */
let seed = 20261127;
function shaken(value, digits = 3) {
  if (value === null) return null;
  seed = (seed * 48271) % 2147483647;
  return Number((value * (0.5 + seed / 2147483647)).toPrecision(digits));
}

/** By their keys, for each of which `of` says the new ones. */
function spread(record, of) {
  return Object.fromEntries(Object.entries(record).flatMap(([key, value]) => of(Number(key)).map((own) => [own, structuredClone(value)])));
}

function scenario(base, rows, name) {
  // The cells of a row of the base become those of each row that is made from it.
  const cells = [];
  for (let row = 0; row < ROWS; row++) {
    base.cells.row.forEach((own, cell) => {
      if (own === row % rows) cells.push({ row, cell });
    });
  }
  const copies = (cell) => cells.flatMap((own, index) => (own.cell === cell ? [index] : []));
  const column = (key) => cells.map(({ cell }) => base.cells[key][cell]);
  const figures = Object.entries(base.figures).map(([metric, figure]) => {
    const places = cells.flatMap(({ cell }, index) => {
      const place = figure.cell.indexOf(cell);
      return place < 0 ? [] : [{ index, place }];
    });
    const values = (key, digits) => places.map(({ place }) => shaken(figure[key][place] ?? null, digits));
    const some = (key, of) => Object.fromEntries(places.flatMap(({ place }, index) => (figure[key][place] === undefined ? [] : [[index, of(figure[key][place])]])));
    return [
      metric,
      {
        cell: places.map(({ index }) => index),
        value: values("value", 4),
        low: values("low"),
        high: values("high"),
        rank: some("rank", (rank) => rank),
        floor: some("floor", (ends) => ends.map((end) => shaken(end))),
        trials: some("trials", (trials) => trials.map((value) => shaken(value))),
      },
    ];
  });
  const details = {
    latencies: spread(base.details.latencies, copies),
    anatomies: spread(base.details.anatomies, copies),
    memory: spread(base.details.memory, copies),
  };
  for (const cell of Object.keys(details.latencies)) details.latencies[cell] = details.latencies[cell].map((value) => shaken(value));
  for (const course of Object.values(details.memory)) course.mib = course.mib.map((value) => shaken(value));
  const { notes, marks } = base.cells;
  return {
    ...base,
    name,
    cells: { row: cells.map(({ row }) => row), place: column("place"), verified: column("verified"), runs: column("runs"), notes: spread(notes, copies), marks: spread(marks, copies) },
    figures: Object.fromEntries(figures),
    details,
    costs: null,
  };
}

function large(data) {
  const rows = data.rows.length;
  const [base] = data.scenarios;
  assert.equal(base.places.length, LOADS);
  return {
    ...data,
    rows: Array.from({ length: ROWS }, (_, row) => {
      const own = data.rows[row % rows];
      return { ...own, framework: `${own.framework}-${row}`, name: `${row} ${own.name}` };
    }),
    scenarios: Array.from({ length: SCENARIOS }, (_, index) => (index ? scenario(base, rows, `scenario-${index}`) : noted(scenario(base, rows, "seed")))),
  };
}

/** With something to know of every cell. */
function noted(scenario) {
  const notes = Object.fromEntries(scenario.cells.row.map((_, cell) => [cell, "noisy in 1 of 3 trials"]));
  return { ...scenario, cells: { ...scenario.cells, notes } };
}

let browser;
let address;
let size;

before(async () => {
  browser = await launch();
  const page = readFileSync(fileURLToPath(pageOf("2026-11-22T220449Z")), "utf8");
  const packed = page.match(ISLAND)[2].trim();
  const data = large(JSON.parse(inflateRawSync(Buffer.from(packed, "base64")).toString()));
  const island = deflateRawSync(JSON.stringify(data), { level: 9 }).toString("base64");
  const folder = mkdtempSync(join(tmpdir(), "loopmark-large-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "report.html");
  const text = page.replace(ISLAND, (_, before, __, after) => before + island + after);
  writeFileSync(path, text);
  size = Buffer.byteLength(text);
  address = pathToFileURL(path).href;
});
after(() => browser?.close());

test("the largest page that is planned for stays below 1.5 MB", (context) => {
  context.diagnostic(`${size} bytes`);
  assert.ok(size < 1_500_000, String(size));
});

test("it shows every scenario, and a click takes little", async (context) => {
  const { tab, noted } = await open(browser, address);
  const lines = () => tab.$$eval("#figures tbody tr", (found) => found.length);
  assert.equal(await lines(), ROWS);
  const options = await tab.$$eval("#scenario option", (found) => found.map((option) => option.value));
  assert.equal(options.length, SCENARIOS);
  await tab.select("#scenario", options.at(-1));
  assert.equal(await lines(), ROWS);
  const took = await tab.evaluate(() => {
    const began = performance.now();
    document.querySelector("#figures thead th:nth-child(3) button").click();
    document.body.getBoundingClientRect();
    return performance.now() - began;
  });
  const ready = await tab.evaluate(() => performance.getEntriesByName("shown")[0]?.startTime);
  context.diagnostic(`shown ${ready} ms after the request, a click takes ${took} ms`);
  assert.ok(ready > 0);
  assert.deepEqual(noted, []);
  await tab.close();
});

test("no two names of a chart cover each other, and those that have no room are counted", async () => {
  const { tab, noted } = await open(browser, address);
  // Notes are folded away, where each has its line.
  const notes = await tab.$$eval("details > .notes", (lists) => lists.map((list) => [list.checkVisibility(), list.children.length]));
  assert.deepEqual(notes, [[false, ROWS]]);
  const charts = await tab.$$eval("svg.chart", (found) =>
    found.map((chart) => {
      const boxes = [...chart.querySelectorAll(".label")].map((label) => label.getBBox());
      const isBeside = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width;
      const covered = boxes.filter((one, index) =>
        boxes.slice(index + 1).some((other) => Math.abs(one.y - other.y) < 10 && isBeside(one, other)),
      );
      const more = Number(chart.querySelector(".more")?.textContent.match(/\d+/)?.[0] ?? 0);
      const told = new Set([...chart.querySelectorAll("title")].map((title) => title.textContent));
      return { covered: covered.length, names: boxes.length, more, told: told.size };
    }),
  );
  assert.ok(charts.length >= 3, String(charts.length));
  assert.ok(charts.some(({ more }) => more > 0));
  for (const { covered, names, more, told } of charts) assert.deepEqual([covered, names + more], [0, told]);
  assert.deepEqual(noted, []);
  await tab.close();
});
