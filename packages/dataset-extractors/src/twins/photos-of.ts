/**
 * Which pictures show the same photo: once more compressed, resized, cut, mirrored, brighter or blurred. Candidates have
 * near hashes (`HashIndex` of @fer/core), and are then compared by their pixels (`same-photo.ts`). Chains of pictures are one
 * photo. No quadratic time: of the candidates of a picture the nearest are looked at.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type ByteStore, HASH_INDEX_BITS, type HashHalves, HashIndex, NumberMap, type TaskHooks } from "@fer/core";
import { likeness, type Placement, SAME_PHOTO } from "./same-photo.js";
import { SIDE, SKETCH_BYTES, WINDOWS } from "./sketch.js";

/** Pictures to compare. */
export interface SketchedPictures {
  /** Sketches one after another, `[n, SKETCH_BYTES]`. */
  sketches: Uint8Array | ByteStore;
  /** What pictures of the same pixels share, a hash or a number from 0 on: they are one photo unseen. */
  pixels: readonly string[] | Uint32Array;
  /** Sides that each is on, as bits: only pictures on different ones are compared. All with all where it is left out. */
  sides?: Uint8Array | undefined;
  /** Likeness above which two show one photo, default {@link SAME_PHOTO}. */
  above?: number;
}

/** What {@link photosOf} finds. */
export interface Photos {
  /** A number for each picture: the position of the first one of its photo. */
  photos: Uint32Array;
  /** Pictures of different pixels that were found to show the same photo, and how alike they are. */
  pairs: { first: number; second: number; likeness: number }[];
}

/** Most candidates of a picture that are compared, the nearest hashes first. */
const MOST = 256;
/** Milliseconds without a turn for the rest of the program. */
const TURN = 40;

/**
 * Numbers the photos.
 *
 * @throws `signal.reason` when stopped
 * @example
 * ```ts
 * import { photosOf, sketchOf } from "@fer/dataset-extractors/twins";
 *
 * const rings = Uint8Array.from({ length: 2304 }, (_, i) => 128 + 99 * Math.sin(((i % 48) - 20) ** 2 / 60 + (i / 480 - 2) ** 2));
 * const brighter = rings.map((level) => Math.min(level + 20, 255));
 * const pictures = [rings, brighter].map((data) => ({ width: 48, height: 48, channels: 1 as const, data }));
 * const sketches = Uint8Array.from(pictures.flatMap((picture) => [...sketchOf(picture)]));
 * console.log((await photosOf({ sketches, pixels: ["a", "b"] })).photos); // Uint32Array(2) [ 0, 0 ]
 * ```
 */
export async function photosOf(
  { sketches, pixels, sides, above = SAME_PHOTO }: SketchedPictures,
  { onProgress, signal }: TaskHooks = {},
): Promise<Photos> {
  const photos = positionsOf(pixels.length);
  const rootOf = (i: number): number => {
    let at = i;
    while (photos[at] !== at) at = photos[at] = photos[photos[at]!]!;
    return at;
  };
  const join = (i: number, j: number): void => {
    const [a, b] = [rootOf(i), rootOf(j)];
    photos[Math.max(a, b)] = Math.min(a, b);
  };
  const { seen, sidesOf } = distinct({ pixels, sides }, join);
  const [own, other] = [reader(sketches), reader(sketches)];
  const visible = seen.filter((i) => !isBlank(own(i)));
  const searches = [...new Set(visible.map((i) => sidesOf[i]!))].map((side) => ({
    side,
    search: new Search(
      own,
      visible.filter((i) => sidesOf[i] === side),
    ),
  }));
  const pairs: Photos["pairs"] = [];
  /** Those that had more candidates than were looked at. */
  const crowded = new Set<number>();
  let turn = performance.now();
  for (const [done, i] of visible.entries()) {
    if (performance.now() - turn > TURN) {
      await nextTurn();
      signal?.throwIfAborted();
      onProgress?.({ stage: "twins", done, total: visible.length, unit: "images" });
      turn = performance.now();
    }
    const sketch = own(i);
    const across = searches.filter(({ side }) => areApart(sidesOf[i]!, side));
    const candidates = across.flatMap(({ search }) => search.candidates(i, sketch));
    if (candidates.length >= MOST) crowded.add(i);
    for (const { position: j, start, isWhole } of candidates) {
      // where the whole pictures have near hashes, the earlier one has seen the later one
      if ((isWhole && j < i && !crowded.has(j)) || rootOf(i) === rootOf(j)) continue;
      const found = likeness(small(other(j)), { on: small(sketch), start });
      if (found <= above) continue;
      join(i, j);
      pairs.push({ first: Math.min(i, j), second: Math.max(i, j), likeness: found });
    }
  }
  for (const i of photos.keys()) photos[i] = rootOf(i);
  return { photos, pairs };
}

