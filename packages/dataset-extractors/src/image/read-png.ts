/**
 * PNG decoder: every colour type, depth and interlacing. Own code because what a PNG shows must not depend on which
 * decoder is installed (they differ in 16 bits, transparency and damage), and because a face of 48 x 48 pixels costs a
 * general reader several times what its pixels do, and datasets have 400,000 of them; large ones take as long as libpng.
 * Transparency is dropped, 16 bits keep their higher byte, colour profiles and gamma are not applied: as OpenCV's `imread`.
 * W3C Portable Network Graphics (PNG) Specification, third edition.
 */
import { crc32, inflateSync } from "node:zlib";
import { type Picture, pictureOf } from "@fer/core/pixels";
import type { FoundHeader } from "./headers/found-header.js";
import { exifOrientation } from "./headers/exif.js";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Channels and depths of each colour type (section 11.2.1). */
const COLOUR_TYPES: Record<number, { channels: 1 | 2 | 3 | 4; depths: readonly number[] }> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};
const PALETTE = 3;

/** Adam7 (section 8.1): first column and row of each pass, and the steps to the next. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const WHOLE = [[0, 0, 1, 1]] as const;

interface Chunk {
  type: string;
  data: Buffer;
  /** Whether its checksum is right. */
  isSound: () => boolean;
}

export function pngHeader(bytes: Buffer): FoundHeader | string | undefined {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) return undefined;
  if (bytes.length < 33) return "a PNG that is cut off within its header";
  let [frames, orientation] = [1, 1];
  for (const { type, data, isSound } of chunks(bytes)) {
    if (type === "CgBI")
      return "a PNG of Apple's own kind (CgBI), which is not read: convert it with pngcrush -revert-iphone-optimizations";
    if (type === "acTL" && data.length === 8) frames = data.readUInt32BE(0);
    if (type === "eXIf" && isSound()) orientation = exifOrientation(data);
    if (type === "tEXt" || type === "zTXt") orientation = orientationInText(data) ?? orientation;
  }
  return { format: "png", width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), frames, orientation };
}

/**
 * The picture, as stored (not turned).
 *
 * @throws Error that says what is damaged: a checksum, a missing part, a filter or colour that does not exist.
 */
export function readPng(bytes: Buffer): Picture {
  const parts: Buffer[] = [];
  let palette: Buffer | undefined;
  let end = false;
  for (const { type, data, isSound } of chunks(bytes)) {
    // what is not critical may be broken: it is not looked at
    if (type.charCodeAt(0) & 32) continue;
    if (!isSound()) throw new Error(`the checksum of its part ${type} is wrong`);
    if (type === "IDAT") parts.push(data);
    else if (type === "PLTE") palette = data;
    else if (type === "IEND") end = true;
    else if (type !== "IHDR") throw new Error(`the part ${JSON.stringify(type)} is not known`);
  }
  if (!end) throw new Error("it is cut off");
  const layout = layoutOf(bytes);
  const lines = inflated(parts.length === 1 ? parts[0]! : Buffer.concat(parts), sizeOf(layout));
  const samples = layout.isInterlaced ? weave(lines, layout) : samplesOf(unfilter(lines, layout), layout);
  const { width, height, channels } = layout;
  if (layout.type !== PALETTE) return pictureOf(samples, { width, height, channels });
  return pictureOf(coloured(samples, palette), { width, height, channels: 3 });
}

/** Orientation in the text by which ImageMagick stored Exif before PNG had a place for it: hex digits under a name. */
function orientationInText(data: Buffer): number | undefined {
  const [key] = /^Raw profile type (?:exif|APP1)\0/.exec(data.toString("latin1", 0, 32)) ?? [];
  if (key === undefined) return undefined;
  const rest = data.subarray(key.length);
  try {
    const text = rest[0] === 0 ? inflateSync(rest.subarray(1), { maxOutputLength: 1 << 20 }) : rest;
    const [, , , ...digits] = text.toString("latin1").split("\n");
    return exifOrientation(Buffer.from(digits.join(""), "hex"));
  } catch {
    // a comment that is damaged says nothing
    return undefined;
  }
}

function* chunks(bytes: Buffer): Generator<Chunk> {
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) return;
    const body = bytes.subarray(at + 4, end);
    const type = body.toString("latin1", 0, 4);
    const sum = bytes.readUInt32BE(end);
    yield { type, data: body.subarray(4), isSound: () => crc32(body) === sum };
    if (type === "IEND") return;
    at = end + 4;
  }
}

