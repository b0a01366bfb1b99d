/** What a model that is given away says of what it has seen: the same as the index of its run, in half the bytes. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSeenIndex, seenIndexFiles, writeTrainingIndex } from "@fer/core/run";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "fer-seen-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const hashOf = (name: string | number): string => createHash("sha256").update(String(name)).digest("hex");

async function* samples() {
  for (let i = 0; i < 300; i++) yield { pixel_hash: hashOf(i), group: i % 3 === 0 ? null : `ckplus/S${i % 20}` };
}

async function written(hashes: readonly string[]) {
  const index = await writeTrainingIndex(folder, { samples: samples(), hashes });
  const files = seenIndexFiles(index);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return { index, files };
}

test("knows pictures, groups and near pictures as the index of the run does", async () => {
  const { index, files } = await written(["00000000ffffffff", "123456789abcdef0"]);
  const seen = (await readSeenIndex(folder))!;
  expect(Object.keys(files)).toEqual(["seen-images.npy", "seen-groups.npy", "seen-hashes.npy"]);
  for (let i = 0; i < 400; i++) {
    expect(seen.hasPixels(hashOf(i))).toBe(index.hasPixels(hashOf(i)));
    expect(seen.groups.has(`ckplus/S${i}`)).toBe(index.groups.has(`ckplus/S${i}`));
  }
  for (const hash of ["00000000fffffffe", "00000000ffff0000", "123456789abcdef0"])
    expect(seen.hasNear!(hash)).toBe(index.hasNear!(hash));
  expect(files["seen-images.npy"]!.length).toBe(128 + 300 * 8);
});

test("equal training gives equal bytes, and no index is none", async () => {
  expect(await readSeenIndex(folder)).toBeNull();
  const [a, b] = [await written([]), await written([])];
  for (const [name, bytes] of Object.entries(a.files)) expect(Buffer.compare(bytes, b.files[name]!)).toBe(0);
});

test("a file that was cut off or is another array is refused", async () => {
  const { files } = await written([]);
  const bytes = files["seen-images.npy"]!;
  writeFileSync(join(folder, "seen-images.npy"), bytes.subarray(0, bytes.length - 3));
  await expect(readSeenIndex(folder)).rejects.toThrow(/seen-images.npy: uint8, shape \[300, 8\], 2397 bytes/);
  writeFileSync(join(folder, "seen-images.npy"), "no array");
  await expect(readSeenIndex(folder)).rejects.toThrow(/seen-images.npy/);
});
