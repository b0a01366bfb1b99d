/** Every picture of the zoo ends as a sample or as a counted skip with a reason, with both decoders. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { extract } from "@fer/dataset-extractors";
import { loadDecoder, readHeader, toGrey } from "@fer/dataset-extractors/image";
import type { ImageHeader } from "@fer/dataset-extractors/image";
import { describe, expect, test } from "vitest";
import { jsonLines } from "../contract.js";
import { digests, temporaryFolder, writeTree } from "../fixtures/tree.js";
import { imageZoo, slope } from "../fixtures/zoo.js";

/** `file -> what became of it`. */
async function extracted(decoder: "jimp" | "sharp"): Promise<{ fates: Record<string, string>; to: string }> {
  const zoo = await imageZoo();
  const dir = temporaryFolder();
  const from = path.join(dir, "from");
  writeTree(from, Object.fromEntries(Object.entries(zoo).map(([name, bytes]) => [`happy/${name}`, bytes])));
  const to = path.join(dir, "to");
  const { info } = await extract({ adapter: "folders", from, to, decoder, workers: 1 });
  const fates: Record<string, string> = {};
  for (const row of jsonLines(path.join(to, "all/metadata.jsonl")) as { source: string; file_name: string }[]) {
    const name = path.basename(row.source);
    const copied = readFileSync(path.join(to, "all", row.file_name)).equals(zoo[name]!);
    fates[name] = `${copied ? "copied" : "converted"} as ${path.extname(row.file_name).slice(1)}`;
  }
  for (const row of jsonLines(path.join(to, "skipped.jsonl")) as { source: string; reason: string; detail: string }[]) {
    fates[path.basename(row.source)] = `${row.reason}: ${row.detail}`;
  }
  expect(Object.keys(fates).sort()).toEqual(Object.keys(zoo).sort());
  expect(info.rows).toBe(Object.keys(zoo).length);
  return { fates, to };
}

describe("the zoo of pictures", () => {
  test("loses nothing with jimp", async () => {
    expect((await extracted("jimp")).fates).toMatchInlineSnapshot(`
      {
        "16-bit-grey.png": "copied as png",
        "16-bit.png": "copied as png",
        "1x1.png": "copied as png",
        "animated.gif": "undecodable: an animation of 2 frames, not one picture: save the one that shows the expression",
        "animated.webp": "undecodable: an animation of 2 frames, not one picture: save the one that shows the expression",
        "bomb.png": "undecodable: 30000 x 30000 pixels are more than the limit of 100 million",
        "cmyk.jpg": "converted as png",
        "cut-in-header.png": "undecodable: a PNG that is cut off within its header",
        "damaged.png": "undecodable: damaged png: the checksum of its part IDAT is wrong",
        "empty.jpg": "undecodable: the file is empty (0 bytes)",
        "grey.jpg": "copied as jpg",
        "grey.png": "copied as png",
        "interlaced.png": "copied as png",
        "lzw.tiff": "copied as tiff",
        "no-size.png": "undecodable: a png of 0 x 21 pixels",
        "page.jpg": "undecodable: a web page, not an image",
        "palette.png": "copied as png",
        "pointer.jpg": "undecodable: a Git LFS pointer, not the image: run "git lfs pull"",
        "progressive.jpg": "copied as jpg",
        "really-a-jpeg.png": "copied as jpg",
        "rgb.jpg": "copied as jpg",
        "rgb.png": "copied as png",
        "rgba.png": "copied as png",
        "slope.bmp": "copied as bmp",
        "slope.gif": "copied as gif",
        "slope.tiff": "copied as tiff",
        "slope.webp": "copied as webp",
        "text.png": "undecodable: not an image of a known format, or cut off within its header",
        "truncated-late.jpg": "undecodable: damaged jpg: it is cut off: its end marker is missing",
        "truncated-progressive.jpg": "undecodable: damaged jpg: it is cut off: its end marker is missing",
        "truncated.gif": "undecodable: a GIF without a picture",
        "truncated.jpg": "undecodable: damaged jpg: it is cut off: its end marker is missing",
        "truncated.png": "undecodable: damaged png: it is cut off",
        "truncated.tiff": "undecodable: a TIFF that is cut off",
        "turned.jpg": "converted as png",
      }
    `);
  });

  test("loses nothing with sharp, and keeps the same as jimp", async () => {
    const { fates, to } = await extracted("sharp");
    const jimp = await extracted("jimp");
    const kept = (all: Record<string, string>) =>
      Object.keys(all).filter((name) => /^(copied|converted)/.test(all[name]!));
    expect(kept(fates)).toEqual(kept(jimp.fates));
    expect(digests(to)["all/happy/happy__rgb_png.png"]).toBe(digests(jimp.to)["all/happy/happy__rgb_png.png"]);
  });
});

describe("decoders", () => {
  const decoded = async (name: string, decoder: "jimp" | "sharp") => {
    const bytes = (await imageZoo())[name]!;
    return (await loadDecoder(decoder))(bytes, readHeader(bytes) as ImageHeader);
  };

  test.each(["jimp", "sharp"] as const)("%s reads lossless files exactly", async (decoder) => {
    for (const name of ["rgb.png", "interlaced.png", "slope.tiff", "lzw.tiff", "slope.bmp"]) {
      const { data, ...size } = await decoded(name, decoder);
      expect(size).toEqual({ width: 33, height: 21, channels: 3 });
      expect([name, Buffer.from(data).equals(slope())]).toEqual([name, true]);
    }
  });

  test.each(["jimp", "sharp"] as const)("%s turns a picture upright by EXIF", async (decoder) => {
    const turned = await decoded("turned.jpg", decoder);
    const plain = await decoded("rgb.jpg", decoder);
    expect([turned.width, turned.height]).toEqual([21, 33]);
    // orientation 6: the left column of the stored picture, read from below, is the top row
    const grey = toGrey(turned).data;
    const stored = toGrey(plain).data;
    const differences = Array.from({ length: 21 }, (_, x) => Math.abs(grey[x]! - stored[(20 - x) * 33]!));
    expect(Math.max(...differences)).toBeLessThan(40);
    expect(differences.reduce((a, b) => a + b, 0) / 21).toBeLessThan(12);
  });

  // Measured here: lossless files agree; a grey JPEG by rounding of the inverse DCT; a colour JPEG with halved chroma by
  // how chroma is scaled up (jpeg-js repeats, libjpeg interpolates).
  test.each([
    ["grey.png", 0],
    ["palette.png", 0],
    ["16-bit-grey.png", 0],
    ["grey.jpg", 1],
    ["rgb.jpg", 8],
    ["progressive.jpg", 8],
  ])("agree on the grey of %s within %i levels", async (name, tolerance) => {
    const a = toGrey(await decoded(name, "jimp")).data;
    const b = toGrey(await decoded(name, "sharp")).data;
    const largest = Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
    expect(largest).toBeLessThanOrEqual(tolerance);
  });
});
