/** `fer cross`: every model on every set, what cannot be asked, and its tables. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeFaces } from "../fixtures/faces.js";
import { warmFer } from "../fixtures/warm-fer.js";

let folder: string;
const fer = (...words: string[]) => warmFer(folder, ...words);
const SETS = "features/parts,features/folds";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-cross-"));
  writeFaces(at("faces"));
  await fer("extract", "ckplus", "--from", "faces", "--to", "data/faces", "--quiet");
  const assemble = ["assemble", "data/faces", "--to", "features", "--quiet"];
  await fer(...assemble, "--name", "parts", "--split", "subject");
  await fer(...assemble, "--name", "folds", "--split", "subject-kfold", "--folds", "2");
  const short = "--engine cpu --epochs 1 --architecture tiny --no-report --views 1 --val-share 0.3".split(" ");
  await fer("train", "features/parts", ...short, "--to", "runs/one");
  await fer("export", "runs/one", "--as", "tfjs", "--to", "exported");
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  model: string;
  set: string;
  part: string;
  metrics: { accuracy: number; count: number; seen?: { images: number } | null } | null;
}

it("measures each on each, and reads nothing twice", { timeout: 240_000 }, async () => {
  const words = ["cross", "runs/one", "exported", "--on", SETS, "--engine", "cpu"];
  const { code, stdout } = await fer(...words, "--json");
  expect(code).toBe(0);
  const rows = JSON.parse(stdout) as Row[];
  expect(rows.map(({ model, set, part }) => [model, set, part])).toEqual([
    ["runs/one", "parts", "test"],
    ["runs/one", "folds", "all"],
    ["exported", "parts", "test"],
    ["exported", "folds", "all"],
  ]);
  const own = JSON.parse(readFileSync(at("runs/one/metrics.json"), "utf8")) as { accuracy: number };
  expect(rows[0]!.metrics!.accuracy).toBe(own.accuracy);
  expect(rows[1]!.metrics!.seen!.images).toBeGreaterThan(0);
  expect(rows[3]!.metrics!.seen).toBe(null);
  // the exported model is the same one
  expect(rows[3]!.metrics!.accuracy).toBe(rows[1]!.metrics!.accuracy);
  const readings = readFileSync(at("runs/one/readings.jsonl"), "utf8");
  const again = await fer(...words);
  expect(readFileSync(at("runs/one/readings.jsonl"), "utf8")).toBe(readings);
  expect(again.stdout).toMatch(/^parts, test part: \d+ images; folds, all of it: \d+ images\. In brackets/);
  expect(again.stdout).toMatch(/^exported +\d+\.\d% \[.*\] +.* +unknown +.* +unknown$/m);
});

it("names what a model cannot be asked, and makes tables for papers", { timeout: 240_000 }, async () => {
  writeFileSync(
    at("exported/model.json"),
    readFileSync(at("exported/model.json"), "utf8").replaceAll('"fear"', '"dread"'),
  );
  const words = ["cross", "runs/one", "exported", "--on", "features/parts", "--engine", "cpu"];
  const latex = await fer(...words, "--format", "latex");
  expect(latex).toMatchObject({ code: 0, stdout: expect.stringContaining("exported & - & - & - \\\\") });
  const csv = (await fer(...words, "--format", "csv")).stdout.trim().split("\n");
  expect(csv.map((line) => line.split(",").slice(0, 3).join(","))).toEqual([
    "model,set,part",
    "runs/one,parts,test",
    "exported,parts,test",
  ]);
  expect(csv[2]).toContain("fear");
  expect((await fer("cross", "exported", "--on", "features/parts", "--engine", "cpu")).code).toBe(1);
  const nothing = await fer("cross", "@fer/nothing", "--on", "features/parts");
  expect(nothing.stderr).toContain("@fer/nothing: no such file or folder");
});
