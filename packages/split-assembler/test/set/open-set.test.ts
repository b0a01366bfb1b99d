/** What openSet accepts, reads and refuses. Sets come from the assembler and are then damaged. */
import { appendFileSync, cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { encodeNpyHeader } from "@fer/core";
import { Assembler } from "@fer/split-assembler";
import { openSet, type SampleRow, SetInfo } from "@fer/core/set";
import { dump, load } from "npyjs";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { testFolder } from "../fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "../fixtures/image-folder.ts";

const folder = testFolder();
beforeAll(async () => {
  const images = writeImageFolder(folder.at("images"), balancedImages());
  await new Assembler({ name: "mix", to: folder.at("whole") }).assemble([images]);
  await new Assembler({ name: "mix", to: folder.at("float"), dtype: "float32" }).assemble([images]);
});

describe("a whole set", () => {
  it("opens with or without .json and says what it has", async () => {
    for (const path of ["mix", "mix.json"]) {
      const set = await openSet(folder.at("whole", path), { verify: true });
      expect(set).toMatchObject({ name: "mix", folder: folder.at("whole"), parts: ["train", "test"], reused: false });
      expect(set.has("val")).toBe(false);
      const train = set.part("train");
      expect(train.shape).toEqual([48, 48, 1]);
      expect(train.rowLength).toBe(2304);
      expect(train.classes).toEqual(["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise"]);
      expect(train.count + set.part("test").count).toBe(35);
      expect(train.info).toBe(set.info.parts.train);
    }
  });

  it("reads labels, groups and rows in array order", async () => {
    const test = (await openSet(folder.at("whole/mix"))).part("test");
    const rows: SampleRow[] = [];
    for await (const row of test.rows()) rows.push(row);
    expect(rows).toHaveLength(test.count);
    expect(await test.groups()).toEqual(rows.map((row) => row.group));
    const names = [...(await test.labels())].map((label) => test.classes[label]);
    expect(names).toEqual(rows.map((row) => row.id.split("-")[0]));
    expect(rows[0]!.source).toBe(`fixture/all/${names[0]}/${rows[0]!.id}.png`);
    expect(rows[0]!.pixel_hash).toMatch(/^[\da-f]{64}$/);
  });

  it.each(["whole", "float"])("reads images at any positions, in the order asked for (%s)", async (kind) => {
    const set = await openSet(folder.at(kind, "mix"));
    const train = set.part("train");
    const { data } = await load(readFileSync(folder.at(kind, "mix_train_images.npy")));
    const order = [5, 6, 7, 0, 27, 26, 5, 5];
    const read = await train.read(order);
    expect(read).toBeInstanceOf(Uint8Array);
    const wanted = order.map((i) => Array.from((data as Float32Array).subarray(i * 2304, (i + 1) * 2304)));
    expect([...read]).toEqual(wanted.flat());
    set.close();
    expect(await train.read([])).toHaveLength(0);
    expect(await train.read([0])).toHaveLength(2304);
    set.close();
  });

  it("reads into a buffer that is given", async () => {
    const train = (await openSet(folder.at("whole/mix"))).part("train");
    const buffer = new Uint8Array(3 * 2304).fill(7);
    expect(await train.read(Uint32Array.of(1, 2), buffer)).toBe(buffer);
    expect(buffer.subarray(0, 2 * 2304)).toEqual(await train.read([1, 2]));
    expect(buffer.subarray(2 * 2304).every((value) => value === 7)).toBe(true);
    train.close();
  });

  it("refuses positions outside, small buffers and parts it does not have", async () => {
    const set = await openSet(folder.at("whole/mix"));
    const train = set.part("train");
    expect(await folder.messageOf(() => train.read([0, train.count]))).toMatchInlineSnapshot(
      `"part train: position 28 was asked for. Expected whole numbers in [0, 28)."`,
    );
    expect(await folder.messageOf(() => train.read([-1]))).toMatchInlineSnapshot(
      `"part train: position -1 was asked for. Expected whole numbers in [0, 28)."`,
    );
    expect(await folder.messageOf(() => train.read([0, 1], new Uint8Array(2304)))).toMatchInlineSnapshot(
      `"part train: a buffer of 2304 bytes. Expected at least 4608, for 2 images of 2304."`,
    );
    expect(await folder.messageOf(() => set.part("val"))).toMatchInlineSnapshot(
      `"set mix: no part "val". Expected one of train, test. The trainer carves one out of train; or assemble with a val share."`,
    );
    expect(await folder.messageOf(() => set.part("full"))).toMatchInlineSnapshot(
      `"set mix: no part "full". Expected one of train, test. Assemble with a policy that writes it."`,
    );
    set.close();
  });
});

describe("<name>.json", () => {
  it("has a JSON Schema that names its keys", () => {
    const schema = z.toJSONSchema(SetInfo);
    const keys = ["classes", "parts", "policy", "seed", "image", "leaks", "fingerprint"];
    expect(schema.required).toEqual(expect.arrayContaining(keys));
  });

  it("may have more keys than we know", async () => {
    const info = JSON.parse(readFileSync(folder.at("whole/mix.json"), "utf8")) as SetInfo;
    expect(SetInfo.safeParse({ ...info, note: "from elsewhere" }).success).toBe(true);
  });
});

const edit = (file: string, from: string | RegExp, to: string): void => {
  writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
};

describe("a set that is not whole", () => {
  /** The message about a copy of the set after `damage`; the copy is as early versions wrote sets, without a manifest. */
  const damaged = async (damage: (at: (file: string) => string) => void, verify = false): Promise<string> => {
    const copy = folder.at("copy");
    rmSync(copy, { recursive: true, force: true });
    cpSync(folder.at("whole"), copy, { recursive: true });
    rmSync(folder.at("copy/mix.manifest.json"));
    edit(folder.at("copy/mix.json"), '"manifest": true', '"manifest": false');
    damage((file) => folder.at("copy", file));
    return folder.messageOf(async () => {
      const set = await openSet(folder.at("copy/mix"), { verify });
      for (const part of set.parts) {
        await set.part(part).labels();
        await set.part(part).groups();
      }
    });
  };
  it("no such folder", async () => {
    expect(await folder.messageOf(() => openSet(folder.at("nowhere/mix")))).toMatchInlineSnapshot(
      `"<root>/nowhere/mix.json: there is no folder "<root>/nowhere". Pass <folder>/<name of the set>."`,
    );
  });
  it("no such set", async () => {
    expect(await folder.messageOf(() => openSet(folder.at("whole/mx")))).toMatchInlineSnapshot(
      `"<root>/whole/mx.json: no set "mx" in "<root>/whole". Expected one of <root>/whole/mix. Pass <folder>/<name of the set>, as given to the assembler."`,
    );
  });
  it("half written", async () => {
    expect(await damaged((at) => rmSync(at("mix.json")))).toMatchInlineSnapshot(
      `"<root>/copy/mix.json: there are arrays of "mix", but no mix.json. Expected mix.json, which is written last. The assembler was interrupted: run it again."`,
    );
  });
  it("a json that is none", async () => {
    expect(await damaged((at) => writeFileSync(at("mix.json"), "{"))).toMatchInlineSnapshot(
      `"<root>/copy/mix.json: the file is not JSON. Expected the json of a set of @fer/split-assembler. Assemble the set again."`,
    );
  });
  it("a json of something else", async () => {
    expect(await damaged((at) => writeFileSync(at("mix.json"), '{"schema":1,"name":"mix"}'))).toMatchInlineSnapshot(
      `"<root>/copy/mix.json: "classes" is wrong (Invalid input: expected array, received undefined). Expected the json of a set of @fer/split-assembler. Assemble the set again."`,
    );
  });
  it("a renamed set", async () => {
    expect(await damaged((at) => edit(at("mix.json"), '"name": "mix"', '"name": "other"'))).toMatchInlineSnapshot(
      `"<root>/copy/mix.json: the set calls itself "other". Expected the json of a set of @fer/split-assembler. Assemble the set again."`,
    );
  });
  it("counts that do not add up", async () => {
    expect(await damaged((at) => edit(at("mix.json"), '"neutral": 4', '"neutral": 5'))).toMatchInlineSnapshot(
      `"<root>/copy/mix.json: part train counts 29 samples over its classes. Expected 28. Assemble the set again."`,
    );
  });
  it("a missing array", async () => {
    expect(await damaged((at) => rmSync(at("mix_test_images.npy")))).toMatchInlineSnapshot(
      `"<root>/copy/mix_test_images.npy: the file is missing or cannot be read. Expected all files that the set's json names. Assemble the set again."`,
    );
  });
  it("a missing jsonl", async () => {
    expect(await damaged((at) => rmSync(at("mix_test.jsonl")))).toMatchInlineSnapshot(
      `"<root>/copy/mix_test.jsonl: the file is missing or cannot be read. Expected all files that the set's json names. Assemble the set again."`,
    );
  });
  it("an array of another shape", async () => {
    const wrong = Buffer.concat([encodeNpyHeader("uint8", [28, 64, 64, 1]), Buffer.alloc(28 * 4096)]);
    expect(await damaged((at) => writeFileSync(at("mix_train_images.npy"), wrong))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: the array is uint8 [28, 64, 64, 1] in C order. Expected uint8 [28, 48, 48, 1] in C order, as the set's json says. Assemble the set again."`,
    );
  });
  it("an array of another type", async () => {
    const wrong = new Uint8Array(dump(new Float64Array(28 * 7), [28, 7]));
    expect(await damaged((at) => writeFileSync(at("mix_train_labels.npy"), wrong))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_labels.npy: the array is <f8 [28, 7] in C order. Expected float32 [28, 7] in C order, as the set's json says. Assemble the set again."`,
    );
  });
  it("an array in Fortran order", async () => {
    const header = encodeNpyHeader("uint8", [28, 48, 48, 1]);
    header.write("'fortran_order': True, ", header.indexOf("'fortran_order'"), "latin1");
    const wrong = Buffer.concat([header, Buffer.alloc(28 * 2304)]);
    expect(await damaged((at) => writeFileSync(at("mix_train_images.npy"), wrong))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: the array is uint8 [28, 48, 48, 1] in Fortran order. Expected uint8 [28, 48, 48, 1] in C order, as the set's json says. Assemble the set again."`,
    );
  });
  it("a truncated array", async () => {
    expect(await damaged((at) => truncateSync(at("mix_train_images.npy"), 5000))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: the file has 5000 bytes. Expected 64640, for uint8 [28, 48, 48, 1] in C order. Assemble the set again."`,
    );
  });
  it("an array that is too long", async () => {
    expect(await damaged((at) => appendFileSync(at("mix_train_images.npy"), "x"))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: the file has 64641 bytes. Expected 64640, for uint8 [28, 48, 48, 1] in C order. Assemble the set again."`,
    );
  });
  it("a Git LFS pointer in place of an array", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 64640\n";
    expect(await damaged((at) => writeFileSync(at("mix_train_images.npy"), pointer))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: a Git LFS pointer instead of the content. Expected the file itself. Fetch it with "git lfs pull", or download it from the owner."`,
    );
  });
  it("too few rows", async () => {
    expect(await damaged((at) => edit(at("mix_train.jsonl"), /^.*\n/, ""))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train.jsonl: 27 rows. Expected 28, as the set's json says. Assemble the set again."`,
    );
  });
  it("a row that is none", async () => {
    expect(await damaged((at) => edit(at("mix_train.jsonl"), /^.*\n/, '{"id":1}\n'))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train.jsonl: line 1 is not a sample row. Expected an object with id, group, source and pixel_hash. Assemble the set again."`,
    );
  });
  it("labels that are not one-hot", async () => {
    const zeros = new Uint8Array(dump(new Float32Array(28 * 7), [28, 7]));
    expect(await damaged((at) => writeFileSync(at("mix_train_labels.npy"), zeros))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_labels.npy: row 0 is [0, 0, 0, 0, 0, 0, 0]. Expected a single 1 among zeros. Assemble the set again."`,
    );
  });
  it("one changed pixel, when asked to verify", async () => {
    const change = (at: (file: string) => string): void => {
      const bytes = readFileSync(at("mix_test_images.npy"));
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(at("mix_test_images.npy"), bytes);
    };
    const message = await damaged(change, true);
    expect(message.replaceAll(/[\da-f]{12}/g, "<hash>")).toMatchInlineSnapshot(
      `"<root>/copy/mix.json: the files have the fingerprint <hash>. Expected <hash>. Assemble the set again."`,
    );
  });
  it("an array cut off while it is open", async () => {
    const message = await folder.messageOf(async () => {
      rmSync(folder.at("copy"), { recursive: true, force: true });
      cpSync(folder.at("whole"), folder.at("copy"), { recursive: true });
      const train = (await openSet(folder.at("copy/mix"))).part("train");
      truncateSync(folder.at("copy/mix_train_images.npy"), 3000);
      await train.read([3]).finally(() => train.close());
    });
    expect(message).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: the file ends at byte 7040. Expected 28 images. Assemble the set again."`,
    );
  });
});