/** The first of the pictures with the same pixels, which stands for all of them and is on the sides of all. */
function distinct(
  { pixels, sides }: Pick<SketchedPictures, "pixels" | "sides">,
  join: (i: number, j: number) => void,
): { seen: Uint32Array; sidesOf: Uint8Array } {
  const sidesOf = sides === undefined ? new Uint8Array(pixels.length).fill(3) : sides.slice();
  const firstOf = firsts(pixels);
  for (let i = 0; i < pixels.length; i++) {
    const first = firstOf(i);
    if (first === i) continue;
    join(first, i);
    sidesOf[first]! |= sidesOf[i]!;
  }
  return { seen: positionsOf(pixels.length).filter((i) => firstOf(i) === i && sidesOf[i] !== 0), sidesOf };
}

/** 0 to `count` - 1, without the list of boxed numbers that `Uint32Array.from` makes first. */
function positionsOf(count: number): Uint32Array<ArrayBuffer> {
  const positions = new Uint32Array(count);
  for (let i = 0; i < count; i++) positions[i] = i;
  return positions;
}

/** Finds the first picture of the same pixels. */
function firsts(pixels: readonly string[] | Uint32Array): (i: number) => number {
  if (pixels instanceof Uint32Array) {
    const first = new NumberMap({ none: NO_PICTURE });
    for (const [i, number] of pixels.entries()) if (first.get(number) === NO_PICTURE) first.set(number, i);
    return (i) => first.get(pixels[i]!);
  }
  const first = new Map<string, number>();
  for (const [i, hash] of pixels.entries()) if (!first.has(hash)) first.set(hash, i);
  return (i) => first.get(pixels[i]!)!;
}

const NO_PICTURE = -1;

/** Reads a sketch; good until the next is read. */
type Read = (i: number) => Uint8Array;

function reader(sketches: Uint8Array | ByteStore): Read {
  if (sketches instanceof Uint8Array) return (i) => sketches.subarray(i * SKETCH_BYTES, (i + 1) * SKETCH_BYTES);
  const sketch = new Uint8Array(SKETCH_BYTES);
  return (i) => {
    sketches.read(i * SKETCH_BYTES, sketch);
    return sketch;
  };
}

/** Whether one of them is on a side on which the other is not, or both are on several. */
const areApart = (a: number, b: number): boolean => a !== b || (a & (a - 1)) !== 0;

const small = (sketch: Uint8Array): Uint8Array => sketch.subarray(0, SIDE * SIDE);

/** A small picture is stretched to 255, unless there is nothing to be seen. */
const isBlank = (sketch: Uint8Array): boolean => !small(sketch).includes(255);

function hashOf(sketch: Uint8Array, window: number): HashHalves {
  const at = SIDE * SIDE + 8 * window;
  const half = (from: number): number =>
    ((sketch[from]! << 24) | (sketch[from + 1]! << 16) | (sketch[from + 2]! << 8) | sketch[from + 3]!) >>> 0;
  return { high: half(at), low: half(at + 4) };
}

interface Candidate {
  position: number;
  start: Placement;
  /** Whether the whole pictures have near hashes, unmirrored or mirrored. */
  isWhole: boolean;
}

/** Where a window of the picture lies on another one. */
const STARTS: readonly { start: Placement; isWhole: boolean }[] = WINDOWS.flatMap(({ x, y, side }, w) =>
  [1, -1].map((mirror) => ({
    start: {
      scaleX: mirror * side,
      shiftX: (x + side / 2 - 0.5) * SIDE,
      scaleY: side,
      shiftY: (y + side / 2 - 0.5) * SIDE,
    },
    isWhole: w === 0,
  })),
);

