/**
 * Arrays in the place of a set's own that are not as it wrote them: each is refused, by whoever opens the set, with its
 * name, what was found and what belongs there; none is read as something else.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { FormatError } from "@fer/core";
import { openSet } from "@fer/core/set";
import { Assembler } from "@fer/split-assembler";
import { beforeAll, describe, expect, it } from "vitest";
import { testFolder } from "../fixtures/folder.ts";
import { balancedImages, writeImageFolder } from "../fixtures/image-folder.ts";

const folder = testFolder();
const votes = [1, 2, 3, 4, 0, 0, 0, 0];
beforeAll(async () => {
  const images = balancedImages().map((image) => Object.assign(image, { votes, valence: 0.5, arousal: -0.5 }));
  const data = writeImageFolder(folder.at("data"), images);
  for (const [name, options] of [
    ["parts", { split: "subject", dtype: "float32" }],
    ["folds", { split: "subject-modulo", folds: 5, oversample: true }],
  ] as const)
    (
      await new Assembler({ name: "mix", to: folder.at(name), near: false, page: false, ...options }).assemble([data])
    ).close();
});

/** A `.npy` file of a header as given. */
function npy(dict: string, { data, major = 1, length }: { data: Buffer; major?: number; length?: number }): Buffer {
  const start = major === 1 ? 10 : 12;
  const header = Buffer.alloc(Math.ceil((start + dict.length + 1) / 64) * 64, " ");
  header.write("\x93NUMPY", "latin1");
  header[6] = major;
  header[7] = 0;
  if (major === 1) header.writeUInt16LE(length ?? header.length - start, 8);
  else header.writeUInt32LE(length ?? header.length - start, 8);
  header.write(dict, start, "latin1");
  header[header.length - 1] = 0x0a;
  return Buffer.concat([header, data]);
}

/** What an array is, and its numbers. */
interface Content {
  descr: string;
  shape: string;
  data: Buffer;
}
type Change = (array: Content) => Buffer;
const dict = (descr: string, shape: string, order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;
const quoted = (text: string) => `'${text}'`;
const changes: Record<string, Change> = {
  "Fortran order": ({ descr, shape, data }) => npy(dict(quoted(descr), shape, "True"), { data }),
  "big endian": ({ descr, shape, data }) => npy(dict(quoted(descr.replace(/[<|]/, ">")), shape), { data }),
  "Python objects": ({ shape, data }) => npy(dict("'|O'", shape), { data }),
  records: ({ shape, data }) => npy(dict("[('a', '<f4')]", shape), { data }),
  "half the precision": ({ shape, data }) => npy(dict("'<f2'", shape), { data }),
  truncated: ({ descr, shape, data }) => npy(dict(quoted(descr), shape), { data: data.subarray(0, -1) }),
  "a byte too long": ({ descr, shape, data }) =>
    npy(dict(quoted(descr), shape), { data: Buffer.concat([data, Buffer.alloc(1)]) }),
  "cut off within its header": ({ descr, shape, data }) => npy(dict(quoted(descr), shape), { data }).subarray(0, 40),
  empty: () => Buffer.alloc(0),
  "a header of 2^32 - 1 bytes": ({ descr, shape, data }) =>
    npy(dict(quoted(descr), shape), { data, major: 2, length: 2 ** 32 - 1 }),
  "a header of 65,535 bytes": ({ descr, shape, data }) => npy(dict(quoted(descr), shape), { data, length: 65_535 }),
  "a nested shape": ({ descr, data }) => npy(dict(quoted(descr), `${"(".repeat(900)}1${")".repeat(900)}`), { data }),
  "a shape whose product is no number": ({ descr, data }) =>
    npy(dict(quoted(descr), `(${"9007199254740991, ".repeat(40)})`), { data }),
  "a side beyond 2^53": ({ descr, data }) => npy(dict(quoted(descr), "(36893488147419103232,)"), { data }),
  "2^31 elements": ({ descr, data }) => npy(dict(quoted(descr), "(2147483648,)"), { data }),
  "a shape without commas": ({ descr, data }) => npy(dict(quoted(descr), "(7 7)"), { data }),
  "other entries": ({ descr, shape, data }) =>
    npy(`{'x': "'descr': '${descr}'", ${dict(quoted(descr), shape).slice(1)}`, { data }),
  "its shape twice": ({ descr, shape, data }) =>
    npy(`{'shape': (1,), ${dict(quoted(descr), shape).slice(1)}`, { data }),
  "a later version": ({ descr, shape, data }) => npy(dict(quoted(descr), shape), { data, major: 4 }),
  "a web page": () => Buffer.from("<html><body>404 Not Found</body></html>"),
};

function contentOf(bytes: Buffer): Content {
  const start = 10 + bytes.readUInt16LE(8);
  const text = bytes.toString("latin1", 10, start);
  const descr = /'descr':\s*'([^']*)'/.exec(text)![1]!;
  return { descr, shape: /'shape':\s*(\(.*?\))/.exec(text)![1]!, data: bytes.subarray(start) };
}