interface Layout {
  width: number;
  height: number;
  depth: number;
  /** Colour type. */
  type: number;
  channels: 1 | 2 | 3 | 4;
  isInterlaced: boolean;
}

function layoutOf(bytes: Buffer): Layout {
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const [depth, type, compression, filter, interlacing] = bytes.subarray(24, 29) as unknown as number[];
  const colours = COLOUR_TYPES[type!];
  if (bytes.readUInt32BE(8) !== 13 || bytes.toString("latin1", 12, 16) !== "IHDR") throw new Error("it has no header");
  if (!colours?.depths.includes(depth!)) throw new Error(`the colour type ${type} of ${depth} bits does not exist`);
  if (compression !== 0 || filter !== 0 || interlacing! > 1) throw new Error("it is of an unknown version");
  return { width, height, depth: depth!, type: type!, channels: colours.channels, isInterlaced: interlacing === 1 };
}

/** Bytes of a line of so many pixels. */
const strideOf = (width: number, { depth, channels }: Layout): number => Math.ceil((width * channels * depth) / 8);

/** Pixels of a pass across and down. */
const passSize = ({ width, height }: Layout, [x, y, across, down]: (typeof ADAM7 | typeof WHOLE)[number]) => ({
  width: Math.ceil((width - x) / across),
  height: Math.ceil((height - y) / down),
});

/** Bytes that the lines of all passes make, each with its filter. */
function sizeOf(layout: Layout): number {
  return (layout.isInterlaced ? ADAM7 : WHOLE).reduce((sum, pass) => {
    const { width, height } = passSize(layout, pass);
    return width > 0 && height > 0 ? sum + (strideOf(width, layout) + 1) * height : sum;
  }, 0);
}

/** Deflate makes no byte out of less than this part of one: what claims more has not the data for its size. */
const LARGEST_RATIO = 1032;
/** Bytes that are made room for at once: so few at least that they have memory of their own, and are not part of a pool. */
const SMALLEST_CHUNK = 1 << 12;
const LARGEST_CHUNK = 1 << 24;

function inflated(data: Buffer, length: number): Buffer {
  let lines: Buffer;
  if (data.length * LARGEST_RATIO < length) throw new Error(`it has too little data for ${length} bytes of pixels`);
  try {
    const chunkSize = Math.max(SMALLEST_CHUNK, Math.min(length + 1, LARGEST_CHUNK));
    lines = inflateSync(data, { chunkSize, maxOutputLength: length + 1 });
  } catch (cause) {
    throw new Error(`its data cannot be inflated (${(cause as Error).message})`, { cause });
  }
  if (lines.length < length) throw new Error(`it has ${lines.length} bytes of pixels where ${length} belong`);
  return lines;
}

/**
 * Undoes the filter of every line (section 9), in place: a line moves to where the one before it ends, before its own
 * filter. @returns the lines without their filters, in the memory of `lines`
 */
function unfilter(lines: Uint8Array, layout: Layout): Uint8Array {
  const { height } = layout;
  const stride = strideOf(layout.width, layout);
  const step = Math.max(1, (layout.channels * layout.depth) >> 3);
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1) + 1;
    const filter = lines[from - 1]!;
    const line = { lines, from, to: y * stride, stride, step };
    if (filter > 4) throw new Error(`the filter ${filter} of line ${y} does not exist`);
    if (filter === 0 || (filter === 2 && y === 0)) lines.copyWithin(line.to, from, from + stride);
    else if (filter === 2) addAbove(line);
    // a line of zeros lies above the first: the pixel to the left is what Paeth comes to, and half of it the mean
    else if (filter === 1 || (filter === 4 && y === 0)) addLeft(line);
    else if (filter === 3) addMean(line, y > 0);
    else addPaeth(line);
  }
  return new Uint8Array(lines.buffer, lines.byteOffset, stride * height);
}

/** A line that stands at `from`, and is to stand at `to`, before that; the one above it ends at `to`. */
interface Line {
  lines: Uint8Array;
  from: number;
  to: number;
  stride: number;
  /** Bytes of a pixel: what is left of a byte stands so many before it. */
  step: number;
}

function addAbove({ lines, from, to, stride }: Line): void {
  for (let i = 0; i < stride; i++) lines[to + i] = lines[from + i]! + lines[to + i - stride]!;
}

