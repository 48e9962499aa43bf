// Makes the page's program and its styles: `npm ci`, then `node build.mjs`. `--check` only says whether they are up to date.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "../assets");

/** What the assets are made from, in the order of `harness/tests/page.rs`. */
const sources = [
  "build.mjs",
  "package-lock.json",
  "page.css",
  ...readdirSync(join(here, "src")).sort().map((name) => `src/${name}`),
];

function digest() {
  const hash = createHash("sha256");
  for (const name of sources) hash.update(`${name}\n`).update(readFileSync(join(here, name)));
  return `${hash.digest("hex")}\n`;
}

async function bundle(entry, more) {
  const built = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    charset: "utf8",
    legalComments: "eof",
    write: false,
    ...more,
  });
  return built.outputFiles[0].text;
}

const made = {
  "page.js": await bundle("src/main.ts", { format: "iife", target: "es2022" }),
  "history.js": await bundle("src/history.ts", { format: "iife", target: "es2022" }),
  "page.css": await bundle("page.css", { target: ["chrome123", "firefox120", "safari17.5"] }),
  "page.sha256": digest(),
};

let isStale = false;
for (const [name, text] of Object.entries(made)) {
  const path = join(assets, name);
  if (process.argv.includes("--check")) {
    const is = readFileSync(path, "utf8");
    if (is !== text) {
      console.error(`${path} is not what build.mjs makes`);
      isStale = true;
    }
  } else {
    writeFileSync(path, text);
  }
}
process.exitCode = isStale ? 1 : 0;