describe("a set and its manifest", () => {
  const ways: Record<string, (file: string) => void> = {
    emptied: (file) => truncateSync(file, 0),
    truncated: (file) => truncateSync(file, readFileSync(file).length - 10),
    flipped: (file) => {
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
    },
    removed: (file) => rmSync(file),
    "swapped with another set's": (file) => cpSync(file.replace("copy", "other"), file),
  };
  const files = ["mix.json", "mix.manifest.json"].concat(
    ["train", "test"].flatMap((part) => [`mix_${part}_images.npy`, `mix_${part}_labels.npy`, `mix_${part}.jsonl`]),
  );
  beforeAll(async () => {
    const images = writeImageFolder(folder.at("other-images"), balancedImages({ perClass: 8, subjects: 6 }));
    await new Assembler({ name: "mix", to: folder.at("other"), seed: 2, testShare: 0.4 }).assemble([images]);
  });

  it.each(files.flatMap((file) => Object.keys(ways).map((way) => [file, way] as const)))(
    "notices %s %s",
    async (file, way) => {
      rmSync(folder.at("copy"), { recursive: true, force: true });
      cpSync(folder.at("whole"), folder.at("copy"), { recursive: true });
      ways[way]!(folder.at("copy", file));
      const message = await folder.messageOf(async () =>
        (await openSet(folder.at("copy/mix"), { verify: true })).close(),
      );
      // what is wrong is named, but where a description and its manifest are of two sets the description is
      expect(message).toContain(file === "mix.manifest.json" && way.startsWith("swapped") ? "mix.json" : file);
    },
  );
});
