// Checks types: `node check.mjs [folder of a row ...]`, by any Node from 18 on, with npm; without a folder, the shared
// side and every row that is built.
//
// The compiler comes from the lock file beside this. A row must be built: it finds the row's packages where the build
// has put them.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const frameworks = join(here, "../..");
const named = process.argv.slice(2).map((path) => resolve(path));
const compiler = join(here, "node_modules/typescript/bin/tsc");

for (const row of named) {
  if (isBuilt(row)) continue;
  console.error(`${row} is not built, or no row: loopmark build first`);
  process.exit(1);
}
if (!existsSync(compiler)) run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
if (named.length > 0) check(named.map((row) => join(row, "*.ts")));
else {
  const rows = readdirSync(frameworks).map((name) => join(frameworks, name));
  const shared = ["*.ts", "*.mjs", "tests/*.ts"].map((files) => join(here, files));
  check([...shared, ...rows.filter(isBuilt).map((row) => join(row, "*.ts"))]);
}

/** @param {string} row */
function isBuilt(row) {
  return existsSync(join(row, "node_modules"));
}

/** A project of these files alone, so that errors in other rows don't get in the way. @param {string[]} include */
function check(include) {
  const folder = mkdtempSync(join(here, ".check-"));
  try {
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
