/**
 * A training that is watched: what the page shows are the rows of `history.jsonl`, epoch by epoch, after the training was
 * killed and after it went on, without a reload. Needs FER_CHROMIUM.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HistoryRow, parseHistory } from "@fer/core/run";
import { view, type Viewer } from "@fer/view";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinySet } from "../../fer-model/test/tiny-set.ts";
import { makeBundle } from "./fixtures/bundle.ts";
import { CHROMIUM, look, openChromium } from "./fixtures/chromium.ts";
import { trainStepByStep } from "./fixtures/step-by-step.ts";

const OPTIONS = {
  architecture: "tiny",
  engine: "wasm",
  epochs: 6,
  batchSize: 16,
  valShare: 0.25,
  recipe: "none",
  baselines: false,
  report: false,
  seed: 1,
};

/** Lines of a plot, by what stands in a column of the history. */
const SHOWN = [
  ["Loss", "validation", "val_loss"],
  ["Loss", "training", "loss"],
  ["Accuracy", "validation", "val_accuracy"],
  ["Accuracy", "training", "accuracy"],
  ["Macro-F1", "validation", "val_macro_f1"],
  ["Learning rate", "rate", "learning_rate"],
] as const;

describe.skipIf(CHROMIUM === undefined)("a training watched in headless Chromium (FER_CHROMIUM)", () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-live-"));
  const to = join(folder, "runs", "first");
  let browser: Browser;
  let viewer: Viewer;

  beforeAll(async () => {
    makeBundle();
    (await tinySet(join(folder, "features"))).close();
    viewer = await view({ folder });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await viewer?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What is on disk, wherever the run stands. */
  function rows(): HistoryRow[] {
    const file = readdirSync(join(folder, "runs"), { recursive: true, encoding: "utf8" }).find((path) =>
      path.endsWith("history.jsonl"),
    );
    return file === undefined ? [] : parseHistory(readFileSync(join(folder, "runs", file), "utf8"), file);
  }

  /** The points of every line. */
  const points = (page: Page): Promise<unknown> =>
    page.evaluate(`${JSON.stringify(SHOWN)}.map(([plot, line]) =>
      Array.from(document.querySelectorAll(\`[data-plot="\${plot}"] [data-line="\${line}"] circle\`), ({ dataset }) =>
        [Number(dataset.epoch), Number(dataset.value)]))`);
  const wanted = (): unknown => SHOWN.map(([, , column]) => rows().map((row) => [row.epoch, row[column]]));

  test("points are rows: epoch by epoch, killed, gone on with, finished", { timeout: 120_000 }, async () => {
    const words = { set: join(folder, "features", "tiny"), to, options: OPTIONS, cwd: folder };
    const first = trainStepByStep(words);
    expect(await first.next()).toBe(1);
    const page = await browser.newPage();
    await page.goto(`${viewer.url}run?path=runs/first`);
    await page.evaluate("window.isSame = true");
    const state = () => page.textContent("header .state");
    await expect.poll(state).toBe("training now");
    expect(await page.textContent("section")).toContain("No epoch is complete yet.");
    for (let epoch = 2; epoch <= 4; epoch++) {
      first.go();
      expect(await first.next()).toBe(epoch);
      expect(rows()).toHaveLength(epoch - 1);
      await expect.poll(() => points(page)).toEqual(wanted());
      await expect
        .poll(() => page.textContent("[role=status]:not(:empty)"))
        .toMatch(`epoch ${epoch - 1} of 6: loss 1.`);
    }
    await look(page, "training");

    first.child.kill("SIGKILL");
    expect(await first.next()).toBeNull();
    await expect.poll(state).toBe("interrupted");
    expect(rows()).toHaveLength(3);
    expect(await points(page)).toEqual(wanted());

    const second = trainStepByStep(words);
    let epoch = await second.next();
    expect(epoch).toBeLessThanOrEqual(4);
    await expect.poll(state).toBe("training now");
    for (; epoch !== null; epoch = await second.next()) {
      expect(rows()).toHaveLength(epoch - 1);
      await expect.poll(() => points(page)).toEqual(epoch === 1 ? SHOWN.map(() => []) : wanted());
      second.go();
    }
    await expect.poll(state, { timeout: 20_000 }).toBe("finished");
    expect(rows()).toHaveLength(6);
    await expect.poll(() => points(page)).toEqual(wanted());
    expect(await page.evaluate("window.isSame")).toBe(true);
    await page.close();
  });
});
