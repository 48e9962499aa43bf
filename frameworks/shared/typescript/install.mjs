// Installs a row: `node install.mjs <the row's folder> <its build folder>`, by any Node from 18 on, with npm.
//
// The packages of the row's lock file go to the build folder, Node among them, which becomes `node` there. The row's
// sources follow in a step of their own (strip.mjs), so that an edit installs nothing anew.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const [row, build] = process.argv.slice(2).map((path) => resolve(path));
if (row === undefined || build === undefined) throw new Error("usage: node install.mjs <row> <build folder>");
const node = join(build, "node");

installPackages(row, build);
link(join("node_modules", `node-${process.platform}-${process.arch}`, "bin/node"), node);
if (!existsSync(node)) {
  // An optional package that can't be had is no error to npm.
  const platform = `${process.platform}-${process.arch}`;
  console.error(`npm brought no Node for ${platform}: ${row}/package-lock.json has none, or it could not be fetched`);
  process.exit(1);
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
