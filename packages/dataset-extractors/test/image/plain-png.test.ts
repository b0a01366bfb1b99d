import { encodePng, loadDecoder, readHeader, type ImageHeader } from "@fer/dataset-extractors";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { crop } from "../../dist/image/crop.js";
import { decodePlainPng } from "../../dist/image/plain-png.js";
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

describe("decodePlainPng", () => {
  test.each([1, 2, 3, 4] as const)("reads what libpng writes with %i channels, filtered or not", async (channels) => {
    for (const adaptive of [false, true]) {
      const bytes = await written(channels, adaptive);
      const expected = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const found = decodePlainPng(bytes);
      expect(found && { ...found, data: [...found.data] }).toEqual({
        width: 23,
        height: 17,
        channels: channels < 3 ? 1 : 3,
        data: [...expected.data].filter((_, i) => channels > 2 || i % expected.info.channels === 0),
      });
    }
  });

  test("leaves palettes, 16 bits, interlacing and other formats to the whole decoders", async () => {
    const { pixels, raw: layout } = raw(3);
    const image = () => sharp(pixels, { raw: layout });
    for (const bytes of [
      await image().png({ palette: true }).toBuffer(),
      await image().toColourspace("rgb16").png().toBuffer(),
      await image().png({ progressive: true }).toBuffer(),
      await image().jpeg().toBuffer(),
    ]) {
      expect(decodePlainPng(bytes)).toBeUndefined();
    }
  });

  test("takes no file that is cut off or has a bit turned over, wherever it is", async () => {
    const bytes = await written(1, true);
    const taken: string[] = [];
    for (let at = 0; at < bytes.length; at++) {
      if (decodePlainPng(bytes.subarray(0, at))) taken.push(`cut at ${at}`);
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      if (decodePlainPng(damaged)) taken.push(`bit at ${at}`);
    }
    expect(taken).toEqual([]);
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
    const part = await decode(bytes, header, region);
    const expected = crop(await decode(bytes, header), region);
    expect({ ...part, data: [...part.data] }).toEqual({ ...expected, data: [...expected.data] });
  }
});
