/**
 * One picture from the owner's tree to the image folder: read, check the header, decode, turn upright, cut the box
 * out, hash, write. What needs no crop, turn or conversion is written as the very bytes that were read. Runs in a worker or
 * in the main thread; the result is the same. Files are read and written synchronously, which spares the small files of
 * most datasets several trips through the thread pool.
 */
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import type { Box, SkipReason } from "@fer/core/image-folder";
import { clipBox, crop, eyeTransform, type Picture, pictureOf, toGrey, warpAffine } from "@fer/core/pixels";
import { dhash } from "@fer/core/twins";
import { UnsupportedFormat, type Decoder } from "./decode.js";
import { cutDetected, type DetectTask, type FaceFinder } from "./detect-face.js";
import { pixelHash } from "./hash.js";
import { readHeader } from "./header.js";
import { EXTENSIONS, type ImageHeader } from "./headers/found-header.js";
import { encodePng } from "./write-png.js";

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
  /** How to find the face; the box says which. */
  detect?: DetectTask;
}

/** What pictures are made with. */
export interface PictureTools {
  decode: Decoder;
  /** Where tasks ask for faces to be found. */
  finder: FaceFinder | null;
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
      /** `copied` byte for byte, or written as PNG because it was `cropped` (or aligned), or `converted` (turned, CMYK, AVIF, pixels). */
      action: "copied" | "cropped" | "converted";
      bytes: number;
      /** Faces that were found in it, where they were looked for. */
      faces?: number;
    }
  | { reason: SkipReason; detail: string };

/** Does one task. Throws only when the output cannot be written. */
export async function extractPicture(task: PictureTask, { decode, finder }: PictureTools): Promise<PictureResult> {
  let bytes: Buffer | undefined;
  let header: ImageHeader | undefined;
  if (typeof task.image === "string") {
    try {
      bytes = readWhole(task.image);
    } catch (error) {
      return unreadable(error);
    }
    const found = readHeader(bytes);
    if (typeof found === "string") return { reason: "undecodable", detail: found };
    header = found;
  }
  const whole = header === undefined ? (task.image as Picture) : uprightSize(header);
  const cut =
    task.align === undefined && task.detect === undefined && task.box !== null
      ? clipBox(task.box, { ...whole, margin: task.margin })
      : undefined;
  const isPart = cut !== undefined && (cut.box.width !== whole.width || cut.box.height !== whole.height);

  let picture = task.image as Picture;
  if (bytes !== undefined && header !== undefined) {
    try {
      picture = await decode(bytes, { ...header, region: isPart ? cut.box : undefined });
    } catch (error) {
      const damaged = error instanceof UnsupportedFormat ? "" : `damaged ${header.format}: `;
      return { reason: "undecodable", detail: `${damaged}${firstLine(error)}` };
    }
  } else if (isPart) {
    const part = crop(picture, cut.box);
    picture = pictureOf(part.data, part);
  }

  let found: { box: Box; faces: number } | undefined;
  if (task.detect !== undefined) {
    const face = await cutDetected(picture, { ...task.detect, finder: finder!, box: task.box });
    if ("reason" in face) return face;
    ({ picture, ...found } = face);
  } else if (task.align !== undefined) {
    const { landmarks, side } = task.align;
    const matrix = landmarks && eyeTransform(landmarks, side);
    if (!matrix) return { reason: "bad-box", detail: "no landmarks of two eyes to align on" };
    picture = warpAffine(picture, { matrix, side });
  } else if (task.box !== null && cut === undefined) {
    const { x, y, width, height } = task.box;
    return {
      reason: "bad-box",
      detail: `box ${width} x ${height} at ${x}, ${y} has no area within ${whole.width} x ${whole.height} pixels`,
    };
  }
  const cropped = found !== undefined || task.align !== undefined || isPart;
  const copied = header !== undefined && !cropped && isPlain(header) ? bytes : undefined;
  const grey = toGrey(picture);
  const output = copied ?? encodePng(picture);
  const extension = copied === undefined ? EXTENSIONS.png : EXTENSIONS[header!.format];
  writeFileSync(`${task.target}.${extension}`, output);
  return {
    extension,
    pixelHash: pixelHash(grey),
    dhash: dhash(grey),
    box: found?.box ?? cut?.box ?? null,
    clipped: cut?.clipped ?? false,
    action: cropped ? "cropped" : copied === undefined ? "converted" : "copied",
    bytes: output.length,
    ...(found === undefined ? {} : { faces: found.faces }),
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

/** Whether other tools show the file as it is: AVIF few, inks and orientations not all. */
const isPlain = ({ format, orientation, colours }: ImageHeader) =>
  orientation === 1 && colours !== "cmyk" && format !== "avif";

/** Width and height of the picture as it is meant to be seen. */
const uprightSize = ({ width, height, orientation }: ImageHeader) =>
  orientation >= 5 ? { width: height, height: width } : { width, height };

function unreadable(error: unknown): PictureResult {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return { reason: "missing-file", detail: "the file disappeared while the folder was read" };
  return { reason: "undecodable", detail: `the file cannot be read (${code ?? message})` };
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
