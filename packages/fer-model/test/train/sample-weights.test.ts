/** Weights of single samples. */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Subset } from "../../dist/data/subset.js";
import { readSampleWeights, rowWeights } from "../../dist/train/sample-weights.js";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const base = {
  architecture: "tiny",
  engine: "cpu",
  epochs: 2,
  batchSize: 16,
  report: false,
  baselines: false,
} as const;

let folder: string;
let set: AssembledSet;
const path = (name: string) => join(folder, name);
const fit = (name: string, sampleWeights: string | null) =>
  new FerTrainer({ ...base, sampleWeights, to: path(name) }).fit(set);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-weights-"));
  set = await tinySet(path("set"), { parts: { train: 48, val: 12, test: 12 } });
  const lines = Array.from({ length: 24 }, (_, row) => `face-${2 * row},${row % 3 === 0 ? 0 : 2}`);
  await writeFile(path("weights.csv"), ["id,weight", ...lines, "elsewhere,1", ""].join("\n"));
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

describe("a training with sample weights", () => {
  test("differs from one without, does not depend on where the file lies, and notes what was in it", async () => {
    const run = await fit("weighed", path("weights.csv"));
    const plain = await fit("plain", null);
    expect((await tree(run.folder))["last.h5"]).not.toEqual((await tree(plain.folder))["last.h5"]);
    await cp(path("weights.csv"), path("moved.csv"));
    expect((await fit("weighed", path("moved.csv"))).reused).toBe(true);
    expect(run.config.options["sampleWeights"]).toMatch(/^sha256 [0-9a-f]{64}$/);
    await writeFile(path("moved.csv"), "id,weight\nface-0,3\n");
    await expect(fit("weighed", path("moved.csv"))).rejects.toMatchObject({ code: "OTHER_OPTIONS" });
  });

  test("weights of 1 change nothing", async () => {
    await writeFile(path("ones.csv"), "id,weight\nface-0,1\n");
    const [run, plain] = [await fit("ones", path("ones.csv")), await fit("plain", null)];
    expect((await tree(run.folder))["last.h5"]).toEqual((await tree(plain.folder))["last.h5"]);
  });

  test("is refused where the file names no sample of it", async () => {
    await writeFile(path("strangers.csv"), "id,weight\nsomebody,1\n");
    await expect(fit("strangers", path("strangers.csv"))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: sampleWeights: 1 ids, none of them of a training sample. Expected ids of the set, such as face-0. Take the ids from <name>_train.jsonl.]`,
    );
  });
});

test.each([
  ["head", "name,weight\na,1\n"],
  ["number", "id,weight\na,much\n"],
  ["negative", "id,weight\na,-1\n"],
  ["empty", "id,weight\na,\n"],
  ["infinite", "id,weight\na,1e999\n"],
  ["no id", "id,weight\n,1\n"],
  ["twice", "id,weight\na,1\na,2\n"],
])("a file is refused: %s", async (name, text) => {
  await writeFile(path(`${name}.csv`), text);
  await expect(readSampleWeights(path(`${name}.csv`))).rejects.toMatchObject({ code: "BAD_WEIGHTS_FILE" });
});

test("an id of two samples is not weighed", async () => {
  const samples = { ids: () => Promise.resolve(["a", "b", "a"]) } as Subset;
  const weights = (...ids: string[]) => ({ byId: new Map(ids.map((id) => [id, 2])), fingerprint: "" });
  expect([...(await rowWeights(samples, weights("b")))]).toEqual([1, 2, 1]);
  await expect(rowWeights(samples, weights("a"))).rejects.toThrowErrorMatchingInlineSnapshot(
    `[OptionsError: sampleWeights: a is the id of two training samples. Expected ids of one sample each. Leave the id out; in a set of several datasets the same id may stand in two of them.]`,
  );
});

test("ids may have commas, lines may begin with a byte order mark and end in CR LF", async () => {
  await writeFile(path("commas.csv"), "\uFEFFid,weight\r\na,b,0.5\r\n");
  expect([...(await readSampleWeights(path("commas.csv"))).byId]).toEqual([["a,b", 0.5]]);
});
