import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { column, count, historyOf, launch, linesOf, open, pageOf } from "./browser.mjs";

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
  const top = await tab.$eval("#row", (section) => section.getBoundingClientRect().top);
  assert.ok(top >= 0 && top < 100, `it is in sight, at ${top}`);
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
  assert.equal(await tab.$$eval("#over-levels path.course", (paths) => paths.length), rows);
  assert.equal(await tab.$$eval("#over-levels .label", (labels) => labels.length), rows);
  const shown = await tab.$$eval("#figures thead th", (headings) => headings.findIndex((heading) => heading.ariaSort !== "none"));
  const figures = new Map((await column(tab, shown)).map(({ name, text }) => [name, text]));
  const levels = await tab.$$eval("#over-levels thead th", (headings) => headings.map((heading) => heading.textContent));
  const at = levels.indexOf("100");
  for (const line of await linesOf(tab, "#over-levels")) assert.equal(line[at], figures.get(line[0]), line[0]);
  await tab.close();
});

test("cases whose parameter is a number are a course, others stand beside one another", async () => {
  const { tab } = await open(browser, several);
  const options = await tab.$$eval("#scenario option", (found) => found.map((option) => option.value));
  for (const scenario of options) {
    await tab.select("#scenario", scenario);
    const cases = await tab.$$eval("#place option", (found) => found.filter((option) => option.value.includes("~")).length);
    const drawn = await tab.$$eval("#over-cases circle", (dots) => dots.length);
    assert.equal(drawn > 0, cases > 1, scenario);
  }
  await tab.close();
});

test("the rows on the front of CPU against memory are those that no other row beats", async () => {
  const { tab } = await open(browser, `${seed}#at=closed-50`);
  const lines = (await linesOf(tab, "#cpu-memory")).map(([name, cpu, memory, best]) => ({ name, cpu: count(cpu), memory: count(memory), best }));
  assert.ok(lines.length > 10);
  for (const line of lines) {
    const isBeaten = lines.some((other) => other.cpu < line.cpu && other.memory < line.memory);
    if (isBeaten) assert.equal(line.best, "no", line.name);
  }
  assert.ok(lines.some(({ best }) => best === "yes"));
  await tab.close();
});

test("the parts of the two costs add up to the whole", async () => {
  const { tab } = await open(browser, seed);
  const lines = await linesOf(tab, "#two-costs");
  const floor = new Map();
  for (const [name, whole, language, own] of lines) {
    if (name === "floor (Rust)") floor.set(floor.size, count(whole));
    if (language === "–" || own === "–") continue;
    // Of the figures' rounding no more than a hundredth is left.
    const sum = [...floor.values()].at(-1) + count(language) + count(own);
    assert.ok(Math.abs(sum / count(whole) - 1) < 0.02, `${name}: ${sum} ${whole}`);
  }
  assert.equal(floor.size, 3);
  await tab.close();
});

test("a row's place has its trials, the anatomy of its run and what failed", async () => {
  const { tab } = await open(browser, `${seed}#at=closed-100&row=crewai`);
  const trials = await linesOf(tab, "#trials");
  assert.ok(trials.length >= 5, JSON.stringify(trials));
  for (const [figure, , values] of trials) {
    assert.equal(values.split(", ").length, 3, figure);
    assert.ok(values.split(", ").every((value) => Number.isFinite(count(value))), values);
  }
  const [own, floor] = await linesOf(tab, "#anatomy");
  assert.deepEqual([own[0], floor[0]], ["crewai (Python)", "floor (Python)"]);
  for (const [name, ...parts] of [own, floor]) {
    assert.ok(count(parts.at(-1)) > 0, `the first run of ${name}: ${parts.at(-1)}`);
    const known = parts.slice(0, -1).map(count);
    const whole = known.at(-1);
    const sum = known.slice(0, -1).reduce((sum, part) => sum + part, 0);
    assert.ok(Math.abs(sum - whole) <= 0.01 * whole + 1, `${name}: ${sum} ${whole}`);
  }
  const text = await tab.$eval("#row", (section) => section.textContent);
  assert.match(text, /What failed.*500 runs at once: batch 2 was not done after 120 s/s);
  await tab.close();
});

