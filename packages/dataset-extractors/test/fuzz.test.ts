/**
 * A seeded fuzzer over every reader: valid inputs are damaged, and the only things allowed are clean errors of ours,
 * skips with a reason, and as many items as rows. `FER_FUZZ` sets the number of inputs a reader (default 150); a seed
 * that fails is printed with the input and becomes a fixture.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { adapters } from "@fer/dataset-extractors";
import { FerError, npyNumbers, npyScalar, textLines } from "@fer/core";
import { describe, expect, test, vi } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import { openArchive } from "../dist/archive/archive.js";
import { csvRecords, csvRows } from "../dist/files/csv.js";
import { parseFrameLabels } from "../dist/readers/frame-labels.js";
import { parseSidecar } from "../dist/files/json.js";
import { listRows } from "../dist/files/list-file.js";
import { parsePixelCell } from "../dist/readers/pixel-table.js";
import { xlsxRows } from "../dist/files/sheet.js";
import { ANNOTATED, treeOf } from "./fixtures/annotations.js";
import { tar, tarGz, zip } from "./fixtures/archives.js";
import { collect } from "./fixtures/collect.js";
import { itemsOf } from "./fixtures/items.js";
import { dice, mutate } from "./fixtures/mutate.js";
import { npyFile, npyText } from "./fixtures/npy-file.js";
import { temporaryFolder, writeTree } from "./fixtures/tree.js";

const INPUTS = Number(process.env.FER_FUZZ ?? 150);

/** Runs `read` on damaged copies of `valid`; returns how many were read, and how many were refused cleanly. */
async function fuzz(valid: Uint8Array, seed: number, read: (bytes: Buffer) => unknown, inputs = INPUTS) {
  const random = dice(seed);
  const result = { read: 0, refused: 0 };
  for (let n = 0; n < inputs; n++) {
    const bytes = mutate(valid, random);
    try {
      await read(bytes);
      result.read += 1;
    } catch (error) {
      if (!(error instanceof FerError)) {
        throw new Error(
          `seed ${seed}, input ${n}: ${String(error)}\n${JSON.stringify(bytes.toString("latin1")).slice(0, 2000)}`,
          { cause: error },
        );
      }
      const unfit = error.message.length > 1500 || /undefined|\[object/.test(error.message);
      if (unfit) throw new Error(`seed ${seed}, input ${n}: an unfit message`, { cause: error });
      result.refused += 1;
    }
  }
  return result;
}

const CSV = Buffer.from('path,label,box\n"a ""1"".png",happy,"(0, 0, 48, 48)"\nb.png,sad,\n"two\nlines",3,4\n');
const READERS: Record<string, { valid: Uint8Array; read: (bytes: Buffer) => unknown }> = {
  lines: { valid: CSV, read: (bytes) => collect(textLines([bytes], "f")) },
  csv: { valid: CSV, read: (bytes) => collect(csvRows(textLines([bytes], "f"), { file: "f" })) },
  "csv by name": {
    valid: CSV,
    read: (bytes) =>
      collect(csvRecords(csvRows(textLines([bytes], "f"), { file: "f" }), { file: "f", required: ["path", "label"] })),
  },
  lst: {
    valid: Buffer.from("a b.jpg 0 28 113\nc.jpg 1 2 3"),
    read: (bytes) => collect(listRows(textLines([bytes], "f"), { file: "f", fields: 3 })),
  },
  "frame labels": {
    valid: Buffer.from("Neutral,Anger\n-1\n0\n1\n0\n"),
    read: (bytes) => parseFrameLabels(bytes.toString(), "f"),
  },
  "npy string": { valid: npyText("-0.65331"), read: (bytes) => npyScalar(bytes, "f") },
  "npy row": { valid: npyFile("<f4", "(4,)", Buffer.alloc(16, 1)), read: (bytes) => npyNumbers(bytes, "f") },
  "npy integer": { valid: npyFile("<i8", "(1,)", Buffer.alloc(8, 1), 2), read: (bytes) => npyScalar(bytes, "f") },
  json: {
    valid: Buffer.from('{"human-label": 1, "soft-label": [0, 1], "meta-data": {"valence": null}}'),
    read: (bytes) => parseSidecar(bytes.toString(), "f"),
  },
  pixels: {
    valid: Buffer.from("0 255 7 0 1 2"),
    read: (bytes) => {
      const pixels = parsePixelCell(bytes.toString("latin1"), 6);
      if (typeof pixels !== "string") expect(pixels).toHaveLength(6);
    },
  },
};

describe("readers", () => {
  test.each(Object.entries(READERS))(
    "%s: gives a result or a clean error for any input",
    async (name, { valid, read }) => {
      const { read: whole, refused } = await fuzz(valid, name.length * 7919, read, INPUTS * 4);
      expect(whole + refused).toBe(INPUTS * 4);
      expect(whole).toBeGreaterThan(0);
    },
  );

  test("xlsx: gives rows or a clean error for any input", async () => {
    const file = path.join(temporaryFolder(), "f.xlsx");
    const valid = await writeXlsxFile([
      [{ value: "url" }, { value: "happy" }],
      [{ value: "a.jpg" }, { value: 1, type: Number }],
    ]).toBuffer();
    const { refused } = await fuzz(valid, 11, async (bytes) => {
      writeFileSync(file, bytes);
      await collect(xlsxRows(file, { file: "f.xlsx" }));
    });
    expect(refused).toBeGreaterThan(0);
  });
});

describe("archives", () => {
  const tree = { "faces/happy/a.txt": "one", "faces/sad/b.txt": "two", "notes.txt": "three" };

  test.each([
    ["zip", zip(tree)],
    ["tar", tar(tree)],
    ["tar.gz", tarGz(tree)],
  ])("%s: is unpacked into the cache or refused, for any input", async (kind, valid) => {
    const dir = temporaryFolder();
    const file = path.join(dir, `f.${kind}`);
    vi.stubEnv("FER_CACHE", path.join(dir, "cache"));
    const outcomes = new Set<string>();
    const { read, refused } = await fuzz(valid, kind.length * 104_729, async (bytes) => {
      writeFileSync(file, bytes);
      let outcome = "refused";
      try {
        await openArchive(file);
        outcome = "unpacked";
      } finally {
        const kept = readdirSync(path.join(dir, "cache/archives")).length;
        outcomes.add(`${outcome}: ${kept} in the cache, ${readdirSync(dir).sort().join()} here`);
        rmSync(path.join(dir, "cache"), { recursive: true });
      }
    });
    vi.unstubAllEnvs();
    expect(read + refused).toBe(INPUTS);
    expect(refused).toBeGreaterThan(0);
    const fine = new Set([
      `refused: 0 in the cache, cache,f.${kind} here`,
      `unpacked: 1 in the cache, cache,f.${kind} here`,
    ]);
    expect([...outcomes].filter((outcome) => !fine.has(outcome))).toEqual([]);
  });
});

describe("adapters", () => {
  test.each(ANNOTATED.map((dataset, i) => [dataset.name, dataset, i] as const))(
    "%s: every row of a damaged file is a sample, a skip, or a clean error",
    async (_name, dataset, i) => {
      const { adapter, form, options = {}, file, content } = dataset;
      const root = temporaryFolder();
      writeTree(root, treeOf(dataset));
      const { read, refused } = await fuzz(Buffer.from(content), 1000 + i, async (bytes) => {
        rmSync(path.join(root, file));
        mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
        writeFileSync(path.join(root, file), bytes);
        const { samples, skips, rows } = await itemsOf(adapters[adapter]!, root, { options, form });
        expect(samples.length + skips.filter((skip) => skip.listed).length).toBe(rows);
        for (const { reason, source } of skips) expect([reason, source]).not.toContain("");
      });
      expect(read + refused).toBe(INPUTS);
      expect(read).toBeGreaterThan(0);
    },
  );
});
