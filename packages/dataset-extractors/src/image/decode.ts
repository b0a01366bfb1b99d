/**
 * Decoders. `jimp` is pure JavaScript and always there; `sharp` (libvips) is optional, reads JPEG several times faster,
 * and AVIF, which nothing else here reads. All else has one reader, whichever decoder is named, so that the same file gives the
 * same pixels and the same refusal:
 *
 *     png, pnm          own readers
 *     webp              libwebp, compiled to WebAssembly
 *     bmp, gif, tiff    jimp, for the kinds that it is known to read right (see `headers/`)
 *     jpg               jimp or sharp; CMYK, and what libjpeg warns about, jimp alone
 *     avif              sharp
 *
 * On JPEG the two differ by at most 2 grey levels (rounding of the inverse DCT), or 8 where chroma is stored at half the
 * resolution (jimp repeats it, libjpeg interpolates); `dataset.json` records which one read a dataset. Colour profiles are
 * not applied. Pictures are turned upright by EXIF, in every format that has it.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { OptionsError } from "@fer/core/errors";
import type { Box } from "@fer/core/image-folder";
import { crop, type Picture, pictureOf } from "@fer/core/pixels";
import type { DecoderName } from "./decoder-name.js";
import { MAX_PIXELS } from "./header.js";
import type { ImageFormat, ImageHeader } from "./headers/found-header.js";
import { hasJpegEnd } from "./headers/jpeg.js";
import { readNetpbm } from "./netpbm.js";
import { turnUpright } from "./orientation.js";
import { readPng } from "./read-png.js";

/**
 * Decodes a file whose header has been read; with `region` (whole pixels within the upright picture) only that part of
 * it, the same pixels as cut out of the whole. Throws on damaged data.
 */
export type Decoder = (bytes: Buffer, header: ImageHeader & { region?: Box | undefined }) => Promise<Picture>;

/** What a reader makes of a file: the picture as it is stored, or the upright region where it can cut by itself. */
type Reader = (...file: Parameters<Decoder>) => Promise<Picture | { cut: Picture }>;

/** The decoder has no reader for the format; the file itself may be fine. */
export class UnsupportedFormat extends Error {
  override readonly name = "UnsupportedFormat";
}

/**
 * A decoder. A library is loaded for the first file that needs it.
 *
 * @throws OptionsError when `sharp` is asked for and not installed.
 * @example
 * ```ts
 * import { loadDecoder, readHeader, encodePng } from "@fer/dataset-extractors/image";
 *
 * const file = encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) });
 * const header = readHeader(file);
 * if (typeof header === "string") throw new Error(header);
 * console.log((await (await loadDecoder("jimp"))(file, header)).data[0]); // 7
 * ```
 */
export async function loadDecoder(name: DecoderName): Promise<Decoder> {
  if (name === "sharp") await requireSharp();
  return async (bytes, header) => {
    const { width, height, orientation, region } = header;
    const read = await READERS[header.format](name);
    const found = await read(bytes, header);
    if ("cut" in found) return found.cut;
    if (found.width !== width || found.height !== height) {
      throw new Error(`${found.width} x ${found.height} pixels where its header says ${width} x ${height}`);
    }
    const upright = turnUpright(found, orientation);
    if (region === undefined) return upright;
    const part = crop(upright, region);
    // a grey part of a colour picture is grey, as the library that cuts by itself has it
    return pictureOf(part.data, part);
  };
}

const jimp = once(loadJimp);
const sharp = once(loadSharp);

/** The one reader of each format, or the two. */
const READERS: Record<ImageFormat, (name: DecoderName) => Promise<Reader>> = {
  png: async () => async (bytes) => readPng(bytes),
  pnm: async () => async (bytes) => readNetpbm(bytes),
  webp: once(loadWebp),
  bmp: jimp,
  gif: jimp,
  tiff: jimp,
  jpg: async (name) => (name === "sharp" ? sharpJpeg() : jimp()),
  avif: async (name) => {
    if (name === "sharp") return sharp();
    throw new UnsupportedFormat(
      'an AVIF picture, which the decoder jimp does not read: use the decoder sharp ("npm install sharp"), or convert it to PNG',
    );
  },
};

const sharpJpeg = once(async (): Promise<Reader> => {
  const [fast, careful] = [await sharp(), await jimp()];
  return async (bytes, header) => {
    // inks would be mixed by a colour profile
    if (header.colours === "cmyk" || !hasJpegEnd(bytes)) return careful(bytes, header);
    try {
      const found = await fast(bytes, header);
      return endsInGrey("cut" in found ? found.cut : found) ? await careful(bytes, header) : found;
    } catch {
      return careful(bytes, header);
    }
  };
});

/** What libjpeg fills missing data with: of the last lines libvips does not say that they are missing. */
const FILLING = 128;

const endsInGrey = ({ data, channels }: Picture): boolean => data.subarray(-channels).every((v) => v === FILLING);

/** The function's first promise, kept. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}

async function loadWebp(): Promise<Reader> {
  const { default: decode, init } = await import("@jsquash/webp/decode.js");
  const code = fileURLToPath(import.meta.resolve("@jsquash/webp/codec/dec/webp_dec.wasm"));
  await init({ wasmBinary: await readFile(code) });
  return async (bytes) => {
    // the library copies the whole of the buffer that the bytes lie in
    const { data, width, height } = await decode(Uint8Array.from(bytes).buffer);
    return pictureOf(data as unknown as Uint8Array, { width, height, channels: 4 });
  };
}

async function loadJimp(): Promise<Reader> {
  const { defaultFormats } = await import("jimp");
  const codecs = new Map(defaultFormats.map((format) => [format().mime as string, format()]));
  const mimes: Partial<Record<ImageFormat, string>> = {
    jpg: "image/jpeg",
    bmp: "image/bmp",
    gif: "image/gif",
    tiff: "image/tiff",
  };
  return async (bytes, { format, colours }) => {
    if (format === "jpg" && !hasJpegEnd(bytes)) throw new Error("it is cut off: its end marker is missing");
    // a truncated JPEG must fail, not end in grey
    const strict = { tolerantDecoding: false, maxMemoryUsageInMB: 2048, maxResolutionInMP: MAX_PIXELS / 1e6 };
    const options = format === "jpg" ? { ...strict, ...(colours === "rgb" ? { colorTransform: false } : {}) } : {};
    const { data, width, height } = await (codecs.get(mimes[format]!)!.decode as JimpDecode)(bytes, options);
    return pictureOf(data, { width, height, channels: 4 });
  };
}

type JimpDecode = (
  bytes: Buffer,
  options: object,
) => Promise<{ data: Buffer; width: number; height: number }> | { data: Buffer; width: number; height: number };

async function loadSharp(): Promise<Reader> {
  const { default: library } = await import("sharp");
  library.cache(false);
  // parallelism is the worker pool's: one thread a picture
  library.concurrency(1);
  return async (bytes, { format, orientation, region }) => {
    // rows below the region are not read: only where the file is seen to be whole
    const isCut = region !== undefined && orientation === 1 && format === "jpg" && endsAsJpeg(bytes);
    const whole = library(bytes, { failOn: "warning", limitInputPixels: MAX_PIXELS, ignoreIcc: true });
    const part = isCut
      ? whole.extract({ left: region.x, top: region.y, width: region.width, height: region.height })
      : whole;
    const { data, info } = await part
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const picture = pictureOf(data, { width: info.width, height: info.height, channels: info.channels });
    return isCut ? { cut: picture } : picture;
  };
}

/** Whether nothing follows the end marker of a JPEG. */
const endsAsJpeg = (bytes: Buffer) => bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9;

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