/** Finds pictures whose hash is near one of another picture. */
class Search {
  readonly #index: HashIndex;
  /** Pictures by hash; those of the k-th hash of the index are at `#begins[k]` to `#begins[k + 1]`. */
  readonly #pictures: Uint32Array;
  readonly #begins: Uint32Array;
  /** Smallest distance found for a hash of the index, and the start that it was found with. */
  readonly #distance: Uint8Array;
  readonly #start: Uint8Array;

  constructor(read: Read, pictures: Uint32Array) {
    const { halves, numbers } = numbered(pictures, read);
    const count = halves.length / 2;
    this.#pictures = new Uint32Array(pictures.length);
    this.#begins = new Uint32Array(count + 1);
    for (const number of numbers) this.#begins[number + 1]! += 1;
    for (let k = 0; k < count; k++) this.#begins[k + 1]! += this.#begins[k]!;
    const next = this.#begins.slice(0, count);
    for (const [at, number] of numbers.entries()) this.#pictures[next[number]!++] = pictures[at]!;
    this.#index = new HashIndex(halves);
    this.#distance = new Uint8Array(count).fill(NONE);
    this.#start = new Uint8Array(count);
  }

  /** Pictures that may show the photo of another one, the nearest first, {@link MOST} at most. */
  candidates(i: number, sketch: Uint8Array): Candidate[] {
    const found: number[] = [];
    for (let start = 0; start < STARTS.length; start++) {
      const hash = hashOf(sketch, start >> 1);
      this.#index.near(start % 2 === 0 ? hash : mirrored(hash), (at, distance) => {
        if (this.#distance[at] === NONE) found.push(at);
        if (distance >= this.#distance[at]!) return;
        this.#distance[at] = distance;
        this.#start[at] = start;
      });
    }
    const sorted = Array.from({ length: HASH_INDEX_BITS + 1 }, (): number[] => []);
    for (const at of found.sort((a, b) => a - b)) sorted[this.#distance[at]!]!.push(at);
    const candidates: Candidate[] = [];
    for (const at of sorted.flat()) {
      this.#distance[at] = NONE;
      for (let k = this.#begins[at]!; k < this.#begins[at + 1]! && candidates.length < MOST; k++) {
        const position = this.#pictures[k]!;
        if (position !== i) candidates.push({ position, ...STARTS[this.#start[at]!]! });
      }
    }
    return candidates;
  }
}

/** Hashes of whole pictures, `[k, 2]` in the order in which they first come, and which of them each picture has. */
function numbered(pictures: Uint32Array, read: Read): { halves: Uint32Array; numbers: Uint32Array } {
  // a hash table, since sorting a million needs more memory than all that is kept
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * pictures.length + 1)));
  const numbers = new Uint32Array(pictures.length);
  const halves = new Uint32Array(2 * pictures.length);
  let count = 0;
  for (const [at, i] of pictures.entries()) {
    const { high, low } = hashOf(read(i), 0);
    const mask = slots.length - 1;
    let slot = (Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    // one more than the number, 0 for none
    while (slots[slot] !== 0 && (halves[2 * slots[slot]! - 2] !== high || halves[2 * slots[slot]! - 1] !== low))
      slot = (slot + 1) & mask;
    if (slots[slot] === 0) {
      halves[2 * count] = high;
      halves[2 * count + 1] = low;
      count += 1;
      slots[slot] = count;
    }
    numbers[at] = slots[slot]! - 1;
  }
  return { halves: halves.slice(0, 2 * count), numbers };
}

/** No distance. */
const NONE = 255;

/** The difference hash of the mirror image: each row backwards, brighter and darker changed over. */
const mirrored = ({ high, low }: HashHalves): HashHalves => ({
  high: ~backwards(high) >>> 0,
  low: ~backwards(low) >>> 0,
});

/** The bits of each byte in reverse. */
function backwards(value: number): number {
  let v = ((value >>> 1) & 0x55555555) | ((value & 0x55555555) << 1);
  v = ((v >>> 2) & 0x33333333) | ((v & 0x33333333) << 2);
  return ((v >>> 4) & 0x0f0f0f0f) | ((v & 0x0f0f0f0f) << 4);
}
