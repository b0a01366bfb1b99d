/** Data that leave little to split, chains of twins, full disks, other file systems, and arrays beyond 2^31 bytes. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { encodeNpyHeader, decodeNpyHeader } from "@fer/core";
import { missingClasses, PartReader } from "@fer/core/set";
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

  it("is on one side of a split, which says what the other one lacks", async () => {
    for (const seed of [0, 1, 2, 3]) {
      const plan = await assembler({ split: "subject", seed, testShare: 0.4, near: false }).plan([data]);
      expect(missingClasses(plan)).toEqual(["test has no image of disgust"]);
    }
  });

  it("may be, where that is said; and then the counts say what is missing", async () => {
    const plan = await assembler({ split: "leave-one-subject-out", allowMissing: true }).plan([data]);
    expect(plan.folds![0]!.train.perClass["disgust"]).toBe(0);
    expect(plan.folds!.slice(1).every(({ train }) => train.perClass["disgust"] === 5)).toBe(true);
    expect(missingClasses(plan)).toEqual([
      "in 1 of 5 folds train has no image of disgust",
      "in 4 of 5 folds test has no image of disgust",
    ]);
  });
});

describe("datasets with unequal class lists", () => {
  const named = (adapter: string, without: string[]) =>
    writeImageFolder(
      folder.at(adapter),
      balancedImages({ classes: 8, prefix: `${adapter}-` }).filter(({ expression }) => !without.includes(expression)),
      { adapter, groupSpace: adapter },
    );
  const five = named("jaffe", ["fear", "contempt"]);
  const six = named("rafd", ["sad"]);

  it("make a set of all of them together, and what a part of it lacks is said", async () => {
    const plan = await assembler({ split: "ratio", classes: 8 }).plan([five, six]);
    expect(Object.values({ ...plan.parts.train!.perClass })).toEqual([8, 8, 8, 4, 8, 4, 8, 4]);
    const across = await assembler({ split: "cross-dataset", test: ["jaffe"], classes: 8, allowMissing: true }).plan([
      five,
      six,
    ]);
    expect(missingClasses(across)).toEqual(["train has no image of sad", "test has no image of fear, contempt"]);
  });

  it("cannot test what was not trained", async () => {
    const call = () => assembler({ split: "cross-dataset", test: ["jaffe"], classes: 8 }).plan([five, six]);
    expect(await folder.messageOf(call)).toMatchInlineSnapshot(
      `"assemble: the part train has no image of sad. Expected all classes of the data in train. Add data, use another seed or policy, or set allowMissing (--allow-missing)."`,
    );
  });
});

describe("an owner's part that is absent", () => {
  it("train: nothing is left to train on", async () => {
    const data = writeImageFolder(folder.at("untrained"), balancedImages({ split: () => "test" }), {
      adapter: "sfew2",
    });
    expect(await folder.messageOf(() => assembler({ split: "official" }).plan([data]))).toMatchInlineSnapshot(
      `"assemble: no image falls into the part train. Expected some of the 35 images. Add data, or use another policy."`,
    );
  });
});

describe("a class that a part does not get", () => {
  // of seven classes happy is in train alone
  const parts = (i: number, expression: string) => (i < 3 || expression === "happy" ? "train" : "test");
  const images = balancedImages({ perClass: 5, subjects: 0, split: parts });

  it("is said in the set, on its page and by the function that the command prints", async () => {
    const data = writeImageFolder(folder.at("no-happy"), images, { adapter: "sfew2" });
    const to = folder.at("no-happy-set");
    const set = await assembler({ split: "official", to }).assemble([data]);
    set.close();
    expect(set.info.parts.test!.perClass["happy"]).toBe(0);
    expect(missingClasses(set.info)).toEqual(["test has no image of happy"]);
    expect(readFileSync(join(to, "mix.html"), "utf8")).toContain(
      '<li class="warning">Test has no image of happy.</li>',
    );
  });

  it("is refused by a protocol, which reports on all of them", async () => {
    const data = writeImageFolder(folder.at("raf"), images, { adapter: "rafdb" });
    expect(await folder.messageOf(() => assembler({ protocol: "rafdb" }).plan([data]))).toMatchInlineSnapshot(
      `"protocol rafdb: test has no image of happy. Expected all of its classes in every part."`,
    );
  });

  it("is told from one that no image shows", async () => {
    const data = writeImageFolder(
      folder.at("none"),
      images.filter(({ expression }) => expression !== "sad"),
    );
    const plan = await assembler({ split: "official", allowMissing: true }).plan([data]);
    expect(missingClasses(plan)).toEqual(["no part has an image of sad", "test has no image of happy"]);
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

describe("a full disk", () => {
  /** A file system of so many kilobytes, or `null` where none can be mounted. */
  const mounted = (kilobytes: number): string | null => {
    const at = folder.at(`disk-${kilobytes}`);
    mkdirSync(at);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", at], { stdio: "ignore" });
      return at;
    } catch {
      return null;
    }
  };
  const canMount = process.getuid?.() === 0 && mounted(1) !== null;
  if (canMount) execFileSync("umount", ["-l", folder.at("disk-1")]);

  // a set of 35 images of 2,304 bytes, its labels and rows, and its page
  it.skipIf(!canMount).each([16, 64, 96, 112])(
    "of %i kilobytes is said, and nothing half is left (needs root)",
    async (size) => {
      const disk = mounted(size)!;
      try {
        const data = writeImageFolder(folder.at("for-disk"), balancedImages());
        const to = join(disk, "features");
        const message = await folder.messageOf(() => assembler({ split: "subject", to }).assemble([data]));
        expect(message).toBe(
          `assemble: "<root>/disk-${size}/features/mix" cannot be written: the disk is full (ENOSPC). Expected free space. Free some space and run the same command again.`,
        );
        expect(readdirSync(disk, { recursive: true })).toEqual(["features"]);
        // once there is space the same command makes the set
        execFileSync("mount", ["-o", "remount,size=4m", disk]);
        const set = await assembler({ split: "subject", to }).assemble([data]);
        set.close();
        expect(set.reused).toBe(false);
      } finally {
        execFileSync("umount", ["-l", disk]);
      }
    },
  );
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
