/**
 * Which pictures show the same photo: once more compressed, resized, cut, mirrored, brighter or blurred. Candidates have
 * near hashes (`HashIndex` of @fer/core), and are then compared by their pixels (`same-photo.ts`). Chains of pictures are one
 * photo. No quadratic time: of the candidates of a picture the nearest are looked at.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { HASH_INDEX_BITS, type HashHalves, HashIndex, type TaskHooks } from "@fer/core";
import { likeness, type Placement, SAME_PHOTO } from "./same-photo.js";
import { SIDE, SKETCH_BYTES, WINDOWS } from "./sketch.js";

/** Pictures to compare. */
export interface SketchedPictures {
  /** Sketches one after another, `[n, SKETCH_BYTES]`. */
  sketches: Uint8Array;
  /** sha256 of the grey pixels of each: those that have the same are one photo unseen. */
  pixelHashes: readonly string[];
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
 * console.log((await photosOf({ sketches, pixelHashes: ["a", "b"] })).photos); // Uint32Array(2) [ 0, 0 ]
 * ```
 */
export async function photosOf(
  { sketches, pixelHashes, sides, above = SAME_PHOTO }: SketchedPictures,
  { onProgress, signal }: TaskHooks = {},
): Promise<Photos> {
  const photos = Uint32Array.from(pixelHashes.keys());
  const rootOf = (i: number): number => {
    let at = i;
    while (photos[at] !== at) at = photos[at] = photos[photos[at]!]!;
    return at;
  };
  const join = (i: number, j: number): void => {
    const [a, b] = [rootOf(i), rootOf(j)];
    photos[Math.max(a, b)] = Math.min(a, b);
  };
  const { seen, sidesOf } = distinct({ pixelHashes, sides }, join);
  const searches = [...new Set(seen.map((i) => sidesOf[i]!))].map((side) => ({
    side,
    search: new Search(
      sketches,
      seen.filter((i) => sidesOf[i] === side && !isBlank(sketches, i)),
    ),
  }));
  const pairs: Photos["pairs"] = [];
  /** Those that had more candidates than were looked at. */
  const crowded = new Set<number>();
  let turn = performance.now();
  for (const [done, i] of seen.entries()) {
    if (performance.now() - turn > TURN) {
      await nextTurn();
      signal?.throwIfAborted();
      onProgress?.({ stage: "twins", done, total: seen.length, unit: "images" });
      turn = performance.now();
    }
    if (isBlank(sketches, i)) continue;
    const across = searches.filter(({ side }) => areApart(sidesOf[i]!, side));
    const candidates = across.flatMap(({ search }) => search.candidates(i));
    if (candidates.length >= MOST) crowded.add(i);
    for (const { position: j, start, isWhole } of candidates) {
      // where the whole pictures have near hashes, the earlier one has seen the later one
      if ((isWhole && j < i && !crowded.has(j)) || rootOf(i) === rootOf(j)) continue;
      const found = likeness(small(sketches, j), { on: small(sketches, i), start });
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
  { pixelHashes, sides }: Pick<SketchedPictures, "pixelHashes" | "sides">,
  join: (i: number, j: number) => void,
): { seen: number[]; sidesOf: Uint8Array } {
  const first = new Map<string, number>();
  const sidesOf = sides === undefined ? new Uint8Array(pixelHashes.length).fill(3) : sides.slice();
  for (const [i, hash] of pixelHashes.entries()) {
    const known = first.get(hash);
    if (known === undefined) first.set(hash, i);
    else {
      join(known, i);
      sidesOf[known]! |= sidesOf[i]!;
    }
  }
  return { seen: [...first.values()].filter((i) => sidesOf[i] !== 0), sidesOf };
}

/** Whether one of them is on a side on which the other is not, or both are on several. */
const areApart = (a: number, b: number): boolean => a !== b || (a & (a - 1)) !== 0;

const small = (sketches: Uint8Array, i: number): Uint8Array =>
  sketches.subarray(i * SKETCH_BYTES, i * SKETCH_BYTES + SIDE * SIDE);

/** A small picture is stretched to 255, unless there is nothing to be seen. */
const isBlank = (sketches: Uint8Array, i: number): boolean => !small(sketches, i).includes(255);

// oxlint-disable-next-line max-params -- numeric inner loop
function hashOf(sketches: Uint8Array, i: number, window: number): HashHalves {
  const at = i * SKETCH_BYTES + SIDE * SIDE + 8 * window;
  const half = (from: number): number =>
    ((sketches[from]! << 24) | (sketches[from + 1]! << 16) | (sketches[from + 2]! << 8) | sketches[from + 3]!) >>> 0;
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
  readonly #sketches: Uint8Array;
  readonly #index: HashIndex;
  /** Pictures of each hash of the index. */
  readonly #members: number[][] = [];
  /** Smallest distance found for a hash of the index, and the start that it was found with. */
  readonly #distance: Uint8Array;
  readonly #start: Uint8Array;

  constructor(sketches: Uint8Array, pictures: readonly number[]) {
    this.#sketches = sketches;
    const known = new Map<string, number[]>();
    const halves: number[] = [];
    for (const i of pictures) {
      const { high, low } = hashOf(sketches, i, 0);
      const members = known.get(`${high} ${low}`);
      if (members !== undefined) {
        members.push(i);
        continue;
      }
      known.set(`${high} ${low}`, [i]);
      halves.push(high, low);
    }
    this.#members = [...known.values()];
    this.#index = new HashIndex(Uint32Array.from(halves));
    this.#distance = new Uint8Array(this.#members.length).fill(NONE);
    this.#start = new Uint8Array(this.#members.length);
  }

  /** Pictures that may show the photo of another one, the nearest first, {@link MOST} at most. */
  candidates(i: number): Candidate[] {
    const found: number[] = [];
    for (let start = 0; start < STARTS.length; start++) {
      const hash = hashOf(this.#sketches, i, start >> 1);
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
      for (const position of this.#members[at]!) {
        if (position === i || candidates.length === MOST) continue;
        candidates.push({ position, ...STARTS[this.#start[at]!]! });
      }
    }
    return candidates;
  }
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
