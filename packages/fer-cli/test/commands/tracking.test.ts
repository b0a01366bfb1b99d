/** `fer train --tensorboard` and `--mlflow`: what is told of a run, of seeds and of folds, and a server that is absent. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeFaces } from "../fixtures/faces.js";
import { warmFer } from "../fixtures/warm-fer.js";

let folder: string;
const fer = (...words: string[]) => warmFer(folder, ...words);
const told = (name: string): string[] =>
  ["train", "validation", "test"].filter((part) =>
    existsSync(join(folder, "logs", name, part, "events.out.tfevents.0.fer")),
  );
const SHORT = "--engine cpu --epochs 1 --architecture tiny --no-report --views 1 --val-share 0.3".split(" ");
const train = (set: string, ...words: string[]) => fer("train", `features/${set}`, ...SHORT, ...words);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-tracking-"));
  writeFaces(join(folder, "faces"));
  await fer("extract", "ckplus", "--from", "faces", "--to", "data/faces", "--quiet");
  const assemble = ["assemble", "data/faces", "--to", "features", "--quiet"];
  await fer(...assemble, "--name", "parts", "--split", "subject");
  await fer(...assemble, "--name", "folds", "--split", "subject-kfold", "--folds", "2");
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a run, the runs of seeds and those of folds are told", { timeout: 300_000 }, async () => {
  const one = await train("parts", "--to", "runs/one", "--tensorboard", "logs");
  expect(one).toMatchObject({ code: 0 });
  expect(one.stderr).toContain("tracked in logs/one");
  expect(told("one")).toEqual(["train", "validation", "test"]);
  const seeds = await train("parts", "--to", "runs/seeds", "--tensorboard", "logs", "--seeds", "2");
  expect(seeds).toMatchObject({ code: 0 });
  expect(["seeds/seed-1", "seeds/seed-2"].map(told)).toEqual([told("one"), told("one")]);
  const folds = await train("folds", "--to", "runs/folds", "--tensorboard", "logs");
  expect(folds).toMatchObject({ code: 0 });
  expect(["folds/fold-01", "folds/fold-02"].map((name) => told(name).includes("test"))).toEqual([true, true]);
});

it("a server that is absent costs no run", { timeout: 300_000 }, async () => {
  // a port that nobody may listen on
  const trained = await train("parts", "--to", "runs/alone", "--mlflow", "http://127.0.0.1:9");
  expect(trained).toMatchObject({ code: 0 });
  expect(trained.stderr).toMatch(/MLflow at http:\/\/127\.0\.0\.1:9: .*Training goes on/);
  expect(trained.stderr).toMatch(/not tracked: .*the same command tells of it again/);
});
