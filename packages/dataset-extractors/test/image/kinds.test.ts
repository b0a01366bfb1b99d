/**
 * Every kind of picture that a folder may hold (test/golden/pictures.py): what it shows, or why it is not read, is the
 * same with both decoders.
 */
import { readFileSync } from "node:fs";
import { loadDecoder, readHeader, toGrey } from "@fer/dataset-extractors/image";
import { describe, expect, test } from "vitest";
import { dice, mutate } from "../fixtures/mutate.js";

interface Kind {
  bytes: string;
  refused?: true;
  width: number;
  height: number;
  grey: string;
  tolerance?: number;
}

const KINDS = JSON.parse(readFileSync(new URL("../golden/pictures.json", import.meta.url), "utf8")) as Record<
  string,
  Kind
>;
const DECODERS = ["jimp", "sharp"] as const;
const decoders = { jimp: loadDecoder("jimp"), sharp: loadDecoder("sharp") };
/** What only sharp reads. */
const isForSharp = (name: string) => name.endsWith(".avif");

type Verdict = { width: number; height: number; grey: Uint8Array } | string;

async function verdictOf(bytes: Buffer, decoder: "jimp" | "sharp"): Promise<Verdict> {
  const header = readHeader(bytes);
  if (typeof header === "string") return header;
  try {
    const picture = await (await decoders[decoder])(bytes, header);
    return { width: picture.width, height: picture.height, grey: toGrey(picture).data };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const largest = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.each(Object.entries(KINDS).filter(([, { refused }]) => !refused))("%s", (name, kind) => {
  test.each(DECODERS.filter((decoder) => decoder === "sharp" || !isForSharp(name)))(
    "is shown by %s",
    async (decoder) => {
      const found = await verdictOf(Buffer.from(kind.bytes, "base64"), decoder);
      if (typeof found === "string") throw new Error(found);
      expect([found.width, found.height]).toEqual([kind.width, kind.height]);
      expect(largest(found.grey, Buffer.from(kind.grey, "base64"))).toBeLessThanOrEqual(kind.tolerance ?? 0);
    },
  );
});

test("what is not read is called by its name, the same with both decoders", async () => {
  const reasons: Record<string, string> = {};
  for (const [name, { bytes, refused }] of Object.entries(KINDS)) {
    if (!refused && !isForSharp(name)) continue;
    const [jimp, sharp] = await Promise.all(
      DECODERS.map((decoder) => verdictOf(Buffer.from(bytes, "base64"), decoder)),
    );
    reasons[name] = isForSharp(name) || jimp === sharp ? String(jimp) : `${String(jimp)} | ${String(sharp)}`;
  }
  expect(reasons).toMatchInlineSnapshot(`
    {
      "12-bit.jpg": "a JPEG of 12 bits a channel, which is not read: convert it to 8 bits",
      "16-555.bmp": "a BMP of 16 bits a pixel, which is not read: save it as PNG",
      "16-565.bmp": "a BMP of 16 bits a pixel, which is not read: save it as PNG",
      "2-bits.bmp": "a BMP of 2 bits a pixel, which is not read: save it as PNG",
      "24-os2.bmp": "a BMP of OS/2, which is not read: save it as PNG",
      "32-bit.tiff": "a TIFF of 32 bits a pixel, which is not read: save it as PNG",
      "4-rle.bmp": "a BMP with run lengths, which is not read: save it as PNG",
      "4.bmp": "a BMP of 4 bits a pixel, which is not read: save it as PNG",
      "8-rle.bmp": "a BMP with run lengths, which is not read: save it as PNG",
      "animated.avif": "an animation of several frames, not one picture: save the one that shows the expression",
      "animated.png": "an animation of 2 frames, not one picture: save the one that shows the expression",
      "animated.webp": "an animation of 2 frames, not one picture: save the one that shows the expression",
      "archive.png": "a zip archive, not an image",
      "arithmetic-progressive.jpg": "an arithmetic-coded JPEG, which is not read: convert it to a baseline JPEG or PNG",
      "arithmetic.jpg": "an arithmetic-coded JPEG, which is not read: convert it to a baseline JPEG or PNG",
      "bare.svg": "an SVG drawing, which is not read: convert it to PNG or JPEG",
      "beyond-the-maximum.pgm": "the sample 183, where the largest is 100",
      "big.tiff": "a TIFF in the BigTIFF layout, which is not read: save it as PNG",
      "boxed.jxl": "a JPEG XL picture, which no decoder here reads: convert it to PNG or JPEG (djxl)",
      "broken-checksum.png": "the checksum of its part IDAT is wrong",
      "ccitt-4.tiff": "a TIFF with the compression CCITT, which is not read: save it as PNG",
      "cmyk-without-adobe.jpg": "a CMYK JPEG that does not say whether its inks are inverted: convert it to RGB",
      "cmyk.tiff": "a TIFF that holds CMYK, which is not read: save it as PNG",
      "codestream.j2k": "a JPEG 2000 picture, which no decoder here reads: convert it to PNG or JPEG (opj_decompress, ImageMagick)",
      "colour-type-5.png": "the colour type 5 of 8 bits does not exist",
      "cut-off-lossless.webp": "a WebP that is cut off",
      "cut-off-then-ended.jpg": "unexpected marker: ffd9",
      "cut-off.avif": "an AVIF picture, which the decoder jimp does not read: use the decoder sharp ("npm install sharp"), or convert it to PNG",
      "cut-off.bmp": "a BMP that is cut off",
      "cut-off.gif": "Invalid block size",
      "cut-off.jpg": "it is cut off: its end marker is missing",
      "cut-off.pgm": "377 bytes of samples where 378 belong to 21 x 18 pixels",
      "cut-off.png": "it is cut off",
      "cut-off.tiff": "a TIFF that is cut off",
      "cut-off.webp": "a WebP that is cut off",
      "document.pdf": "a PDF document, not an image",
      "drawing.svg": "an SVG drawing, which is not read: convert it to PNG or JPEG",
      "exif-6.avif": "an AVIF picture, which the decoder jimp does not read: use the decoder sharp ("npm install sharp"), or convert it to PNG",
      "film.mp4": "a film or another file of the brand "isom", not a picture that is read",
      "float-255.tiff": "a TIFF of floating-point numbers, whose range is not known, which is not read: save it as PNG",
      "float.tiff": "a TIFF of floating-point numbers, whose range is not known, which is not read: save it as PNG",
      "floats.pfm": "a PFM picture of floating-point numbers, which is not read: convert it to PNG or JPEG",
      "grey-4.tiff": "a TIFF of 4 bits a pixel, which is not read: save it as PNG",
      "grey-cut-off-then-ended.jpg": "unexpected marker: ffd9",
      "height-0.jpg": "a jpg of 21 x 0 pixels",
      "hierarchical.jpg": "a hierarchical JPEG, which is not read: convert it to a baseline JPEG or PNG",
      "icon.ico": "a Windows icon, which is not read: convert it to PNG or JPEG",
      "jpeg-ls.jpg": "a JPEG-LS picture, which is not read: convert it to PNG",
      "jpeg-within.bmp": "a BMP with a JPEG within, which is not read: save it as PNG",
      "jpeg-within.tiff": "a TIFF with the compression JPEG, which is not read: save it as PNG",
      "lab.tiff": "a TIFF that holds CIE Lab, which is not read: save it as PNG",
      "layers.psd": "a Photoshop document, which is not read: convert it to PNG or JPEG",
      "lossless.jpg": "a lossless JPEG, which is not read: convert it to a baseline JPEG or PNG",
      "lzma.tiff": "a TIFF with the compression LZMA, which is not read: save it as PNG",
      "mixed-depths.tiff": "a TIFF of 5, 6, 5 bits a pixel, which is not read: save it as PNG",
      "no-end.jpg": "it is cut off: its end marker is missing",
      "no-end.png": "it is cut off",
      "no-frame.gif": "a GIF without a picture",
      "pages.tiff": "a TIFF of 2 pages, not one picture: save the one that shows the expression",
      "palette-missing.png": "its palette is missing",
      "palette-too-short.png": "a pixel has the colour 183, its palette only 10",
      "plain.avif": "an AVIF picture, which the decoder jimp does not read: use the decoder sharp ("npm install sharp"), or convert it to PNG",
      "plain.heic": "a HEIC picture, which no decoder here reads: convert it to JPEG or PNG (heif-convert, ImageMagick, Preview)",
      "plain.jp2": "a JPEG 2000 picture, which no decoder here reads: convert it to PNG or JPEG (opj_decompress, ImageMagick)",
      "plain.jxl": "a JPEG XL picture, which no decoder here reads: convert it to PNG or JPEG (djxl)",
      "planes.tiff": "a TIFF with its colour planes kept apart, which is not read: save it as PNG",
      "progressive-cut-off.jpg": "it is cut off: its end marker is missing",
      "raw.cr2": "a TIFF that holds a camera's raw data, which is not read: save it as PNG",
      "restart-cut-off-then-ended.jpg": "unexpected marker: ffd9",
      "scene.exr": "an OpenEXR picture, which is not read: convert it to PNG or JPEG",
      "scene.hdr": "a Radiance picture, which is not read: convert it to PNG or JPEG",
      "signed.tiff": "a TIFF of signed or untyped numbers, which is not read: save it as PNG",
      "strip-too-short.tiff": "a TIFF that is cut off",
      "strips-too-few.tiff": "a TIFF that is cut off",
      "tiles.tiff": "a TIFF stored in tiles, which is not read: save it as PNG",
      "too-few-lines.png": "the checksum of its part IHDR is wrong",
      "two-components.jpg": "a JPEG of 2 channels, which is not read",
      "two-frames.gif": "an animation of 2 frames, not one picture: save the one that shows the expression",
      "two.pgm": "769 bytes of samples where 378 belong to 21 x 18 pixels",
      "unknown-critical-chunk.png": "the part "FUTU" is not known",
    }
  `);
});

// JPEG apart: what is missing from its very last rows libvips does not report, so that sharp reads a few that jimp refuses
test("damaged files end alike with both decoders", { timeout: 120_000 }, async () => {
  const random = dice(12);
  const unlike: string[] = [];
  let count = 0;
  for (const [name, { bytes }] of Object.entries(KINDS)) {
    if (isForSharp(name)) continue;
    for (let n = 0; n < 4; n++) {
      const damaged = mutate(Buffer.from(bytes, "base64"), random);
      const [jimp, sharp] = await Promise.all(DECODERS.map((decoder) => verdictOf(damaged, decoder)));
      count += 1;
      if (typeof jimp === "string" && typeof sharp === "string") continue;
      const areBothRead = typeof jimp === "object" && typeof sharp === "object";
      if (!areBothRead || largest(jimp.grey, sharp.grey) > 8) unlike.push(name);
    }
  }
  expect(unlike.filter((name) => !name.endsWith(".jpg"))).toEqual([]);
  expect(unlike.length / count).toBeLessThan(0.01);
});
