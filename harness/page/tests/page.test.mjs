import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { column, launch, open, pageOf } from "./browser.mjs";

const SEED = "2026-11-22T220449Z";
const SEVERAL = "2026-11-26T234450Z";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
let seed;
let several;

before(async () => {
  browser = await launch();
  seed = pageOf(SEED);
  several = pageOf(SEVERAL);
});
after(() => browser?.close());

test("the page says nothing to the console and asks for its own file alone", async () => {
  for (const address of [seed, several]) {
    const { tab, noted, asked } = await open(browser, address);
    assert.deepEqual(noted, []);
    assert.deepEqual(asked, [address]);
    await tab.close();
  }
});

test("every column sorts both ways, and what has no figure comes last", async () => {
  for (const address of [seed, several]) {
    const { tab } = await open(browser, address);
    const columns = await tab.$$eval("#figures thead th", (headings) => headings.length);
    assert.ok(columns > 3, String(columns));
    for (let index = 1; index < columns; index++) {
      const directions = new Set();
      for (let click = 0; click < 2; click++) {
        await tab.click(`#figures thead th:nth-child(${index + 1}) button`);
        const direction = await tab.$eval(`#figures thead th:nth-child(${index + 1})`, (heading) => heading.ariaSort);
        directions.add(direction);
        const cells = await column(tab, index);
        const missing = cells.findIndex((cell) => cell.missing);
        const end = missing < 0 ? cells.length : missing;
        assert.ok(cells.slice(end).every((cell) => cell.missing), "a figure after a missing one");
        const values = cells.slice(0, end).map((cell) => Number(cell.text.replaceAll(",", "")));
        const sorted = values.toSorted((one, other) => (direction === "descending" ? other - one : one - other));
        assert.deepEqual(values, sorted);
      }
      assert.deepEqual([...directions].sort(), ["ascending", "descending"]);
    }
    await tab.close();
  }
});

test("a filter leaves its rows, stands in the address, and goes with back", async () => {
  const { tab } = await open(browser, seed);
  const all = await column(tab, 1);
  await tab.click("#languages-python");
  const some = await column(tab, 1);
  assert.ok(some.length > 0 && some.length < all.length);
  assert.ok(some.every((line) => line.name.includes("(Python)")), JSON.stringify(some));
  const address = tab.url();
  assert.ok(address.endsWith("#lang=python"), address);
  const { tab: other } = await open(browser, address);
  assert.deepEqual(await column(other, 1), some);
  await tab.goBack();
  await tab.waitForFunction((count) => document.querySelectorAll("#figures tbody tr").length === count, {}, all.length);
  assert.deepEqual(await column(tab, 1), all);
  await Promise.all([tab.close(), other.close()]);
});

test("two picked rows become a comparison in sentences, which the address keeps", async () => {
  const { tab } = await open(browser, seed);
  await tab.click("#pick-langchain");
  assert.equal(await tab.$("#comparison"), null);
  await tab.click("#pick-eino");
  const said = await tab.$$eval("#comparison li", (items) => items.map((item) => item.textContent));
  const cpu = said.find((sentence) => sentence.startsWith("CPU:"));
  assert.match(cpu ?? said.join("\n"), /langchain \(Python\) [\d.]+ s, eino \(Go\) [\d.]+ s; [\d.]+ times \([\d.]+ to [\d.]+\)\.$/);
  // The sentence's ratio is that of the two values beside it.
  const [one, other, ratio] = cpu.match(/[\d.]+(?= s[,;]| times)/g).map(Number);
  assert.ok(Math.abs(one / other / ratio - 1) < 0.01, cpu);
  const [low, high] = cpu.match(/\(([\d.]+) to ([\d.]+)\)\.$/).slice(1).map(Number);
  assert.ok(low <= ratio && ratio <= high, cpu);
  assert.ok(tab.url().endsWith("#pick=langchain,eino"), tab.url());
  await tab.click("#end-comparison");
  assert.equal(await tab.$("#comparison"), null);
  await tab.close();
});