test("the workload follows from its law, which fits what was measured", async () => {
  const { tab } = await open(browser, seed);
  const text = await tab.$eval("#workload", (section) => section.textContent);
  const [, cells, lowest, highest, middle] = text.match(/own (\d+) cells .* is ([\d.]+) to ([\d.]+) times that time, ([\d.]+) in the median/);
  assert.ok(Number(cells) >= 50, cells);
  assert.ok(Number(middle) > 0.95 && Number(middle) < 1.1, middle);
  assert.ok(Number(lowest) > 0.8 && Number(highest) < 1.5, `${lowest} ${highest}`);
  const before = new Map((await linesOf(tab, "#workload")).map(([name, agents, processes]) => [name, [count(agents), count(processes)]]));
  assert.ok(before.size >= 15);
  // Agents are shown as whole ones, of which 30 % are spare.
  const [agents, processes] = before.get("langchain (Python)");
  const [most, fewest] = [agents, agents + 1].map((agents) => Math.ceil(1000 / (0.7 * agents)));
  assert.ok(processes <= most && processes >= fewest, `${processes} processes of ${agents} agents`);
  // Ten times the agents need about ten times the processes, and stand in the address.
  await tab.$eval("#wish-agents", (input) => {
    input.value = "10000";
    input.dispatchEvent(new Event("change"));
  });
  assert.match(tab.url(), /agents=10000/);
  const after = new Map((await linesOf(tab, "#workload")).map(([name, agents, processes]) => [name, [count(agents), count(processes)]]));
  assert.equal(after.get("langchain (Python)")[0], agents);
  assert.ok(Math.abs(after.get("langchain (Python)")[1] - 10 * processes) <= 10);
  await tab.close();
});

test("a mark says what it stands for on hover and on focus, and goes by Escape", async () => {
  const { tab } = await open(browser, `${seed}#at=closed-100`);
  const isOpen = () => tab.$$eval(".tip:popover-open", (tips) => tips.map((tip) => tip.textContent));
  assert.deepEqual(await isOpen(), []);
  await tab.focus("#figures .sign");
  const [said] = await isOpen();
  assert.ok(said?.length > 10, said);
  await tab.keyboard.press("Escape");
  assert.deepEqual(await isOpen(), []);
  await tab.$eval("#figures .sign", (sign) => sign.blur());
  await tab.hover("#figures .sign");
  assert.deepEqual(await isOpen(), [said]);
  await tab.close();
});

test("the table can be taken away as Markdown and as CSV", async () => {
  const { tab } = await open(browser, `${seed}#at=closed-50&lang=rust`);
  await tab.evaluate(() => {
    globalThis.taken = [];
    navigator.clipboard.writeText = async (text) => void globalThis.taken.push(text);
    URL.createObjectURL = (blob) => {
      void blob.text().then((text) => globalThis.taken.push(text));
      return "data:text/csv,";
    };
  });
  await tab.click("#copy-markdown");
  await tab.click("#download-csv");
  await tab.waitForFunction(() => globalThis.taken.length === 2);
  const [markdown, csv] = await tab.evaluate(() => globalThis.taken);
  const table = await column(tab, 1);
  const lines = markdown.trim().split("\n");
  assert.equal(lines.length, table.length + 2);
  assert.ok(lines[2].startsWith(`| ${table[0].name}`), lines[2]);
  const rows = csv.trim().split("\r\n");
  assert.equal(rows.length, table.length + 1);
  // A value in CSV is one that can be computed with.
  for (const row of rows.slice(1)) assert.ok(row.split(",").slice(1).every((value) => value === "" || Number.isFinite(Number(value))), row);
  await tab.close();
});

