// Installs a row: `node install.mjs <the row's folder> <its build folder>`, by any Node from 18 on, with npm.
//
// The packages of the row's lock file go to the build folder. Node is among them and becomes `node` there, and so does
// the runtime that a row depends on in its place. The row's sources follow in a step of their own (strip.mjs), so that
// an edit installs nothing anew.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const [row, build] = process.argv.slice(2).map((path) => resolve(path));
if (row === undefined || build === undefined) throw new Error("usage: node install.mjs <row> <build folder>");
const platform = `${process.platform}-${process.arch}`;
/** Where npm's packages have the programs of the runtimes. */
const programs = {
  node: `node-${platform}/bin/node`,
  bun: `@oven/bun-${platform.replace("arm64", "aarch64")}/bin/bun`,
  deno: `@deno/${platform}-glibc/deno`,
};

installPackages(row, build);
const { dependencies = {} } = JSON.parse(readFileSync(join(row, "package.json"), "utf8"));
for (const [runtime, program] of Object.entries(programs)) {
  if (runtime === "node" || runtime in dependencies) bring(runtime, program, build);
}
// The compiler and editors find the row's packages there.
link(join(build, "node_modules"), join(row, "node_modules"));

/** @param {string} row @param {string} build */
function installPackages(row, build) {
  mkdirSync(build, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(row, name), join(build, name));
  // No package gets to run a script of its own.
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--loglevel=error"];
  run("npm", ["ci", ...options], build);
}

/** @param {string} runtime @param {string} program @param {string} build */
function bring(runtime, program, build) {
  const path = join(build, runtime);
  link(join("node_modules", program), path);
  if (existsSync(path)) return;
  // An optional package that can't be had is no error to npm.
  console.error(`npm brought no ${runtime} for ${platform}: ${row}/package-lock.json has none, or it could not be fetched`);
  process.exit(1);
}

/**
 * Runs a command to its end, and ends with it if it fails: what it said is the reason.
 *
 * @param {string} command @param {string[]} argv @param {string} cwd
 */
function run(command, argv, cwd) {
  const { error, status } = spawnSync(command, argv, { cwd, stdio: "inherit" });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(1);
}

/**
 * Makes a symbolic link anew; a folder that a person has put there is left alone.
 *
 * @param {string} target @param {string} path
 */
function link(target, path) {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