test("a row has a place of its own, with its versions and the command that measures it again", async () => {
  const { tab } = await open(browser, seed);
  await tab.click("#figures tbody a[href$='row=crewai']");
  await tab.waitForSelector("#row");
  const text = await tab.$eval("#row", (section) => section.textContent);
  assert.match(text, /loopmark run -f crewai --variants default --scenario seed/);
  assert.match(text, /Version[\d.]+/);
  const { tab: other } = await open(browser, tab.url());
  assert.equal(await other.$eval("#row", (section) => section.textContent), text);
  await other.close();
  // A tab behind another one draws nothing, and would wait without end.
  await tab.bringToFront();
  await tab.click("#close-row");
  await tab.waitForFunction(() => !document.querySelector("#row"));
  await tab.close();
});

test("a chart over the levels draws each row that is shown, and its table has the same figures", async () => {
  const { tab } = await open(browser, `${seed}#at=closed-100&sort=cpu_per_run_ms`);
  const rows = (await column(tab, 0)).length;
  assert.equal(await tab.$$eval("figure path.course", (paths) => paths.length), rows);
  assert.equal(await tab.$$eval("figure .label", (labels) => labels.length), rows);
  const shown = await tab.$$eval("#figures thead th", (headings) => headings.findIndex((heading) => heading.ariaSort !== "none"));
  const figures = new Map((await column(tab, shown)).map(({ name, text }) => [name.replace(" *", ""), text]));
  const levels = await tab.$$eval("figure thead th", (headings) => headings.map((heading) => heading.textContent));
  const at = levels.indexOf("100");
  const lines = await tab.$$eval("figure tbody tr", (found) => found.map((line) => [...line.children].map((cell) => cell.textContent)));
  for (const line of lines) assert.equal(line[at], figures.get(line[0]), line[0]);
  await tab.close();
});

test("every scenario and every load can be chosen, and shows the sweep's rows", async () => {
  const { tab } = await open(browser, several);
  const rows = (await column(tab, 1)).length;
  const options = (id) => tab.$$eval(`#${id} option`, (found) => found.map((option) => option.value));
  for (const scenario of await options("scenario")) {
    await tab.select("#scenario", scenario);
    assert.equal(await tab.$eval("#app h2", (title) => title.textContent), scenario);
    for (const place of await options("place")) {
      await tab.select("#place", place);
      assert.equal((await column(tab, 1)).length, rows, `${scenario} ${place}`);
    }
  }
  await tab.close();
});

test("there is nothing that axe objects to, in light, dark and forced colours", async () => {
  const looks = [
    [{ name: "prefers-color-scheme", value: "light" }],
    [{ name: "prefers-color-scheme", value: "dark" }],
    [{ name: "forced-colors", value: "active" }],
  ];
  for (const look of looks) {
    for (const address of [seed, several]) {
      const { tab } = await open(browser, address);
      await tab.emulateMediaFeatures(look);
      await tab.evaluate(axe);
      const { violations } = await tab.evaluate(() => globalThis.axe.run());
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
      assert.deepEqual(found, [], look[0].value);
      await tab.close();
    }
  }
});

test("the page never scrolls sideways", async () => {
  for (const width of [360, 768, 1440]) {
    const { tab } = await open(browser, several);
    await tab.setViewport({ width, height: 800 });
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} at ${width}`);
    await tab.close();
  }
});

test("without JavaScript the headline table stands", async () => {
  const { tab } = await open(browser, seed, { javascript: false });
  const lines = await tab.$$eval("#headline tbody tr", (found) => found.map((line) => line.textContent));
  assert.equal(lines.length, 18);
  assert.ok(lines.some((line) => line.includes("langchain (Python)")));
  await tab.close();
});

test("a hostile name is shown as text", async () => {
  const name = "</script><img src=x onerror=alert(1)>";
  const address = pageOf(SEED, (info) => {
    info.rows[0].label = name;
    return info;
  });
  const { tab, noted, asked } = await open(browser, address);
  const names = (await column(tab, 0)).map((line) => line.name);
  assert.ok(names.some((shown) => shown.includes(name)), names.join("\n"));
  assert.equal(await tab.$$eval("img", (images) => images.length), 0);
  assert.deepEqual(noted, []);
  assert.deepEqual(asked, [address]);
  await tab.close();
});