test("without colour vision a language is told by its dash, and a row by its name", async () => {
  const { tab } = await open(browser, `${seed}#at=closed-100`);
  await tab.emulateVisionDeficiency("deuteranopia");
  const courses = await tab.$$eval("#over-levels path.course", (paths) =>
    paths.map((path) => [[...path.classList].find((name) => name.startsWith("of-")), path.getAttribute("stroke-dasharray")]),
  );
  const dashes = new Map(courses);
  assert.ok(dashes.size >= 5, JSON.stringify([...dashes]));
  assert.equal(new Set(dashes.values()).size, dashes.size, "two languages with one dash");
  for (const [language, dash] of courses) assert.equal(dash, dashes.get(language));
  const names = await tab.$$eval("#over-levels .label", (labels) => labels.map((label) => label.textContent));
  assert.equal(new Set(names).size, courses.length);
  await tab.close();
});

test("on a phone the figures come first, and the filters are closed", async () => {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 360, height: 740 });
  await tab.goto(seed);
  await tab.waitForSelector("#figures table");
  const top = await tab.$eval("#figures", (figures) => figures.getBoundingClientRect().top);
  assert.ok(top < 740, `the table begins at ${top}`);
  assert.equal(await tab.$eval("#filters", (filters) => filters.open), false);
  await tab.close();
});

test("the keyboard alone sorts, filters and picks", async () => {
  const { tab } = await open(browser, seed);
  await tab.focus("#figures thead th:nth-child(3) button");
  await tab.keyboard.press("Enter");
  assert.match(tab.url(), /sort=/);
  await tab.focus("#pick-langchain");
  await tab.keyboard.press("Space");
  await tab.focus("#languages-python");
  await tab.keyboard.press("Space");
  assert.match(tab.url(), /lang=python/);
  assert.match(tab.url(), /pick=langchain/);
  // What was used keeps the focus, so that the next key goes there too.
  assert.equal(await tab.evaluate(() => document.activeElement?.id), "languages-python");
  await tab.close();
});

test("in print the figures stand without what only a screen can use", async () => {
  const { tab } = await open(browser, seed);
  await tab.emulateMediaType("print");
  const isSeen = (selector) => tab.$eval(selector, (element) => getComputedStyle(element).display !== "none");
  assert.equal(await isSeen("#figures"), true);
  for (const selector of [".controls", ".take", "#filters"]) assert.equal(await isSeen(selector), false, selector);
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

test("the history draws a row over the sweeps of a machine, and links to each", async () => {
  const address = historyOf(["2026-11-22T163614Z", SEED, "2026-11-25T200026Z"]);
  const { tab, noted, asked } = await open(browser, address, { until: "#history svg" });
  assert.deepEqual(noted, []);
  assert.deepEqual(asked, [address]);
  const machines = await tab.$$eval("#machine option", (options) => options.map((option) => option.value));
  assert.equal(machines.length, 2, "two machines, which don't compare");
  const shown = () => tab.$$eval("#history thead th", (headings) => headings.slice(1).map((heading) => heading.textContent));
  assert.deepEqual(await shown(), ["2026-11-25T200026Z"]);
  await tab.select("#machine", machines[1]);
  assert.deepEqual(await shown(), ["2026-11-22T163614Z", SEED]);
  await tab.select("#metric", "cpu_per_run_ms");
  assert.match(tab.url(), /metric=cpu_per_run_ms/);
  const line = (await linesOf(tab, "#history")).find(([name]) => name === "langchain (Python)");
  // The second sweep's figure is that of its own page.
  const { tab: own } = await open(browser, `${seed}#sort=cpu_per_run_ms`);
  const at = await own.$$eval("#figures thead th", (headings) => headings.findIndex((heading) => heading.ariaSort !== "none"));
  const figure = (await column(own, at)).find(({ name }) => name === "langchain (Python)");
  assert.equal(line[2], figure.text);
  await own.close();
  await tab.bringToFront();
  await tab.evaluate(axe);
  const { violations } = await tab.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
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
