/**
 * PNG decoder for the plain kind that most datasets of faces ship: 8 bits a channel, grey, RGB or RGBA, not interlaced,
 * every checksum right. All else is left to a decoder that knows the whole format. Own code because a face of 48 x 48
 * pixels costs a general reader several times what its pixels do, and datasets have 400,000 of them. W3C Portable
 * Network Graphics (PNG) Specification, third edition.
 */
import { crc32, inflateSync } from "node:zlib";
import { pictureOf, type Picture } from "./picture.js";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Channels of each colour type that is read. */
const CHANNELS: Record<number, 1 | 2 | 3 | 4> = { 0: 1, 2: 3, 4: 2, 6: 4 };
/** Chunks that change the pixels, or what they mean. */
const SPECIAL = new Set(["PLTE", "tRNS", "acTL"]);

/** The picture, or `undefined` for a file that is damaged or not of the plain kind. */
export function decodePlainPng(bytes: Buffer): Picture | undefined {
  if (bytes.length < 57 || !bytes.subarray(0, 8).equals(SIGNATURE)) return undefined;
  const parts: Buffer[] = [];
  let at = 8;
  let type = "";
  while (type !== "IEND") {
    if (at + 12 > bytes.length) return undefined;
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) return undefined;
    type = bytes.toString("latin1", at + 4, at + 8);
    if (SPECIAL.has(type) || (type === "IHDR") !== (at === 8)) return undefined;
    if (type === "IDAT") parts.push(bytes.subarray(at + 8, end));
    at = end + 4;
  }
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const channels = CHANNELS[bytes[25]!];
  const isPlain =
    bytes.readUInt32BE(8) === 13 && bytes[24] === 8 && bytes[26] === 0 && bytes[27] === 0 && bytes[28] === 0;
  if (!isPlain || channels === undefined || at !== bytes.length) return undefined;
  const lines = inflated(parts.length === 1 ? parts[0]! : Buffer.concat(parts), (width * channels + 1) * height);
  const data = lines && unfilter(lines, width * channels, height, channels);
  return data && pictureOf(data, width, height, channels);
}

function inflated(data: Buffer, length: number): Buffer | undefined {
  try {
    const lines = inflateSync(data, { chunkSize: Math.max(64, length + 1), maxOutputLength: length + 1 });
    return lines.length === length ? lines : undefined;
  } catch {
    return undefined;
  }
}

/** Undoes the filter of every line (section 9); `undefined` for a filter that does not exist. */
function unfilter(lines: Uint8Array, stride: number, height: number, step: number): Uint8Array | undefined {
  // a line of zeros lies above the first
  const data = new Uint8Array(stride * (height + 1));
  for (let y = 0, from = 0; y < height; y++, from += stride) {
    const filter = lines[from++]!;
    const to = (y + 1) * stride;
    if (filter === 0) data.set(lines.subarray(from, from + stride), to);
    else if (filter === 2) for (let i = 0; i < stride; i++) data[to + i] = lines[from + i]! + data[to + i - stride]!;
    else if (filter > 4) return undefined;
    else
      for (let channel = 0; channel < step; channel++)
        unfilterChannel(filter, lines, from, data, to, stride, channel, step);
  }
  return data.subarray(stride);
}

/** The three filters that look at the pixel to the left: it (1), the mean of it and the one above (3), Paeth (4). */
function unfilterChannel(
  filter: number,
  lines: Uint8Array,
  from: number,
  data: Uint8Array,
  to: number,
  stride: number,
  channel: number,
  step: number,
): void {
  let left = 0;
  let corner = 0;
  for (let i = channel; i < stride; i += step) {
    const above = data[to + i - stride]!;
    const guess = filter === 4 ? paeth(left, above, corner) : filter === 3 ? (left + above) >> 1 : left;
    left = (lines[from + i]! + guess) & 255;
    data[to + i] = left;
    corner = above;
  }
}

/** Without a branch, which noise would make the processor guess wrong at every second pixel: half the time. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = magnitude(above - corner);
  const toAbove = magnitude(left - corner);
  const toCorner = magnitude(left + above - 2 * corner);
  const notLeft = ((toAbove - toLeft) | (toCorner - toLeft)) >> 31;
  const notAbove = (toCorner - toAbove) >> 31;
  return (left & ~notLeft) | (((above & ~notAbove) | (corner & notAbove)) & notLeft);
}

const magnitude = (value: number) => (value ^ (value >> 31)) - (value >> 31);
