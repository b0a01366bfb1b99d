/**
 * Makes the pictures of `docs/gallery.md` (`docs/images/gallery`) with the `fer` of this repository and drawn faces, as
 * FER_CHROMIUM shows them: `npm run build && node site/gallery.mjs`. It takes some minutes.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { writeDrawnFaces } from "./drawn-faces.mjs";
import { root } from "./root.mjs";

const out = join(root, "docs/images/gallery");
mkdirSync(out, { recursive: true });
const work = mkdtempSync(join(tmpdir(), "fer-gallery-"));
const fer = (...words) => {
  console.error(`fer ${words.join(" ")}`);
  return execFileSync(process.execPath, [join(root, "packages/fer-cli/bin/fer.js"), ...words], {
    cwd: work,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
};

writeDrawnFaces(join(work, "drawn"), { subjects: 30, shots: 2 });
fer("extract", "folders", "--from", "drawn", "--to", "data/drawn", "--subject-pattern", "(p\\d+)_");
fer("inspect", "data/drawn", "--to", "findings");
fer("assemble", "data/drawn", "--name", "drawn", "--to", "features");
fer("train", "features/drawn", "--to", "runs/drawn", "--epochs", "24");
copyFileSync(join(work, "findings/contact-sheet.png"), join(out, "contact-sheet.png"));
console.log(fer("inspect", "runs/drawn"));
console.log(fer("predict", "runs/drawn", "drawn/happy/p01_1.png", "drawn/surprise/p02_1.png", "drawn/sad/p03_1.png"));

const browser = await chromium.launch({ executablePath: process.env.FER_CHROMIUM, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1000, height: 1250 } });
for (const [name, file] of [
  ["set", "features/drawn.html"],
  ["report", "runs/drawn/report.html"],
]) {
  await page.goto(pathToFileURL(join(work, file)).href);
  await page.screenshot({ path: join(out, `${name}.png`) });
}
await browser.close();
rmSync(work, { recursive: true, force: true });
