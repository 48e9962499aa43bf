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
    const code = withoutTypes(join(from, name));
    const imports = code.replace(/(\bfrom\s*|\bimport\s*\(?\s*)(["'])(\.[^"']*)\.ts\2/g, "$1$2$3.js$2");
    // A row outside frameworks/ reaches the shared side by a longer way than the installed files have.
    const shared = imports.replace(/(["'])\.[^"']*\/(shared\/typescript\/[\w.-]+\.js)\1/g, "$1../$2$1");
    writeFileSync(join(to, name.replace(/\.ts$/, ".js")), shared);
  }
}

/**
 * Ends the installation with file and line where a source can't be stripped: a syntax error, or syntax that is more
 * than types, such as an enum.
 *
 * @param {string} path
 */
function withoutTypes(path) {
  try {
    return stripTypeScriptTypes(readFileSync(path, "utf8"));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Node puts the line, `:12`, and the source there before the message, where the file's name would stand.
    const [place = ""] = (error.stack ?? "").split(/\n\s*\n/);
    console.error(`${path}${place.startsWith(":") ? place : ""}\n${error.name}: ${error.message}`);
    process.exit(1);
  }
}
