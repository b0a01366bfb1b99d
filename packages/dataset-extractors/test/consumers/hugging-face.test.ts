/** An image folder as it is, and its Parquet export, opened by Hugging Face `datasets`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng } from "@fer/dataset-extractors/image";
import { exportParquet, extract } from "@fer/dataset-extractors";

const python = process.env["FER_PYTHON"];
let folder: string;

/** Two official splits of three classes, in the layout of FER2013's folder form. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-hf-"));
  let n = 0;
  for (const [split, prefix, count] of [
    ["train", "Training", 5],
    ["test", "PublicTest", 2],
  ] as const) {
    for (const name of ["angry", "happy", "neutral"]) {
      mkdirSync(join(folder, "from", split, name), { recursive: true });
      for (let i = 0; i < count; i++) {
        const data = Uint8Array.from({ length: 48 * 48 }, (_, at) => (at * 7 + n * 13) % 256);
        writeFileSync(
          join(folder, "from", split, name, `${prefix}_${n++}.png`),
          encodePng({ width: 48, height: 48, channels: 1, data }),
        );
      }
    }
  }
  await extract({ adapter: "fer2013", from: join(folder, "from"), to: join(folder, "images"), workers: 1 });
  await exportParquet(join(folder, "images"), { to: join(folder, "parquet") });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(script: string): unknown {
  const { stdout, stderr, status } = spawnSync(
    python!,
    ["-c", `import json\nfrom datasets import load_dataset\n${script}`],
    {
      encoding: "utf8",
      env: {
        ...process.env,
        HF_HUB_OFFLINE: "1",
        HF_DATASETS_DISABLE_PROGRESS_BARS: "1",
        HF_DATASETS_CACHE: join(folder, "cache"),
      },
    },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.skipIf(!python)("Hugging Face datasets (FER_PYTHON)", () => {
  it("opens the image folder as it is, with its metadata", () => {
    const result = load(`
d = load_dataset("imagefolder", data_dir=${JSON.stringify(join(folder, "images"))})
print(json.dumps({s: [d[s].num_rows, d[s].filter(lambda r: r["expression"] == "happy").num_rows, d[s][0]["image"].size] for s in d}))`);
    expect(result).toEqual({ train: [15, 5, [48, 48]], validation: [6, 2, [48, 48]] });
  });

  it("opens the folder of an export, and takes nothing else in it for data", () => {
    const result = load(`
d = load_dataset(${JSON.stringify(join(folder, "parquet"))})
print(json.dumps({s: d[s].num_rows for s in d}))`);
    expect(result).toEqual({ train: 15, validation: 6 });
  });

  it("opens the Parquet export with class names and pictures", () => {
    const result = load(`
d = load_dataset("parquet", data_files={s: ${JSON.stringify(join(folder, "parquet"))} + "/" + s + ".parquet" for s in ("train", "val")})
print(json.dumps({"rows": {s: d[s].num_rows for s in d}, "names": d["train"].features["label"].names,
  "happy": sum(1 for r in d["train"] if r["label"] == 4), "size": d["val"][0]["image"].size, "id": d["val"][0]["id"]}))`);
    expect(result).toEqual({
      rows: { train: 15, val: 6 },
      names: ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise", "contempt"],
      happy: 5,
      size: [48, 48],
      id: "PublicTest_15",
    });
  });
});
