/**
 * TIFF 6.0: the kinds that its reader is known to read right, by table test: 1, 8 and 16 bits, grey, RGB or palette,
 * uncompressed, LZW, Deflate or PackBits, in strips. What else a TIFF can be is named: floating point, whose range
 * is not known, CMYK, planes kept apart, several pages, a camera's raw data.
 */
import type { FoundHeader } from "./found-header.js";

const COMPRESSIONS: Record<number, string> = {
  2: "CCITT",
  3: "CCITT",
  4: "CCITT",
  6: "JPEG",
  7: "JPEG",
  34925: "LZMA",
  50000: "Zstandard",
  50001: "WebP",
};
/** None, LZW, Deflate, PackBits, Deflate under its old number. */
const READ_COMPRESSIONS = new Set([1, 5, 8, 32773, 32946]);
const COLOURS: Record<number, string> = {
  4: "a mask",
  5: "CMYK",
  6: "YCbCr",
  8: "CIE Lab",
  32803: "a camera's raw data",
};
const SIZES: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4 };

/** Values of the tags of a directory that are whole numbers. */
type Directory = Map<number, number[]>;

export function tiffHeader(bytes: Buffer): FoundHeader | string | undefined {
  const order = bytes.toString("latin1", 0, 4);
  if (order === "II+\0" || order === "MM\0+") return refusal("in the BigTIFF layout");
  if (order !== "II*\0" && order !== "MM\0*") return undefined;
  if (bytes.toString("latin1", 8, 10) === "CR") return refusal("that holds a camera's raw data");
  const pages: Directory[] = [];
  const file = { bytes, isLittle: order.startsWith("II") };
  for (let at = pointer(file, 4); at !== 0;) {
    // a directory that points back to one before it would never end
    if (at + 2 > bytes.length || pages.length === 100) return "a TIFF that is cut off";
    const { directory, next } = readDirectory(file, at);
    if (directory === undefined) return "a TIFF that is cut off";
    pages.push(directory);
    at = next;
  }
  const first = pages[0];
  if (first === undefined) return "a TIFF without a picture";
  const frames = 1 + pages.slice(1).filter((page) => !((page.get(254)?.[0] ?? 0) & 1)).length;
  return problemOf(first, bytes) ?? { ...sizeOf(first), orientation: orientationOf(first), frames };
}

const refusal = (what: string) => `a TIFF ${what}, which is not read: save it as PNG`;

/** A file in one of the two orders of bytes. */
interface TiffFile {
  bytes: Buffer;
  isLittle: boolean;
}

const pointer = ({ bytes, isLittle }: TiffFile, at: number): number =>
  at + 4 > bytes.length ? 0 : isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);

function readDirectory(file: TiffFile, at: number): { directory?: Directory; next: number } {
  const { bytes, isLittle } = file;
  const short = (from: number) => (isLittle ? bytes.readUInt16LE(from) : bytes.readUInt16BE(from));
  const number = (from: number, size: number) =>
    size === 1 ? bytes[from]! : size === 2 ? short(from) : pointer(file, from);
  const directory: Directory = new Map();
  const entries = short(at);
  if (at + 2 + 12 * entries > bytes.length) return { next: 0 };
  for (let i = 0, entry = at + 2; i < entries; i++, entry += 12) {
    const [size, count] = [SIZES[short(entry + 2)], pointer(file, entry + 4)];
    if (size === undefined) continue;
    const from = size * count <= 4 ? entry + 8 : pointer(file, entry + 8);
    if (from + size * count > bytes.length) return { next: 0 };
    directory.set(
      short(entry),
      Array.from({ length: count }, (_, k) => number(from + size * k, size)),
    );
  }
  return { directory, next: pointer(file, at + 2 + 12 * entries) };
}

function sizeOf(page: Directory): { format: "tiff"; width: number; height: number } {
  return { format: "tiff", width: page.get(256)?.[0] ?? 0, height: page.get(257)?.[0] ?? 0 };
}

function orientationOf(page: Directory): number {
  const orientation = page.get(274)?.[0] ?? 1;
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

/** Why the page is not read. */
function problemOf(page: Directory, bytes: Buffer): string | undefined {
  const value = (tag: number, byDefault: number) => page.get(tag)?.[0] ?? byDefault;
  const depths = page.get(258) ?? [1];
  const [depth, channels, colours, compression] = [depths[0]!, value(277, 1), value(262, 1), value(259, 1)];
  const kinds = page.get(339) ?? [1];
  if (page.has(50706)) return refusal("that holds a camera's raw data");
  if (kinds.includes(3)) return refusal("of floating-point numbers, whose range is not known");
  if (kinds.some((kind) => kind !== 1)) return refusal("of signed or untyped numbers");
  if (colours > 3) return refusal(`that holds ${COLOURS[colours] ?? `the colours ${colours}`}`);
  const isDepth = depths.every((bits) => bits === depth) && (depth === 8 || (colours < 3 && depth === 16));
  if (!isDepth && !(depth === 1 && channels === 1 && colours < 2))
    return refusal(`of ${depths.join(", ")} bits a pixel`);
  if (!READ_COMPRESSIONS.has(compression))
    return refusal(`with the compression ${COMPRESSIONS[compression] ?? compression}`);
  if (page.has(322)) return refusal("stored in tiles");
  if (value(284, 1) !== 1 && channels > 1) return refusal("with its colour planes kept apart");
  if (value(266, 1) !== 1) return refusal("with its bits in reverse order");
  if (value(317, 1) > 2) return refusal(`with the predictor ${value(317, 1)}`);
  return isWhole(page, bytes) ? undefined : "a TIFF that is cut off";
}

/** Whether all strips that the size asks for lie within the file, as long as they must be. */
function isWhole(page: Directory, bytes: Buffer): boolean {
  const value = (tag: number, byDefault: number) => page.get(tag)?.[0] ?? byDefault;
  const { width, height } = sizeOf(page);
  const rows = Math.min(value(278, height), height);
  const [offsets, lengths] = [page.get(273) ?? [], page.get(279) ?? []];
  const count = Math.ceil(height / rows);
  if (offsets.length !== count || lengths.length !== count) return false;
  const stride = Math.ceil((width * value(258, 1) * value(277, 1)) / 8);
  return offsets.every((offset, i) => {
    const shortest = value(259, 1) === 1 ? Math.min(rows, height - i * rows) * stride : 1;
    return lengths[i]! >= shortest && offset + lengths[i]! <= bytes.length;
  });
}
