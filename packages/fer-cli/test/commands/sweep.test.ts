/** `fer sweep`: its table, its files, and what it says of a space that is none. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeFaces } from "../fixtures/faces.js";
import { warmFer } from "../fixtures/warm-fer.js";

let folder: string;
const fer = (...words: string[]) => warmFer(folder, ...words);
const SHORT = "--engine cpu --epochs 1 --architecture tiny --views 1 --val-share 0.3 --to runs/sweep".split(" ");
const sweep = (...words: string[]) => fer("sweep", "features/faces", "--space", "space.json", ...SHORT, ...words);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-sweep-"));
  writeFaces(join(folder, "faces"));
  await fer("extract", "ckplus", "--from", "faces", "--to", "data/faces", "--quiet");
  await fer("assemble", "data/faces", "--name", "faces", "--split", "subject", "--quiet");
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("lists the trials, the best first", { timeout: 240_000 }, async () => {
  writeFileSync(join(folder, "space.json"), '{"learningRate": [0.001, 0.01], "optimizer.name": ["adam", "sgd"]}');
  const swept = await sweep("--trials", "2");
  expect(swept).toMatchObject({ code: 0 });
  expect(swept.stdout).toMatch(
    /^2 trials on faces, ranked by val_accuracy \(chart: runs\/sweep\/sweep\.svg\)\n\nrun +val_accuracy +epoch +learningRate +optimizer\.name\ntrial-\d +\d+\.\d% +1 +0\.01?/,
  );
  expect(
    ["sweep.json", "sweep.svg", "trial-1/best.h5", "trial-2/best.h5"].filter(
      (file) => !existsSync(join(folder, "runs/sweep", file)),
    ),
  ).toEqual([]);
  const best = /best: (runs\/sweep\/trial-\d)/.exec(swept.stdout)![1]!;
  expect(await fer("evaluate", best, "--engine", "cpu")).toMatchObject({ code: 0 });
});

it("refuses a space that is none", async () => {
  writeFileSync(join(folder, "space.json"), "learningRate: 0.1");
  expect(await sweep()).toMatchObject({ code: 1, stderr: expect.stringContaining("space.json: it is not JSON") });
  writeFileSync(join(folder, "space.json"), '{"learningRat": [0.1]}');
  const unknown = await sweep();
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(
    /trial 1 would have \{"learningRat":0\.1\}: .*unknown option "learningRat"\. Did you mean/,
  );
});
