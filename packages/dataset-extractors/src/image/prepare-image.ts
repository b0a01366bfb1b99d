/** A picture, from wherever it comes, as a set and a model see it: read, turned upright, grey (or RGB), square. */
import { readFile } from "node:fs/promises";
import { DatasetError } from "@fer/core/errors";
import { type ImageSettings, type Picture, preparePicture } from "@fer/core/pixels";
import { loadDecoder } from "./decode.js";
import type { DecoderName } from "./decoder-name.js";
import { readHeader } from "./header.js";

export interface ReadPictureOptions {
  decoder?: DecoderName | undefined;
  /** Told how many frames an animation has, of which the first is read; without it an animation is refused. */
  onAnimation?: ((frames: number) => void) | undefined;
}

/**
 * A picture file (its path, or its bytes), decoded and turned upright. Its decoder is loaded now, if it has not been before.
 *
 * @throws DatasetError `BAD_IMAGE` for a file that is missing, damaged, or no picture that can be read.
 * @example
 * ```ts
 * import { encodePng, readPicture } from "@fer/dataset-extractors/image";
 *
 * const file = encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(10, 20) });
 * console.log((await readPicture(file)).data); // Uint8Array(2) [ 10, 20 ]
 * ```
 */
export async function readPicture(
  source: string | Uint8Array,
  { decoder = "jimp", onAnimation }: ReadPictureOptions = {},
): Promise<Picture> {
  const bad = (found: string, cause?: unknown): DatasetError =>
    new DatasetError({
      code: "BAD_IMAGE",
      subject: typeof source === "string" ? source : "picture",
      found,
      expected: "a whole picture that can be decoded",
      context: { ...(typeof source === "string" ? { file: source } : {}), problem: found },
      cause,
    });
  const bytes = await bytesOf(source).catch((cause: NodeJS.ErrnoException) => {
    throw bad(cause.code === "ENOENT" ? "the file is missing" : `it cannot be read (${cause.code})`, cause);
  });
  const header = readHeader(bytes, { takesFirst: onAnimation !== undefined });
  if (typeof header === "string") throw bad(header);
  if (header.frames !== undefined) onAnimation?.(header.frames);
  const decode = await loadDecoder(decoder);
  return decode(bytes, header).catch((cause: unknown) => {
    throw bad(`it cannot be read (${String(cause instanceof Error ? cause.message : cause).split("\n", 1)[0]})`, cause);
  });
}

async function bytesOf(source: string | Uint8Array): Promise<Buffer> {
  if (typeof source === "string") return readFile(source);
  return Buffer.from(source.buffer, source.byteOffset, source.byteLength);
}

/**
 * What a set holds and a model is fed: `[size, size, channels]`, raw 0..255. Standardising is the model's own affair. Takes
 * the path of a picture file, its bytes, or a picture that is decoded already; what `assemble` and `predict` use.
 *
 * @throws DatasetError `BAD_IMAGE`
 * @example
 * ```ts
 * import { prepareImage } from "@fer/dataset-extractors/image";
 *
 * const picture = { width: 100, height: 80, channels: 1 as const, data: new Uint8Array(8000) };
 * console.log((await prepareImage(picture, { size: 48, channels: 1, fit: "stretch" })).length); // 2304
 * ```
 */
export async function prepareImage(
  image: string | Uint8Array | Picture,
  { decoder, ...settings }: ImageSettings & { decoder?: DecoderName | undefined },
): Promise<Uint8Array> {
  const isPicture = typeof image === "object" && "channels" in image;
  return preparePicture(isPicture ? image : await readPicture(image, { decoder }), settings);
}
