/**
 * What pictures are by their sizes: cut-out faces or whole photos. Of the datasets whose pictures are faces (FER2013 48x48,
 * RAF-DB 100x100, Aff-Wild2 112x112, AffectNet 224x224, SFEW 143x181, AFEW, CK+48, CelebA 178x218, and all 5,705 boxes of
 * the published extract of ExpW, which are square) none is a fifth wider than high or half as high again as wide, and
 * 0.2 % of ExpW's boxes are 1,200 pixels wide. Whole photos are: CK+ 640x490, AFEW's frames 720x576, RaFD 681x1024, cameras
 * 4:3, 3:2 and 16:9. Not told apart by size: JAFFE 256x256, KDEF 562x762.
 */
import { FormatError } from "@fer/core";
import { readHeader } from "../image/header.js";
import type { ImageHeader } from "../image/headers/found-header.js";
import type { Folder } from "../tree/folder.js";

/** Width over height from which on nothing is a face. */
const WIDE = 1.2;
/** Height over width from which on nothing is a face. */
const HIGH = 1.45;
/** Shorter side below which the shape says nothing: icons and thumbnails. */
const SMALL = 120;
/** Shorter side from which on a picture is a photo whatever its shape. */
const LARGE = 1200;
/** Pictures that are looked at. */
const LOOKED_AT = 64;
/** Bytes in which the size is found, behind a preview and a colour profile at most. */
export const HEAD = 1 << 18;

/** Size and format of a picture by its first `bytes` or all of them, or why there is none; never an error, as the rest can still be read. */
export async function pictureHeader(
  folder: Folder,
  { file, bytes }: { file: string; bytes?: number },
): Promise<ImageHeader | string> {
  try {
    return readHeader(bytes === undefined ? await folder.bytes(file) : await folder.head(file, bytes));
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

/** How many of some pictures look like whole photos. */
export interface PhotoCount {
  looked: number;
  photos: number;
  /** The first of them, with its size. */
  example: string;
}

/** Looks at the sizes of some of the pictures, evenly spread. */
export async function countPhotos(folder: Folder, files: readonly string[]): Promise<PhotoCount> {
  const step = Math.max(1, files.length / LOOKED_AT);
  const found: PhotoCount = { looked: 0, photos: 0, example: "" };
  for (let at = 0; at < files.length; at += step) {
    const file = files[Math.floor(at)]!;
    const header = await pictureHeader(folder, { file, bytes: HEAD });
    if (typeof header === "string") continue;
    found.looked += 1;
    if (!isPhoto(header)) continue;
    found.photos += 1;
    if (found.photos === 1) found.example = `"${file}" has ${header.width}x${header.height} pixels`;
  }
  return found;
}

/** Whether a picture of this size (as stored; EXIF may turn it) cannot be a cut-out face. */
export function isPhoto({
  width,
  height,
  orientation,
}: Pick<ImageHeader, "width" | "height" | "orientation">): boolean {
  const [w, h] = orientation >= 5 ? [height, width] : [width, height];
  const short = Math.min(w, h);
  return short >= LARGE || (short >= SMALL && (w / h >= WIDE || h / w >= HIGH));
}
