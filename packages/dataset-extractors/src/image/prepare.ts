/**
 * One picture from the owner's tree to the image folder: read, check the header, decode, turn upright, cut the box
 * out, hash, write. What needs no crop, turn or conversion is written as the very bytes that were read. Runs in a worker or
 * in the main thread; the result is the same. Files are read and written synchronously, which spares the small files of
 * most datasets several trips through the thread pool.
 */
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import type { Box, SkipReason } from "../image-folder.js";
import { eyeTransform, warpAffine } from "./align.js";
import { clipBox, crop } from "./crop.js";
import { UnsupportedFormat, type Decoder } from "./decode.js";
import { toGrey } from "./grey.js";
import { dhash, pixelHash } from "./hash.js";
import { EXTENSIONS, readHeader } from "./header.js";
import { encodePng } from "./png.js";
import type { Picture } from "./picture.js";

/** What is to be done with one picture. */
export interface PictureTask {
  /** Absolute path of the source file, or the pixels themselves. */
  image: string | Picture;
  /** Absolute path of the output without its extension. */
  target: string;
  box: Box | null;
  /** Part of the box added on each side. */
  margin: number;
  /** Landmarks to align on, and the side of the aligned picture; instead of the box. */
  align?: { landmarks: readonly (readonly [number, number])[] | null; side: number };
}

/** What became of it: written, or left out with a reason. */
export type PictureResult =
  | {
      extension: string;
      pixelHash: string;
      dhash: string;
      /** Box that was cut out, after clipping. */
      box: Box | null;
      clipped: boolean;
      /** `copied` byte for byte, or written as PNG because it was `cropped` (or aligned), or `converted` (turned, CMYK, pixels). */
      action: "copied" | "cropped" | "converted";
      bytes: number;
    }
  | { reason: SkipReason; detail: string };

/** Does one task. Throws only when the output cannot be written. */
export async function preparePicture(task: PictureTask, decode: Decoder): Promise<PictureResult> {
  let bytes: Buffer | undefined;
  let picture: Picture;
  let extension: string = EXTENSIONS.png;
  let convert = true;
  if (typeof task.image === "string") {
    try {
      bytes = readWhole(task.image);
    } catch (error) {
      return unreadable(error);
    }
    const header = readHeader(bytes);
    if (typeof header === "string") return { reason: "undecodable", detail: header };
    try {
      picture = await decode(bytes, header);
    } catch (error) {
      const damaged = error instanceof UnsupportedFormat ? "" : `damaged ${header.format}: `;
      return { reason: "undecodable", detail: `${damaged}${firstLine(error)}` };
    }
    convert = header.orientation !== 1 || header.cmyk;
    if (!convert) extension = EXTENSIONS[header.format];
  } else picture = task.image;

  let box: Box | null = null;
  let clipped = false;
  if (task.align !== undefined) {
    const transform = task.align.landmarks && eyeTransform(task.align.landmarks, task.align.side);
    if (!transform) return { reason: "bad-box", detail: "no landmarks of two eyes to align on" };
    picture = warpAffine(picture, transform, task.align.side);
    convert = true;
    extension = EXTENSIONS.png;
  } else if (task.box !== null) {
    const cut = clipBox(task.box, picture, task.margin);
    if (cut === undefined) {
      const { x, y, width, height } = task.box;
      return {
        reason: "bad-box",
        detail: `box ${width} x ${height} at ${x}, ${y} has no area within ${picture.width} x ${picture.height} pixels`,
      };
    }
    ({ box, clipped } = cut);
    if (box.width !== picture.width || box.height !== picture.height) {
      picture = crop(picture, box);
      convert = true;
      extension = EXTENSIONS.png;
    }
  }
  const cropped = (box !== null || task.align !== undefined) && convert;
  const grey = toGrey(picture);
  const output = convert || bytes === undefined ? encodePng(picture) : bytes;
  writeFileSync(`${task.target}.${extension}`, output);
  return {
    extension,
    pixelHash: pixelHash(grey, picture.width, picture.height),
    dhash: dhash(grey, picture.width, picture.height),
    box,
    clipped,
    action: cropped ? "cropped" : convert ? "converted" : "copied",
    bytes: output.length,
  };
}

const buffer = Buffer.allocUnsafeSlow(1 << 16);

/** A file, in three system calls where it is small. */
function readWhole(file: string): Buffer {
  const handle = openSync(file, "r");
  try {
    const length = readSync(handle, buffer, 0, buffer.length, 0);
    return length < buffer.length ? Buffer.from(buffer.subarray(0, length)) : readFileSync(file);
  } finally {
    closeSync(handle);
  }
}

function unreadable(error: unknown): PictureResult {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return { reason: "missing-file", detail: "the file disappeared while the folder was read" };
  return { reason: "undecodable", detail: `the file cannot be read (${code ?? message})` };
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
