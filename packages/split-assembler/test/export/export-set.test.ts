/** A set as Parquet and as webdataset archives: its life, and what the Python libraries read in it. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { Assembler, type AssemblerInput, exportSet } from "@fer/split-assembler";
import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testFolder } from "../fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "../fixtures/image-folder.ts";

const folder = testFolder();
const python = process.env["FER_PYTHON"];
const has = (name: string): boolean => python !== undefined && spawnSync(python, ["-c", `import ${name}`]).status === 0;
const votes = [1, 0, 2, 3, 4, 0, 0, 0];
const data = writeImageFolder(
  folder.at("data"),
  balancedImages({ subjects: 5, perClass: 6 }).map((image, i) =>
    Object.assign(image, i % 2 === 0 ? { votes, valence: -0.5, arousal: null } : {}),
  ),
  { adapter: "ferplus" },
);
const assembled = async (name: string, options: Partial<AssemblerInput> = {}) => {
  const set = await new Assembler({ name, to: folder.at("sets"), ...options }).assemble([data]);
  set.close();
  return folder.at("sets", name);
};
const run = (script: string): unknown => {
  const { stdout, stderr, status } = spawnSync(python!, ["-c", script], {
    encoding: "utf8",
    env: { ...process.env, HF_HUB_OFFLINE: "1", HF_DATASETS_CACHE: folder.at("cache") },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};
/** Of each image of a part its bytes, hashed, and its label. */
async function expectedRows(path: string, name: "train" | "all") {
  const { openSet } = await import("@fer/core/set");
  const set = await openSet(path);
  const part = set.part(name);
  const labels = await part.labels();
  const pixels = await part.read(Uint32Array.from({ length: part.count }, (_, i) => i));
  const rows: unknown[][] = [];
  for await (const { id } of part.rows()) {
    const at = rows.length * part.rowLength;
    rows.push([id, labels[rows.length], hash("sha256", pixels.subarray(at, at + part.rowLength))]);
  }
  set.close();
  return rows;
}

describe("an export of a set", () => {
  it("has a file a part, is kept where it is there, and refused where it is of another set", async () => {
    const path = await assembled("parts", { split: "subject", valShare: 0.2 });
    const first = await exportSet(path, { to: folder.at("parts-parquet") });
    expect(first).toMatchObject({ rows: { train: 28, val: 7, test: 7 }, reused: false });
    expect(readdirSync(folder.at("parts-parquet")).sort()).toEqual([
      ".manifest.json",
      "test.parquet",
      "train.parquet",
      "val.parquet",
    ]);
    expect(await exportSet(path, { to: folder.at("parts-parquet") })).toEqual({ ...first, reused: true });
    const other = await assembled("other", { split: "subject", seed: 3 });
    await expect(exportSet(other, { to: folder.at("parts-parquet") })).rejects.toMatchObject({ code: "OTHER_OPTIONS" });
  });

  it("of folds has the rows of each, and archives of so many images", async () => {
    const path = await assembled("folded", { split: "kfold", folds: 2 });
    const { files } = await exportSet(path, { to: folder.at("shards"), format: "webdataset", shard: 20 });
    expect(files.map((file) => file.slice(folder.at("shards").length + 1))).toEqual([
      "all-000000.tar",
      "all-000001.tar",
      "all-000002.tar",
      "fold-01_train.npy",
      "fold-01_test.npy",
      "fold-02_train.npy",
      "fold-02_test.npy",
    ]);
    expect(readFileSync(folder.at("shards/fold-01_test.npy"))).toEqual(
      readFileSync(folder.at("sets/folded_fold-01_test.npy")),
    );
  });

  it.skipIf(!has("datasets"))("is opened by Hugging Face datasets (FER_PYTHON)", { timeout: 120_000 }, async () => {
    const path = await assembled("hugging", { split: "subject" });
    await exportSet(path, { to: folder.at("hugging") });
    const found = run(`
import hashlib, json, numpy as np
from datasets import load_dataset
d = load_dataset(${JSON.stringify(folder.at("hugging"))})
t = d["train"]
rows = [[r["id"], r["label"], hashlib.sha256(np.asarray(r["image"]).tobytes()).hexdigest()] for r in t]
print(json.dumps({"sizes": {s: d[s].num_rows for s in d}, "names": t.features["label"].names, "rows": rows,
  "votes": sorted({(r["votes_neutral"], r["votes_happy"], r["valence"], r["arousal"]) for r in t}, key=str)}))`);
    expect(found).toEqual({
      sizes: { train: 35, test: 7 },
      names: ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"],
      rows: await expectedRows(path, "train"),
      votes: [
        [1, 4, -0.5, null],
        [null, null, null, null],
      ],
    });
  });

  it.skipIf(!has("webdataset"))("is read by webdataset (FER_PYTHON)", { timeout: 120_000 }, async () => {
    const path = await assembled("web", { split: "kfold", folds: 2 });
    await exportSet(path, { to: folder.at("web"), format: "webdataset", shard: 20 });
    const found = run(`
import hashlib, io, json, numpy as np, webdataset as wds
from PIL import Image
rows = []
for s in wds.WebDataset(${JSON.stringify(folder.at("web"))} + "/all-{000000..000002}.tar", shardshuffle=False):
    about = json.loads(s["json"])
    pixels = np.asarray(Image.open(io.BytesIO(s["png"])))
    rows.append([about["id"], int(s["cls"]), hashlib.sha256(pixels.tobytes()).hexdigest()])
print(json.dumps(rows))`);
    expect(found).toEqual(await expectedRows(path, "all"));
  });
});