const FILES = [
  ["parts", "mix_train_images.npy"],
  ["parts", "mix_test_labels.npy"],
  ["parts", "mix_train_votes.npy"],
  ["parts", "mix_train_va.npy"],
  ["folds", "mix_all_images.npy"],
  ["folds", "mix_fold-02_test.npy"],
  ["folds", "mix_fold-03_train_oversampled.npy"],
] as const;

/** A copy of a set as early versions wrote them, without a manifest that would notice any change, with one file changed. */
function withFile(set: string, { file, bytes }: { file: string; bytes: Buffer }): string {
  const copy = folder.at("copy");
  rmSync(copy, { recursive: true, force: true });
  cpSync(folder.at(set), copy, { recursive: true });
  rmSync(folder.at("copy/mix.manifest.json"));
  const info = readFileSync(folder.at("copy/mix.json"), "utf8");
  writeFileSync(folder.at("copy/mix.json"), info.replace('"manifest": true', '"manifest": false'));
  writeFileSync(folder.at("copy", file), bytes);
  return folder.at("copy/mix");
}

describe.each(FILES)("of the set %s, %s", (set, file) => {
  it.each(Object.entries(changes))("in its place an array of another kind is refused: %s", async (_, change) => {
    const whole = contentOf(readFileSync(folder.at(set, file)));
    // a byte has no order of its bytes
    if (change === changes["big endian"] && whole.descr === "|u1") return;
    const path = withFile(set, { file, bytes: change(whole) });
    const error = await openSet(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FormatError);
    const { message } = error as FormatError;
    expect(message.startsWith(`${folder.at("copy", file)}: `)).toBe(true);
    expect(message).toMatch(/Expected .+ Assemble the set again\.$/);
    // whoever asks what it trains on is told the same
    const against = new Assembler({ name: "new", to: folder.at("new"), against: [path], near: false });
    await expect(against.plan([folder.at("data")])).rejects.toThrow(message);
  });

  it("the array itself, written by another program, is taken", async () => {
    const { descr, shape, data } = contentOf(readFileSync(folder.at(set, file)));
    // NumPy 1 and 2 write the entries in this order, others may not
    const bytes = npy(`{'shape':${shape},'fortran_order':False,'descr':'${descr}'}`, { data, major: 3 });
    const found = await openSet(withFile(set, { file, bytes }));
    expect(found.name).toBe("mix");
    found.close();
  });
});

describe("images of another range", () => {
  const read = async (change: (values: Float32Array) => void): Promise<string> => {
    const { descr, shape, data } = contentOf(readFileSync(folder.at("parts/mix_train_images.npy")));
    const values = new Float32Array(Uint8Array.from(data).buffer);
    change(values);
    const bytes = npy(dict(quoted(descr), shape), { data: Buffer.from(values.buffer) });
    const set = await openSet(withFile("parts", { file: "mix_train_images.npy", bytes }));
    const train = set.part("train");
    return folder.messageOf(() => train.read([...Array(train.count).keys()])).finally(() => set.close());
  };

  it("are refused where they are read, and named", async () => {
    expect(await read((values) => values.fill(NaN, 2304, 2305))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: image 1 has the number NaN. Expected raw grey levels, 0..255. Assemble the set again."`,
    );
    expect(await read((values) => values.fill(300, 3 * 2304 + 7, 3 * 2304 + 8))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: image 3 has the number 300. Expected raw grey levels, 0..255. Assemble the set again."`,
    );
    expect(await read((values) => values.set(values.map((value) => value / 255)))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: image 0 has numbers of 0..1. Expected raw grey levels, 0..255. Assemble the set again."`,
    );
    expect(await read((values) => values.set(values.map((value) => value / 127.5 - 1)))).toMatchInlineSnapshot(
      `"<root>/copy/mix_train_images.npy: image 0 has the number -0.7803921699523926. Expected raw grey levels, 0..255. Assemble the set again."`,
    );
  });
});
