import { readFile } from "node:fs/promises";
import { decodeNpyHeader, encodeNpyHeader } from "@fer/core";
import { NpyImageWriter } from "@fer/split-assembler";
import { load } from "npyjs";
import { describe, expect, it } from "vitest";
import { testFolder } from "../fixtures/folder.ts";

const folder = testFolder();
const image = (start: number): Uint8Array => Uint8Array.from({ length: 6 }, (_, i) => (start + i) & 0xff);

describe("NpyImageWriter", () => {
  it("writes uint8 images that npyjs reads", async () => {
    const path = folder.at("bytes.npy");
    const writer = await NpyImageWriter.create(path, { dtype: "uint8", shape: [2, 3, 2, 1] });
    await writer.write(image(0));
    await writer.write(image(250));
    await writer.finish();
    const read = await load(await readFile(path));
    expect(read).toMatchObject({ shape: [2, 3, 2, 1], fortranOrder: false });
    expect(read.data).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255));
  });

  it("writes float32 images of the same values", async () => {
    const path = folder.at("floats.npy");
    const writer = await NpyImageWriter.create(path, { dtype: "float32", shape: [1, 3, 2, 1] });
    await writer.write(image(250));
    await writer.finish();
    const read = await load(await readFile(path));
    expect(read.data).toEqual(Float32Array.of(250, 251, 252, 253, 254, 255));
  });

  it("goes past its buffer without losing a row", async () => {
    const path = folder.at("many.npy");
    const writer = await NpyImageWriter.create(path, { dtype: "float32", shape: [200, 48, 48, 1] });
    for (let i = 0; i < 200; i++) await writer.write(new Uint8Array(2304).fill(i));
    await writer.finish();
    const { data } = await load(await readFile(path));
    const rows = Array.from(
      { length: 200 },
      (_, i) => new Set((data as Float32Array).subarray(i * 2304, (i + 1) * 2304)),
    );
    expect(rows).toEqual(Array.from({ length: 200 }, (_, i) => new Set([i])));
  });

  it("refuses an image of another size", async () => {
    const writer = await NpyImageWriter.create(folder.at("size.npy"), { dtype: "uint8", shape: [1, 3, 2, 1] });
    expect(await folder.messageOf(() => writer.write(new Uint8Array(5)))).toMatchInlineSnapshot(
      `"<root>/size.npy: an image of 5 numbers. Expected 6 numbers."`,
    );
    await writer.abort();
  });

  it("does not finish a file with too few rows", async () => {
    const writer = await NpyImageWriter.create(folder.at("few.npy"), { dtype: "uint8", shape: [2, 3, 2, 1] });
    await writer.write(image(0));
    expect(await folder.messageOf(() => writer.finish())).toMatchInlineSnapshot(
      `"<root>/few.npy: 1 of 2 images were written. Expected as many as its header says."`,
    );
  });
});

describe("the header", () => {
  it("is that of numpy.save: version 1.0, padded to 64 bytes, ending in a line feed", () => {
    const header = encodeNpyHeader("uint8", [28709, 48, 48, 1]);
    expect(header.subarray(0, 10)).toEqual(Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]));
    expect(header.length % 64).toBe(0);
    expect(header.toString("latin1", 10).trimEnd()).toBe(
      "{'descr': '|u1', 'fortran_order': False, 'shape': (28709, 48, 48, 1), }",
    );
    expect(header.at(-1)).toBe(0x0a);
  });

  it("reads what it writes, and a tuple of one", () => {
    expect(decodeNpyHeader(encodeNpyHeader("float32", [7]), "x.npy")).toEqual({
      descr: "<f4",
      dtype: "float32",
      fortranOrder: false,
      shape: [7],
      dataOffset: 128,
    });
  });

  it("says what is wrong with other files", async () => {
    const cut = encodeNpyHeader("uint8", [1, 2]).subarray(0, 60);
    const version = Buffer.from(encodeNpyHeader("uint8", [1, 2]));
    version[6] = 9;
    const empty = Buffer.from(encodeNpyHeader("uint8", [1, 2]));
    empty.fill(" ", 10);
    expect(
      await folder.messageOf(() => decodeNpyHeader(Buffer.from("version https://git-lfs.github.com/spec/v1"), "x.npy")),
    ).toMatchInlineSnapshot(
      `"x.npy: a Git LFS pointer instead of the content. Expected the file itself. Fetch it with "git lfs pull", or download it from the owner."`,
    );
    expect(await folder.messageOf(() => decodeNpyHeader(cut, "x.npy"))).toMatchInlineSnapshot(
      `"x.npy: the file ends within its header. Expected a NumPy .npy file. Assemble the set again."`,
    );
    expect(await folder.messageOf(() => decodeNpyHeader(version, "x.npy"))).toMatchInlineSnapshot(
      `"x.npy: the format version is 9.0. Expected a NumPy .npy file. Assemble the set again."`,
    );
    expect(await folder.messageOf(() => decodeNpyHeader(empty, "x.npy"))).toMatchInlineSnapshot(
      `"x.npy: the header has no descr, fortran_order and shape. Expected a NumPy .npy file. Assemble the set again."`,
    );
  });
});
