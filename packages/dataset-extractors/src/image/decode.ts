/**
 * Decoders, loaded when first used. `jimp` is pure JavaScript and always there; `sharp` (libvips) is several times
 * faster and optional. Both turn the picture upright by EXIF. They differ in rounding and, on colour JPEGs, in how
 * chroma is scaled up; `dataset.json` records which one read a dataset.
 */
import { z } from "zod";
import { OptionsError } from "../errors.js";
import { MAX_PIXELS, type ImageFormat, type ImageHeader } from "./header.js";
import { turnUpright } from "./orientation.js";
import { pictureOf, type Picture } from "./picture.js";

/** Pixels up to which an 8-bit PNG is left to jimp, which reads the same pixels. */
const THUMBNAIL = 128 * 128;
/** Offset of the bit depth in a PNG. */
const PNG_DEPTH = 24;

/** Which library decodes. */
export const DecoderName = z.enum(["jimp", "sharp"]);
export type DecoderName = z.infer<typeof DecoderName>;

/** Decodes a whole file whose header has been read. Throws on damaged data. */
export type Decoder = (bytes: Buffer, header: ImageHeader) => Promise<Picture>;

/** The decoder has no reader for the format; the file itself may be fine. */
export class UnsupportedFormat extends Error {
  override readonly name = "UnsupportedFormat";
}

/**
 * Loads a decoder.
 *
 * @throws OptionsError when `sharp` is asked for and not installed.
 */
export async function loadDecoder(name: DecoderName): Promise<Decoder> {
  return name === "sharp" ? loadSharp() : loadJimp();
}

async function loadJimp(): Promise<Decoder> {
  const { defaultFormats } = await import("jimp");
  const codecs = new Map(defaultFormats.map((format) => [format().mime as string, format()]));
  const mimes: Partial<Record<ImageFormat, string>> = {
    jpg: "image/jpeg",
    png: "image/png",
    bmp: "image/bmp",
    gif: "image/gif",
    tiff: "image/tiff",
  };
  return async (bytes, { format, orientation }) => {
    const codec = codecs.get(mimes[format] ?? "");
    if (codec === undefined) throw new UnsupportedFormat(`jimp does not read ${format}; the decoder sharp does`);
    // a truncated JPEG must fail, not end in grey
    const options = format === "jpg" ? { tolerantDecoding: false, maxMemoryUsageInMB: 2048 } : {};
    const { data, width, height } = await (codec.decode as JimpDecode)(bytes, options);
    return turnUpright(pictureOf(data, width, height, 4), orientation);
  };
}

type JimpDecode = (
  bytes: Buffer,
  options: object,
) => Promise<{ data: Buffer; width: number; height: number }> | { data: Buffer; width: number; height: number };

async function loadSharp(): Promise<Decoder> {
  const { default: sharp } = await import("sharp").catch((cause: unknown) => {
    throw new OptionsError({
      code: "DECODER_MISSING",
      subject: "decoder",
      found: 'the package "sharp" cannot be loaded',
      expected: 'sharp beside this package, or the decoder "jimp"',
      fix: 'Run "npm install sharp", or leave the option out',
      cause,
    });
  });
  sharp.cache(false);
  // parallelism is the worker pool's: one thread a picture
  sharp.concurrency(1);
  let jimp: Promise<Decoder> | undefined;
  return async (bytes, header) => {
    const { format, orientation } = header;
    // libvips has no reader for bmp; and on a thumbnail its pipeline takes ten times as long as all of pngjs
    const thumbnail = format === "png" && header.width * header.height <= THUMBNAIL && bytes[PNG_DEPTH] === 8;
    if (format === "bmp" || thumbnail) return (await (jimp ??= loadJimp()))(bytes, header);
    const { data, info } = await sharp(bytes, { failOn: "truncated", limitInputPixels: MAX_PIXELS, ignoreIcc: true })
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return turnUpright(pictureOf(data, info.width, info.height, info.channels), orientation);
  };
}
