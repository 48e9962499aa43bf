// Makes the picture of the page that README.md begins with, from a committed sweep: `node picture.mjs SWEEP`.

import { join } from "node:path";

import { launch, open, pageOf, root } from "./tests/browser.mjs";

const [sweep, view = ""] = process.argv.slice(2);
if (!sweep) {
  console.error("which sweep? `node picture.mjs 2026-11-22T220449Z`, and the part of an address behind # if another view is meant");
  process.exit(2);
}
const path = join(root, "docs/page.webp");
const browser = await launch();
const { tab } = await open(browser, `${pageOf(sweep)}${view && `#${view}`}`);
await tab.setViewport({ width: 1200, height: 900 });
await tab.screenshot({ path, type: "webp", quality: 80 });
await browser.close();
console.log(path);
process.exit();
