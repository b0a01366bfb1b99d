/**
 * What the first bytes of an image file say, before anything is decoded: its real format (never its extension), its
 * size (a 200-byte file can claim 30,000 x 30,000 pixels), and what would keep it from being copied as it is.
 */
import { imageSize } from "image-size";

/** Formats that can be read; the value is the extension that the output gets. */
export const EXTENSIONS = {
  jpg: "jpg",
  png: "png",
  bmp: "bmp",
  gif: "gif",
  tiff: "tiff",
  webp: "webp",
} as const;

export type ImageFormat = keyof typeof EXTENSIONS;

/** Pixels above which a picture is refused: four times what a good camera takes. */
export const MAX_PIXELS = 100_000_000;

export interface ImageHeader {
  format: ImageFormat;
  width: number;
  height: number;
  /** EXIF orientation 1..8; 1 is upright. */
  orientation: number;
  /** A JPEG in CMYK or YCCK, which many readers cannot show. */
  cmyk: boolean;
}

/** The header, or a phrase that says why the file cannot be an image. */
export function readHeader(bytes: Buffer): ImageHeader | string {
  if (bytes.length === 0) return "the file is empty (0 bytes)";
  const start = bytes.toString("latin1", 0, 64).trimStart().toLowerCase();
  if (start.startsWith("version https://git-lfs")) return 'a Git LFS pointer, not the image: run "git lfs pull"';
  if (start.startsWith("<!doctype") || start.startsWith("<html") || start.startsWith("<?xml")) {
    return "a web page, not an image";
  }
  let size: ReturnType<typeof imageSize>;
  try {
    // small files lie in a shared buffer, and the library would read on behind the end of a file that is cut off
    size = imageSize(bytes.length < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes);
  } catch {
    return "not an image of a known format, or cut off within its header";
  }
  const format = size.type as ImageFormat;
  if (!(format in EXTENSIONS)) return `an image of the format ${size.type}, which is not read`;
  const { width, height } = size;
  if (!(width > 0 && height > 0)) return `a ${format} of ${width} x ${height} pixels`;
  if (width * height > MAX_PIXELS) {
    return `${width} x ${height} pixels are more than the limit of ${MAX_PIXELS / 1e6} million`;
  }
  const frames = countFrames(bytes, format);
  if (frames > 1) return `an animation of ${frames === Infinity ? "several" : frames} frames, not one picture`;
  const { orientation = 1 } = size;
  const upright = orientation < 1 || orientation > 8 ? 1 : orientation;
  return { format, width, height, orientation: upright, cmyk: format === "jpg" && jpegComponents(bytes) === 4 };
}

/** Number of colour components in the first frame header (SOFn) of a JPEG; 0 where there is none. */
function jpegComponents(bytes: Buffer): number {
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return 0;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return bytes[at + 9]!;
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return 0;
}

function countFrames(bytes: Buffer, format: ImageFormat): number {
  if (format === "gif") return gifFrames(bytes);
  if (format === "png") return bytes.subarray(0, 4096).includes("acTL") ? Infinity : 1;
  if (format === "webp") return bytes.subarray(0, 64).includes("ANIM") ? Infinity : 1;
  return 1;
}

/** Images in a GIF: blocks are skipped by their lengths (GIF89a, sections 20 and 23). */
function gifFrames(bytes: Buffer): number {
  const table = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  const skipBlocks = (from: number) => {
    let at = from;
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
    return at + 1;
  };
  let frames = 0;
  let at = 13 + table(bytes[10] ?? 0);
  while (at < bytes.length) {
    if (bytes[at] === 0x21) at = skipBlocks(at + 2);
    else if (bytes[at] === 0x2c) {
      frames += 1;
      at = skipBlocks(at + 11 + table(bytes[at + 9] ?? 0));
    } else break;
  }
  return frames;
}
