/** Data that leave little to split, chains of twins, other file systems, and arrays beyond 2^31 bytes. */
import { closeSync, existsSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { encodeNpyHeader, decodeNpyHeader } from "@fer/core";
import { PartReader } from "@fer/core/set";
import { Assembler } from "@fer/split-assembler";
import { describe, expect, it } from "vitest";
import { testFolder } from "./fixtures/folder.ts";
import { balancedImages, type FixtureImage, writeImageFolder } from "./fixtures/image-folder.ts";

const folder = testFolder();
let made = 0;
const assembler = (options: object) => new Assembler({ name: "mix", to: folder.at(`set-${(made += 1)}`), ...options });

describe("one person who has all images of a class", () => {
  const images = balancedImages({ subjects: 5 }).map((image) =>
    Object.assign(image, image.expression === "disgust" ? { group: "S0" } : {}),
  );
  const data = writeImageFolder(folder.at("lonely"), images, { adapter: "ckplus" });

  it("cannot be tested apart from everybody else: the class would not be trained", async () => {
    expect(
      await folder.messageOf(() => assembler({ split: "leave-one-subject-out" }).plan([data])),
    ).toMatchInlineSnapshot(
      `"assemble: the part fold 1, train has no image of disgust. Expected all classes of the data in train. Add data, use another seed or policy, or set allowMissing (--allow-missing)."`,
    );
  });

  it("may be, where that is said; and then the counts say what is missing", async () => {
    const plan = await assembler({ split: "leave-one-subject-out", allowMissing: true }).plan([data]);
    expect(plan.folds![0]!.train.perClass["disgust"]).toBe(0);
    expect(plan.folds!.slice(1).every(({ train }) => train.perClass["disgust"] === 5)).toBe(true);
  });
});

describe("a chain of twins over three parts", () => {
  // the same picture three times, each larger than the one before
  const chain = (["train", "val", "test"] as const).map((split, i): FixtureImage => {
    return { id: `chain-${split}`, expression: "happy", split, pixels: "chain", zoom: i + 1 };
  });
  const rest = balancedImages({
    perClass: 6,
    subjects: 0,
    split: (i) => (["train", "val", "test"] as const)[i % 3]!,
  });
  const data = writeImageFolder(folder.at("chain"), [...rest, ...chain], { adapter: "rafdb" });

  it("is taken out of train, and val and test are left as they are", async () => {
    const before = await assembler({ split: "official" }).plan([data]);
    expect(before.leaks).toMatchObject({ exact: 0, near: 2 });
    const plan = await assembler({ split: "official", leaks: "drop-from-train" }).plan([data]);
    expect(plan.leaks).toMatchObject({ exact: 0, near: 0 });
    expect(plan.thinned).toEqual({ exact: 0, near: 1 });
    expect([plan.parts.val, plan.parts.test]).toEqual([before.parts.val, before.parts.test]);
  });
});

describe("a set on another file system", () => {
  it.skipIf(!existsSync("/dev/shm"))("has the same bytes (needs /dev/shm)", async () => {
    const data = writeImageFolder(folder.at("moved"), balancedImages());
    const there = mkdtempSync("/dev/shm/fer-set-");
    try {
      const sets = [there, folder.at("here")].map((to) => assembler({ split: "subject", to }).assemble([data]));
      const [first, second] = await Promise.all(sets);
      expect(first!.info.fingerprint).toBe(second!.info.fingerprint);
      const file = "mix_train_images.npy";
      expect(readFileSync(join(there, file)).equals(readFileSync(folder.at("here", file)))).toBe(true);
      for (const set of [first!, second!]) set.close();
    } finally {
      rmSync(there, { recursive: true });
    }
  });
});

describe("an array of more than 2^31 bytes", () => {
  it("is read at its end, as float32 and as uint8", async () => {
    const shape = [48, 48, 1] as const;
    for (const [dtype, bytes] of [
      ["float32", 4],
      ["uint8", 1],
    ] as const) {
      const count = Math.ceil(2 ** 32 / (2304 * bytes));
      const images = folder.at(`${dtype}.npy`);
      const header = encodeNpyHeader(dtype, [count, ...shape]);
      // a sparse file: it takes no space
      const file = openSync(images, "w");
      ftruncateSync(file, header.length + count * 2304 * bytes);
      writeSync(file, header, 0, header.length, 0);
      const last = dtype === "float32" ? new Float32Array(2304).fill(7) : new Uint8Array(2304).fill(7);
      writeSync(file, new Uint8Array(last.buffer), 0, last.byteLength, header.length + (count - 1) * last.byteLength);
      closeSync(file);
      const files = { images, labels: "", rows: "" };
      const info = { count, perClass: {}, groups: 0 };
      const dataOffset = header.length;
      const part = new PartReader({ part: "train", info, classes: [], shape, dtype, dataOffset, files });
      expect([...new Set(await part.read([count - 1]))]).toEqual([7]);
      expect([...new Set(await part.read([count - 2]))]).toEqual([0]);
      part.close();
      rmSync(images);
    }
  });

  it("has a header whose numbers are whole", () => {
    const shape = [2 ** 31 + 5, 48, 48, 1];
    expect(decodeNpyHeader(encodeNpyHeader("uint8", shape), "big.npy").shape).toEqual(shape);
  });
});
