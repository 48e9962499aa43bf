// What the tests stand on: a page made from a committed sweep, and Debian's Chromium.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import puppeteer from "puppeteer-core";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const loopmark = process.env.LOOPMARK ?? join(root, "target/debug/loopmark");

/** A page of a copy of a sweep, whose `run.json` may be changed first. */
export function pageOf(sweep, change = (info) => info) {
  const folder = mkdtempSync(join(tmpdir(), "loopmark-page-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const isRecord = (path) => !path.includes("charts");
  cpSync(join(root, "results", sweep), folder, { recursive: true, filter: isRecord });
  const path = join(folder, "run.json");
  const info = change(JSON.parse(readFileSync(path, "utf8")));
  writeFileSync(path, JSON.stringify(info));
  execFileSync(loopmark, ["report", folder, "--root", root], { stdio: ["ignore", "ignore", "inherit"] });
  return pathToFileURL(join(folder, "report.html")).href;
}

/** The history of a site of these sweeps. */
export function historyOf(sweeps) {
  const folder = mkdtempSync(join(tmpdir(), "loopmark-site-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const folders = sweeps.map((sweep) => join(root, "results", sweep));
  execFileSync(loopmark, ["site", ...folders, "--to", folder], { stdio: ["ignore", "ignore", "inherit"] });
  return pathToFileURL(join(folder, "history.html")).href;
}

export function launch() {
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // The tests run as root in a container, where Chromium's own sandbox is not to be had.
    args: ["--no-sandbox", "--force-device-scale-factor=1"],
  });
}

/** A tab that notes what it says, what goes wrong in it and what it asks for. */
export async function open(browser, address, { javascript = true, until = "#figures table" } = {}) {
  const tab = await browser.newPage();
  const noted = [];
  tab.on("console", (message) => noted.push(`console: ${message.text()}`));
  tab.on("pageerror", (error) => noted.push(`error: ${error.message}`));
  const asked = [];
  tab.on("request", (request) => asked.push(request.url()));
  await tab.setJavaScriptEnabled(javascript);
  await tab.goto(address);
  if (javascript) await tab.waitForSelector(until);
  return { tab, noted, asked };
}

/** The first column and another one, as they stand. */
export function column(tab, index) {
  const read = (at) =>
    [...document.querySelectorAll("#figures tbody tr")].map((line) => {
      const cell = line.children[at];
      return { name: line.children[0].dataset.value, text: cell.firstChild?.textContent ?? "", missing: cell.className === "missing" };
    });
  return tab.evaluate(read, index);
}

/** The lines of the tables within an element. */
export function linesOf(tab, selector) {
  return tab.$$eval(`${selector} tbody tr`, (lines) => lines.map((line) => [...line.children].map((cell) => cell.textContent)));
}

/** A figure as it is shown, as a number. */
export function count(text) {
  return Number(text.replaceAll(",", "").replace(/ .*/, ""));
}
