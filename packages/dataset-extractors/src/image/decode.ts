/**
 * Decoders. `jimp` is pure JavaScript and always there; `sharp` (libvips) is several times faster and optional. Both
 * turn the picture upright by EXIF. They differ in rounding and, on colour JPEGs, in how chroma is scaled up;
 * `dataset.json` records which one read a dataset.
 */
import { OptionsError } from "@fer/core";
import type { Box } from "@fer/core/image-folder";
import { crop } from "./crop.js";
import type { DecoderName } from "./decoder-name.js";
import { MAX_PIXELS, type ImageFormat, type ImageHeader } from "./header.js";
import { turnUpright } from "./orientation.js";
import { pictureOf, type Picture } from "./picture.js";
import { decodePlainPng } from "./plain-png.js";

/** Pixels up to which a plain PNG is not worth the start of libvips' pipeline. */
const THUMBNAIL = 256 * 256;

/**
 * Decodes a file whose header has been read; with `region` (whole pixels within the upright picture) only that part of
 * it, the same pixels as cut out of the whole. Throws on damaged data.
 */
export type Decoder = (bytes: Buffer, header: ImageHeader, region?: Box) => Promise<Picture>;

/** What a library makes of a file: the picture as it is stored, or the upright region where it can cut by itself. */
type Library = (bytes: Buffer, header: ImageHeader, region?: Box) => Promise<{ picture: Picture; isCut: boolean }>;

/** The decoder has no reader for the format; the file itself may be fine. */
export class UnsupportedFormat extends Error {
  override readonly name = "UnsupportedFormat";
}

/**
 * A decoder. Its library is loaded for the first file that needs it; a plain PNG does not.
 *
 * @throws OptionsError when `sharp` is asked for and not installed.
 */
export async function loadDecoder(name: DecoderName): Promise<Decoder> {
  if (name === "sharp") await requireSharp();
  const libraries: Partial<Record<DecoderName, Promise<Library>>> = {};
  const library = (of: DecoderName) => (libraries[of] ??= of === "sharp" ? loadSharp() : loadJimp());
  return async (bytes, header, region) => {
    const { format, width, height, orientation } = header;
    const isPlain = format === "png" && (name === "jimp" || width * height <= THUMBNAIL);
    const plain = isPlain ? decodePlainPng(bytes) : undefined;
    const { picture, isCut } =
      plain !== undefined
        ? { picture: plain, isCut: false }
        : // libvips has no reader for bmp
          await (
            await library(format === "bmp" ? "jimp" : name)
          )(bytes, header, region);
    if (isCut) return picture;
    if (picture.width !== width || picture.height !== height) {
      throw new Error(`${picture.width} x ${picture.height} pixels where its header says ${width} x ${height}`);
    }
    const upright = turnUpright(picture, orientation);
    return region === undefined ? upright : crop(upright, region);
  };
}

async function loadJimp(): Promise<Library> {
  const { defaultFormats } = await import("jimp");
  const codecs = new Map(defaultFormats.map((format) => [format().mime as string, format()]));
  const mimes: Partial<Record<ImageFormat, string>> = {
    jpg: "image/jpeg",
    png: "image/png",
    bmp: "image/bmp",
    gif: "image/gif",
    tiff: "image/tiff",
  };
  return async (bytes, { format }) => {
    const codec = codecs.get(mimes[format] ?? "");
    if (codec === undefined) throw new UnsupportedFormat(`jimp does not read ${format}; the decoder sharp does`);
    // a truncated JPEG must fail, not end in grey
    const options = format === "jpg" ? { tolerantDecoding: false, maxMemoryUsageInMB: 2048 } : {};
    const { data, width, height } = await (codec.decode as JimpDecode)(bytes, options);
    return { picture: pictureOf(data, width, height, 4), isCut: false };
  };
}

type JimpDecode = (
  bytes: Buffer,
  options: object,
) => Promise<{ data: Buffer; width: number; height: number }> | { data: Buffer; width: number; height: number };

async function loadSharp(): Promise<Library> {
  const { default: sharp } = await import("sharp");
  sharp.cache(false);
  // parallelism is the worker pool's: one thread a picture
  sharp.concurrency(1);
  return async (bytes, { format, orientation }, region) => {
    // rows below the region are not read: only where the file is seen to be whole
    const cut =
      region !== undefined && orientation === 1 && format === "jpg" && isWholeJpeg(bytes) ? region : undefined;
    const whole = sharp(bytes, { failOn: "truncated", limitInputPixels: MAX_PIXELS, ignoreIcc: true });
    const part = cut && whole.extract({ left: cut.x, top: cut.y, width: cut.width, height: cut.height });
    const { data, info } = await (part ?? whole)
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { picture: pictureOf(data, info.width, info.height, info.channels), isCut: cut !== undefined };
  };
}

/** Whether a JPEG ends as it should, with the marker EOI. */
const isWholeJpeg = (bytes: Buffer) => bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9;

async function requireSharp(): Promise<void> {
  try {
    import.meta.resolve("sharp");
  } catch (cause) {
    throw new OptionsError({
      code: "DECODER_MISSING",
      subject: "decoder",
      found: 'the package "sharp" cannot be loaded',
      expected: 'sharp beside this package, or the decoder "jimp"',
      fix: 'Run "npm install sharp", or leave the option out',
      cause,
    });
  }
}
