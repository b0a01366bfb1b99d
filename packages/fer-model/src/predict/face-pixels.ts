/**
 * From pictures of faces, in whatever form, to the raw pixels that a model takes: decoded, turned upright, grey (or
 * RGB), square in the way of the set that the model was trained on. What decodes is loaded at the first picture;
 * `@fer/dataset-extractors` is an optional peer, since training needs no decoder.
 */
import { OptionsError } from "@fer/core";
import { rawPixels } from "@fer/core/inference";
import type { ModelInfo } from "@fer/core/run";
import type { Fit } from "@fer/core/set";

/** A picture that is decoded already. */
export interface DecodedPicture {
  width: number;
  height: number;
  channels: 1 | 3;
  /** `[height, width, channels]`, 0..255. */
  data: Uint8Array;
}

/** One face, cut out: the path of a picture file, its bytes, or a decoded picture. */
export type FacePicture = string | Buffer | DecodedPicture;

/** What `Run.predict` takes: pictures, or raw pixels `[n, size, size, channels]` of 0..255. */
export type FaceImages = FacePicture | readonly FacePicture[] | Uint8Array | Float32Array;

/** What decides the pixels of a face. */
export interface FaceSettings {
  model: Pick<ModelInfo, "size" | "channels">;
  fit: Fit;
  signal?: AbortSignal | undefined;
}

/** Raw pixels of faces, `[n, size, size, channels]`. @throws FerError */
export async function facePixels(images: FaceImages, { model, fit, signal }: FaceSettings): Promise<Uint8Array> {
  const pictures = picturesOf(images);
  if (pictures === null) {
    const pixels = images as Uint8Array | Float32Array;
    if (!isPictureFile(pixels)) return rawPixels(pixels, model);
    throw new OptionsError({
      code: "NOT_RAW_PIXELS",
      subject: "images",
      found: "the bytes of a picture file as an array of pixels",
      expected: "raw pixels, or a Buffer",
      fix: "Pass the file as Buffer.from(bytes)",
    });
  }
  if (pictures.length === 0) {
    throw new OptionsError({ code: "NO_IMAGES", subject: "images", found: "an empty list", expected: "at least one" });
  }
  const { prepareImage } = await loadDecoders();
  const { size, channels } = model;
  const rows = new Uint8Array(pictures.length * size * size * channels);
  for (const [i, picture] of pictures.entries()) {
    signal?.throwIfAborted();
    rows.set(await prepareImage(picture, { size, channels, fit }), i * size * size * channels);
  }
  return rows;
}

/** `null` for raw pixels. A `Buffer` is a file's content: raw pixels come as another typed array. */
function picturesOf(images: FaceImages): readonly FacePicture[] | null {
  if (typeof images === "string" || Buffer.isBuffer(images)) return [images];
  if (images instanceof Uint8Array || images instanceof Float32Array) return null;
  return Array.isArray(images) ? images : [images as DecodedPicture];
}

/** Whether pixels begin as a PNG, JPEG, GIF or WebP file does: no row of grey levels looks like that. */
const isPictureFile = (pixels: Uint8Array | Float32Array): boolean =>
  /^(\x89PNG\r\n|\xff\xd8\xff[\xc0-\xfe]|GIF8[79]a|RIFF.{4}WEBP)/s.test(String.fromCharCode(...pixels.subarray(0, 12)));

async function loadDecoders(): Promise<typeof import("@fer/dataset-extractors/image")> {
  try {
    return await import("@fer/dataset-extractors/image");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" || !message.includes("@fer/dataset-extractors")) throw cause;
    throw new OptionsError({
      code: "NO_DECODER",
      subject: "predict",
      found: "a picture, and @fer/dataset-extractors, which decodes pictures, is not installed",
      expected: "the package, or raw pixels",
      fix: "npm install @fer/dataset-extractors",
      cause,
    });
  }
}
