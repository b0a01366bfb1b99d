/**
 * The tutorial (docs/tutorial.md) from nothing: an empty folder, plain npm, what a release would publish from a registry on
 * this machine, and the frames of CK+ as somebody's own faces. Every command of the text is run as it stands there and
 * timed; in the end its page is opened (FER_CHROMIUM) and given a picture. What is fetched from npm counts.
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { chromium } from "playwright-core";
import { startRegistry } from "../scripts/local-registry.mjs";
import { releaseCopy, root } from "../scripts/packages.mjs";
import { blocksOf, commandsOf } from "../site/blocks.mjs";

export const title = "The tutorial, from an empty folder to a page that names an expression";
export const peers = "none";

const CLASSES = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"];
const PORT = 8123;

export async function run({ log }) {
  const folder = mkdtempSync(join(tmpdir(), "fer-tutorial-"));
  const home = join(folder, "project");
  mkdirSync(home);
  for (const [label, name] of CLASSES.entries())
    cpSync(join(root, "examples/data/ckplus", String(label)), join(home, "my-faces", name), { recursive: true });
  const copy = releaseCopy(join(folder, "release"));
  const registry = await startRegistry(join(folder, "registry"));
  const env = {
    ...registry.env,
    npm_config_yes: "true",
    npm_config_cache: join(folder, "npm-cache"),
    PORT: String(PORT),
  };
  const published = spawnSync("node", [join(root, "scripts", "publish.mjs"), "--from", copy], {
    env,
    encoding: "utf8",
  });
  if (published.status !== 0) throw new Error(`publishing failed\n${published.stderr}`);

  const rows = [];
  const told = (subject, started) => {
    const seconds = (performance.now() - started) / 1000;
    log(`${seconds.toFixed(1).padStart(6)} s  ${subject}`);
    rows.push({ case: "step", subject, value: seconds, unit: "s", ratio: null });
  };
  let host;
  const began = performance.now();
  try {
    for (const { language, text } of blocksOf(readFileSync(join(root, "docs/tutorial.md"), "utf8"))) {
      if (language === "html") writeFileSync(join(home, "public/index.html"), text);
      if (language !== "sh") continue;
      for (const line of commandsOf(text)) {
        const started = performance.now();
        if (line.startsWith("npx http-server")) {
          host = spawn(line, { cwd: home, env, shell: true, detached: true, stdio: "ignore" });
          while (
            !(await fetch(`http://127.0.0.1:${PORT}`).then(
              ({ ok }) => ok,
              () => false,
            ))
          )
            await wait(100);
        } else {
          const { status, stdout, stderr } = spawnSync(line, {
            cwd: home,
            env,
            shell: true,
            encoding: "utf8",
            maxBuffer: 2 ** 28,
          });
          if (status !== 0) throw new Error(`${line}\n${stdout}\n${stderr}`);
        }
        told(line, started);
      }
    }
    if (process.env.FER_CHROMIUM !== undefined) {
      const started = performance.now();
      const face = join(home, "my-faces/happy", readdirSync(join(home, "my-faces/happy"))[0]);
      log(`        the page says: ${await said(face)}`);
      told("the page is opened and names a picture", started);
    }
    const accuracy = JSON.parse(readFileSync(join(home, "runs/mine/metrics.json"), "utf8")).accuracy;
    rows.push({
      case: "together",
      subject: "all steps",
      value: (performance.now() - began) / 60_000,
      unit: "minutes",
      ratio: null,
    });
    rows.push({
      case: "together",
      subject: "accuracy on people that were not trained on",
      value: 100 * accuracy,
      unit: "%",
      ratio: null,
    });
  } finally {
    if (host !== undefined) process.kill(-host.pid);
    registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

/** What the page of the tutorial says of a picture. */
async function said(face) {
  const browser = await chromium.launch({ executablePath: process.env.FER_CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${PORT}`);
    await page.getByRole("status").filter({ hasText: "Ready" }).waitFor({ timeout: 60_000 });
    await page.getByLabel("Picture").setInputFiles(face);
    return await page.getByRole("listitem").first().textContent({ timeout: 60_000 });
  } finally {
    await browser.close();
  }
}
