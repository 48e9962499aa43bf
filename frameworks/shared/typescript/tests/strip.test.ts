// What becomes of a row's sources when it is installed.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const RUNNER = `import { FEATURES, main, type Run } from "../shared/typescript/runner.ts";

const run: Run = async (prompt: string) => { throw new Error(prompt); };
await main({ build: () => () => run, offers: FEATURES });
`;

test("an installed runner runs without its types", () => {
  const folder = mkdtempSync(join(tmpdir(), "loopmark-"));
  try {
    const [row, build] = [join(folder, "toy"), join(folder, "build")];
    for (const made of [row, join(build, "js/toy")]) mkdirSync(made, { recursive: true });
    writeFileSync(join(row, "runner.ts"), RUNNER);
    writeFileSync(join(build, "package.json"), '{"type":"module"}');
    writeFileSync(join(build, "js/toy/gone.js"), "of an earlier build");
    const strip = join(import.meta.dirname, "../strip.mjs");
    execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", strip, row, build]);
    assert.throws(() => execFileSync(process.execPath, [join(build, "js/toy/gone.js")], { stdio: "pipe" }));
    const options = ["--no-strip-types", join(build, "js/toy/runner.js"), "--version"];
    assert.equal(execFileSync(process.execPath, options, { encoding: "utf8" }), `node ${process.versions.node}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** What stripping one source says and leaves. */
function stripped(source: string): { status: number | null; stderr: string; written: string | null } {
  const folder = mkdtempSync(join(tmpdir(), "loopmark-"));
  try {
    const [row, build] = [join(folder, "toy"), join(folder, "build")];
    mkdirSync(row);
    writeFileSync(join(row, "runner.ts"), source);
    const strip = join(import.meta.dirname, "../strip.mjs");
    const { status, stderr } = spawnSync(process.execPath, [strip, row, build], { encoding: "utf8" });
    const runner = join(build, "js/toy/runner.js");
    return { status, stderr, written: existsSync(runner) ? readFileSync(runner, "utf8") : null };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a syntax error is told with its file and line", () => {
  const { status, stderr } = stripped("const one: number = 1;\n\nfunction broken( { return one; }\n");
  assert.equal(status, 1);
  assert.match(stderr, /toy\/runner\.ts:3\n/);
  assert.match(stderr, /SyntaxError/);
});

test("syntax that is more than types is told with its file and line", () => {
  const { status, stderr } = stripped("const one: number = 1;\nenum Two { Three }\n");
  assert.equal(status, 1);
  assert.match(stderr, /toy\/runner\.ts:2\n/);
  assert.match(stderr, /enum is not supported/);
});

test("a row elsewhere finds the shared side where the installation has it", () => {
  const { written } = stripped('import { main } from "../../loopmark/frameworks/shared/typescript/runner.ts";\n');
  assert.equal(written, 'import { main } from "../shared/typescript/runner.js";\n');
});
