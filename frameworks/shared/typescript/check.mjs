// Checks types: `node check.mjs [folder of a row ...]`, by any Node from 18 on, with npm; without a folder, everything.
//
// The compiler comes from the lock file beside this. A row must be built: it finds the row's packages where the build
// has put them.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const rows = process.argv.slice(2).map((path) => resolve(path));
const compiler = join(here, "node_modules/typescript/bin/tsc");

for (const row of rows) {
  if (existsSync(join(row, "node_modules"))) continue;
  console.error(`${row} is not built, or no row: loopmark build first`);
  process.exit(1);
}
if (!existsSync(compiler)) run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
if (rows.length === 0) run(process.execPath, [compiler, "--project", here]);
else checkRows();

/** A project of its own beside the whole one, so that errors in other rows don't get in the way. */
function checkRows() {
  const folder = mkdtempSync(join(here, ".check-"));
  try {
    const include = rows.map((row) => join(row, "*.ts"));
    const project = { extends: "../tsconfig.json", include };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
    run(process.execPath, [compiler, "--project", folder]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} command @param {string[]} argv */
function run(command, argv) {
  const { error, status } = spawnSync(command, argv, { cwd: here, stdio: "inherit" });
  if (error) console.error(error.message);
  if (status !== 0) process.exitCode = 1;
}