function addLeft({ lines, from, to, stride, step }: Line): void {
  lines.copyWithin(to, from, from + step);
  for (let i = step; i < stride; i++) lines[to + i] = lines[from + i]! + lines[to + i - step]!;
}

function addMean({ lines, from, to, stride, step }: Line, isBelow: boolean): void {
  for (let i = 0; i < stride; i++) {
    const left = i < step ? 0 : lines[to + i - step]!;
    const above = isBelow ? lines[to + i - stride]! : 0;
    lines[to + i] = lines[from + i]! + ((left + above) >> 1);
  }
}

function addPaeth({ lines, from, to, stride, step }: Line): void {
  // nothing is to the left of the first pixel: Paeth comes to what is above
  for (let i = 0; i < step; i++) lines[to + i] = lines[from + i]! + lines[to + i - stride]!;
  if (step === 1) addPaethGrey({ lines, from, to, stride, step });
  else
    for (let i = step; i < stride; i++) {
      const above = to + i - stride;
      lines[to + i] = lines[from + i]! + paeth(lines[to + i - step]!, lines[above]!, lines[above - step]!);
    }
}

/** The pixels but the first of a line of one byte each: what stands to the left need not be read again. */
function addPaethGrey({ lines, from, to, stride }: Line): void {
  let left = lines[to]!;
  let corner = lines[to - stride]!;
  for (let i = 1; i < stride; i++) {
    const above = lines[to + i - stride]!;
    left = (lines[from + i]! + paeth(left, above, corner)) & 255;
    lines[to + i] = left;
    corner = above;
  }
}

/** Without a branch, which noise would make the processor guess wrong at every second pixel: half the time. */
// oxlint-disable-next-line max-params -- numeric inner loop
function paeth(left: number, above: number, corner: number): number {
  const toLeft = magnitude(above - corner);
  const toAbove = magnitude(left - corner);
  const toCorner = magnitude(left + above - 2 * corner);
  const notLeft = ((toAbove - toLeft) | (toCorner - toLeft)) >> 31;
  const notAbove = (toCorner - toAbove) >> 31;
  return (left & ~notLeft) | (((above & ~notAbove) | (corner & notAbove)) & notLeft);
}

const magnitude = (value: number) => (value ^ (value >> 31)) - (value >> 31);

/** Lines of any depth as one byte a sample: the higher one of 16 bits, fewer than 8 spread over 0..255 unless they are an index. */
function samplesOf(data: Uint8Array, layout: Layout): Uint8Array {
  const { width, height, depth, channels, type } = layout;
  if (depth === 8) return data;
  const n = width * channels;
  const stride = strideOf(width, layout);
  const samples = new Uint8Array(n * height);
  if (depth === 16) {
    for (let i = 0; i < samples.length; i++) samples[i] = data[2 * i]!;
    return samples;
  }
  const largest = (1 << depth) - 1;
  const scale = type === PALETTE ? 1 : 255 / largest;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < n; x++) {
      const bit = x * depth;
      samples[to++] = ((data[y * stride + (bit >> 3)]! >> (8 - depth - (bit & 7))) & largest) * scale;
    }
  }
  return samples;
}

/** The pixels of the seven passes, each put in its place. */
function weave(lines: Uint8Array, layout: Layout): Uint8Array {
  const { width, height, channels } = layout;
  const all = new Uint8Array(width * height * channels);
  let start = 0;
  for (const pass of ADAM7) {
    const size = passSize(layout, pass);
    if (size.width <= 0 || size.height <= 0) continue;
    const part = { ...layout, ...size };
    const samples = samplesOf(unfilter(lines.subarray(start), part), part);
    start += (strideOf(size.width, part) + 1) * size.height;
    const [left, top, across, down] = pass;
    for (let y = 0, from = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        const to = ((top + y * down) * width + left + x * across) * channels;
        for (let c = 0; c < channels; c++) all[to + c] = samples[from++]!;
      }
    }
  }
  return all;
}

function coloured(indices: Uint8Array, palette: Buffer | undefined): Uint8Array {
  if (palette === undefined) throw new Error("its palette is missing");
  const data = new Uint8Array(indices.length * 3);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * 3;
    if (from + 3 > palette.length)
      throw new Error(`a pixel has the colour ${indices[i]}, its palette only ${palette.length / 3}`);
    data[3 * i] = palette[from]!;
    data[3 * i + 1] = palette[from + 1]!;
    data[3 * i + 2] = palette[from + 2]!;
  }
  return data;
}
