// What becomes of a row's sources when it is installed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
