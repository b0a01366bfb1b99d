import { encodePng, loadDecoder, readHeader, type ImageHeader } from "@fer/dataset-extractors/image";
import sharp from "sharp";
import { crc32 } from "node:zlib";
import { crop } from "@fer/core/pixels";
import { describe, expect, test } from "vitest";
import { readPng } from "../../dist/image/read-png.js";
import { picture } from "../fixtures/images.js";

const raw = (channels: 1 | 2 | 3 | 4, width = 23, height = 17) => ({
  pixels: Buffer.from(
    Array.from(
      { length: width * height * channels },
      (_, i) => (Math.imul(i + 1, 2654435761) >>> 26) + ((i * 3) % 190),
    ),
  ),
  raw: { width, height, channels },
});

const written = (channels: 1 | 2 | 3 | 4, adaptiveFiltering: boolean) => {
  const { pixels, raw: layout } = raw(channels);
  const grey = channels < 3 ? sharp(pixels, { raw: layout }).toColourspace("b-w") : sharp(pixels, { raw: layout });
  return grey.png({ adaptiveFiltering, palette: false }).toBuffer();
};

describe("readPng", () => {
  test.each([1, 2, 3, 4] as const)("reads what libpng writes with %i channels, filtered or not", async (channels) => {
    for (const adaptive of [false, true]) {
      const bytes = await written(channels, adaptive);
      const expected = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const found = readPng(bytes);
      expect({ ...found, data: [...found.data] }).toEqual({
        width: 23,
        height: 17,
        channels: channels < 3 ? 1 : 3,
        data: [...expected.data].filter((_, i) => channels > 2 || i % expected.info.channels === 0),
      });
    }
  });

  test("takes no file that is cut off, or has a bit of its pixels turned over, wherever it is", async () => {
    const bytes = await written(1, true);
    const taken: string[] = [];
    const isTaken = (file: Buffer): boolean => {
      try {
        return Buffer.compare(readPng(file).data, readPng(bytes).data) !== 0 || file.length < bytes.length;
      } catch {
        return false;
      }
    };
    for (let at = 0; at < bytes.length; at++) {
      if (isTaken(bytes.subarray(0, at))) taken.push(`cut at ${at}`);
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      if (isTaken(damaged)) taken.push(`bit at ${at}`);
    }
    expect(taken).toEqual([]);
  });

  test("makes no room for pixels that a small file only claims to have", async () => {
    const bomb = Buffer.from(await written(3, false));
    bomb.writeUInt32BE(10_000, 16);
    bomb.writeUInt32BE(10_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    expect(() => readPng(bomb)).toThrow("it has too little data for 300010000 bytes of pixels");
  });
});

test.each(["jimp", "sharp"] as const)("%s gives the same pixels for a region as cut out of the whole", async (name) => {
  const decode = await loadDecoder(name);
  const { pixels, raw: layout } = raw(3, 90, 70);
  const image = () => sharp(pixels, { raw: layout });
  const region = { x: 11, y: 7, width: 40, height: 33 };
  for (const bytes of [
    await image().jpeg({ chromaSubsampling: "4:2:0" }).toBuffer(),
    await image().jpeg({ progressive: true }).toBuffer(),
    Buffer.concat([await image().jpeg().toBuffer(), Buffer.from("behind the end")]),
    await image().jpeg().withMetadata({ orientation: 6 }).toBuffer(),
    encodePng(picture(3, 90, 70, 3)),
  ]) {
    const header = readHeader(bytes) as ImageHeader;
    const part = await decode(bytes, { ...header, region });
    const expected = crop(await decode(bytes, header), region);
    expect({ ...part, data: [...part.data] }).toEqual({ ...expected, data: [...expected.data] });
  }
});
