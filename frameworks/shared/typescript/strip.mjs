// Writes a row's sources and those of the shared side as JavaScript: `node strip.mjs <row's folder> <build folder>`.
//
// Node could run them as they are, but would load its type stripper into every runner for it: that costs memory and
// time which would be measured as the framework's. What is left of a source stands where it stood, so that the lines
// in errors are right.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [row, build] = process.argv.slice(2);
if (row === undefined || build === undefined) throw new Error("usage: node strip.mjs <row> <build folder>");
rmSync(join(build, "js"), { recursive: true, force: true });
strip(row, join(build, "js", basename(row)));
strip(dirname(fileURLToPath(import.meta.url)), join(build, "js/shared/typescript"));

/** @param {string} from @param {string} to */
function strip(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((name) => name.endsWith(".ts"))) {
    const code = stripTypeScriptTypes(readFileSync(join(from, name), "utf8"));
    const imports = code.replace(/(\bfrom\s*|\bimport\s*\(?\s*)(["'])(\.[^"']*)\.ts\2/g, "$1$2$3.js$2");
    writeFileSync(join(to, name.replace(/\.ts$/, ".js")), imports);
  }
}
