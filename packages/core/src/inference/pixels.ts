/**
 * What is done to the pixels of a picture, in WebAssembly (`wasm/pixels.ts`): a few microseconds a picture of 48 x 48.
 * Equal inputs give equal bytes on every machine: all of it is integer, or double precision with one rounding at the
 * end.
 */
import { STANDARDIZED } from "../run/preprocessing.js";
import { PIXELS_WASM } from "./pixels-wasm.js";

/** Raw picture: `[size, size, channels]` NHWC uint8, 0..255. */
export interface Picture {
  pixels: Uint8Array;
  size: number;
  channels: number;
}

/**
 * Where an output pixel comes from: `x' = a x + b y + c`, `y' = d x + e y + f`, in halves of the picture's edge from
 * its centre (so both coordinates run from -1 to 1, y down).
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** A change of light: contrast about the picture's mean by a factor, then an offset in grey levels. */
export interface Tone {
  factor: number;
  offset: number;
}

/** Exports of the module; all pointers are bytes. */
interface Loops {
  standardize(pixels: number, n: number, curve: number, mean: number, deviation: number): void;
  tone(pixels: number, n: number, curve: number, factor: number, offset: number): void;
  blend(a: number, b: number, out: number, n: number, share: number): void;
  pad(source: number, padded: number, size: number, edge: number): void;
  warpPadded(padded: number, out: number, size: number, width: number, ...map: FixedMap): void;
  warpAny(source: number, out: number, size: number, channels: number, ...map: FixedMap): void;
}

/** An affine map of pixel positions in 16.16 fixed point: of the first pixel, of a column, of a row. */
type FixedMap = [x0: number, y0: number, ax: number, bx: number, dy: number, ey: number];

/** The part of WebAssembly that is needed; the types of Node have no values for it. */
interface WasmApi {
  Memory: new (descriptor: { initial: number }) => { buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
}
const wasm = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;

let compiled: object | undefined;
const PAGE = 65536;
const ONE = 65536;
/** Bytes that may be read, but are not used, beyond both ends of a picture. */
const SLACK = 16;

/**
 * A place for one picture at a time, of one shape. Put it into `source`; `warp` carries it to `out`, the other methods
 * change one of the two in place. Both stay where they are.
 */
export class PixelBench {
  /** `[size, size, channels]`. */
  readonly source: Uint8Array;
  /** `[size, size, channels]`. */
  readonly out: Uint8Array;
  readonly #loops: Loops;
  readonly #size: number;
  readonly #channels: number;
  /** Pixels around a picture in which maps of usual strength stay. */
  readonly #edge: number;
  readonly #at: { source: number; out: number; curve: number; padded: number };

  constructor({ size, channels }: Pick<Picture, "size" | "channels">) {
    const length = size * size * channels;
    this.#size = size;
    this.#channels = channels;
    this.#edge = Math.ceil(size / 3);
    const padded = channels === 1 ? (size + 2 * this.#edge) ** 2 : 0;
    const source = SLACK;
    const out = source + length + SLACK;
    const curve = out + length + SLACK;
    const at = { source, out, curve, padded: curve + 256 };
    const memory = new wasm.Memory({ initial: Math.ceil((at.padded + padded + SLACK) / PAGE) });
    compiled ??= new wasm.Module(Uint8Array.from(atob(PIXELS_WASM), (char) => char.charCodeAt(0)));
    const { exports } = new wasm.Instance(compiled, { env: { memory } });
    this.#loops = exports as Loops;
    this.#at = at;
    this.source = new Uint8Array(memory.buffer, at.source, length);
    this.out = new Uint8Array(memory.buffer, at.out, length);
  }

  /** Takes exposure and contrast out of `source`, as {@link standardize} does. */
  standardize(): void {
    const { source, curve } = this.#at;
    this.#loops.standardize(source, this.source.length, curve, STANDARDIZED.mean, STANDARDIZED.deviation);
  }

  /**
   * One bilinear affine pass from `source` to `out`, in 16.16 fixed point. Positions outside of the picture take the
   * nearest edge pixel.
   */
  warp(map: Affine): void {
    const { source, out, padded } = this.#at;
    const fixed = fixedMap(map, this.#size);
    const size = this.#size;
    const edge = this.#edge;
    if (this.#channels !== 1 || !staysWithin(fixed, { size, edge })) {
      this.#loops.warpAny(source, out, size, this.#channels, ...fixed);
      return;
    }
    const [x0, y0, ...steps] = fixed;
    this.#loops.pad(source, padded, size, edge);
    this.#loops.warpPadded(padded, out, size, size + 2 * edge, x0 + edge * ONE, y0 + edge * ONE, ...steps);
  }

  /** Changes the light of `out`. */
  tone({ factor, offset }: Tone): void {
    this.#loops.tone(this.#at.out, this.out.length, this.#at.curve, factor, offset);
  }

  /** Puts `source * share + out * (1 - share)`, rounded, into `out`. */
  blend(share: number): void {
    const { source, out } = this.#at;
    this.#loops.blend(source, out, out, this.out.length, share);
  }
}

function fixedMap([a, b, c, d, e, f]: Affine, size: number): FixedMap {
  // Pixel centres: u = (2 x + 1) / size - 1.
  const half = size / 2;
  const start = 0.5 - half;
  return [
    Math.round((a * start + b * start + c * half + half - 0.5) * ONE),
    Math.round((d * start + e * start + f * half + half - 0.5) * ONE),
    Math.round(a * ONE),
    Math.round(b * ONE),
    Math.round(d * ONE),
    Math.round(e * ONE),
  ];
}

/** Whether a map reads at most `edge` pixels beyond the border: it does where its corners do. */
function staysWithin([x0, y0, ax, bx, dy, ey]: FixedMap, { size, edge }: { size: number; edge: number }): boolean {
  const last = size - 1;
  const low = -edge * ONE;
  const high = (last + edge) * ONE;
  for (const column of [0, last]) {
    for (const row of [0, last]) {
      const x = x0 + column * ax + row * bx;
      const y = y0 + column * dy + row * ey;
      if (x < low || x >= high || y < low || y >= high) return false;
    }
  }
  return true;
}

/** Benches by shape, for callers who have a picture now and then. */
const benches = new Map<string, PixelBench>();

/** A bench for pictures of this shape; the same one each time. */
export function benchFor({ size, channels }: Pick<Picture, "size" | "channels">): PixelBench {
  const key = `${size} ${channels}`;
  let bench = benches.get(key);
  if (bench === undefined) benches.set(key, (bench = new PixelBench({ size, channels })));
  return bench;
}

/**
 * Takes exposure and contrast out of images `[count, size, size, channels]`, in place: the grey levels of each get mean
 * 128 and standard deviation 56, rounded and clipped to 0..255; all channels of an image go together. Done before
 * augmentation and before prediction, on the raw pixels, so that the network's input stays uint8; `model.json` says
 * whether a model wants it.
 */
export function standardize(images: Uint8Array, shape: Pick<Picture, "size" | "channels">): void {
  const bench = benchFor(shape);
  const length = bench.source.length;
  for (let from = 0; from < images.length; from += length) {
    const image = images.subarray(from, from + length);
    bench.source.set(image);
    bench.standardize();
    image.set(bench.source);
  }
}
