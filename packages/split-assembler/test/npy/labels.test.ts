import { readFile, writeFile } from "node:fs/promises";
import { readOneHotLabels } from "@fer/core/set";
import { writeOneHotLabels } from "@fer/split-assembler";
import { dump, load } from "npyjs";
import { describe, expect, it } from "vitest";
import { testFolder } from "../fixtures/folder.ts";

const folder = testFolder();

describe("label arrays", () => {
  it("are one-hot float32 [n, classes], and come back as class indices", async () => {
    const path = folder.at("labels.npy");
    await writeOneHotLabels(path, { labels: Uint8Array.of(2, 0, 1), classes: 3 });
    const { data, shape } = await load(await readFile(path));
    expect(shape).toEqual([3, 3]);
    expect(data).toEqual(Float32Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0));
    expect(await readOneHotLabels(path, 3)).toEqual(Uint8Array.of(2, 0, 1));
  });

  it("are refused with another number of classes, another type, or soft values", async () => {
    const wide = folder.at("wide.npy");
    await writeOneHotLabels(wide, { labels: Uint8Array.of(1), classes: 8 });
    const bytes = folder.at("bytes.npy");
    await writeFile(bytes, new Uint8Array(dump(Uint8Array.of(0, 1, 1, 0), [2, 2])));
    const soft = folder.at("soft.npy");
    await writeFile(soft, new Uint8Array(dump(Float32Array.of(0, 1, 0.25, 0.75), [2, 2])));
    const two = folder.at("two.npy");
    await writeFile(two, new Uint8Array(dump(Float32Array.of(1, 1), [1, 2])));
    expect(await folder.messageOf(() => readOneHotLabels(wide, 7))).toMatchInlineSnapshot(
      `"<root>/wide.npy: an array of float32 with shape [1, 8] in 160 bytes. Expected one-hot float32 labels [n, 7]. Assemble the set again."`,
    );
    expect(await folder.messageOf(() => readOneHotLabels(bytes, 2))).toMatchInlineSnapshot(
      `"<root>/bytes.npy: an array of uint8 with shape [2, 2] in 68 bytes. Expected one-hot float32 labels [n, 2]. Assemble the set again."`,
    );
    expect(await folder.messageOf(() => readOneHotLabels(soft, 2))).toMatchInlineSnapshot(
      `"<root>/soft.npy: row 1 is [0.25, 0.75]. Expected a single 1 among zeros. Assemble the set again."`,
    );
    expect(await folder.messageOf(() => readOneHotLabels(two, 2))).toMatchInlineSnapshot(
      `"<root>/two.npy: row 0 is [1, 1]. Expected a single 1 among zeros. Assemble the set again."`,
    );
  });
});
