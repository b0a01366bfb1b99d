/**
 * Looks for what stands on both sides of a split: the same pixels, nearly the same pixels, the same groups; and for
 * the same pixels under two labels. `full` repeats the other parts and is left out.
 */
import type { LeakReport, Part } from "./set/schema.js";

/** What the search needs of a sample. */
export interface LeakSample {
  label: number;
  group: string | null;
  pixelHash: string;
  /** 64-bit difference hash, 16 hex digits. */
  dhash: string;
  /** Parts that the sample is in. */
  parts: readonly Part[];
}

/** Difference hashes that differ in at most this many of 64 bits count as near. */
export const NEAR_BITS = 2;

/**
 * Counts leaks between the parts of a set.
 *
 * @example
 * ```ts
 * import { findLeaks } from "@fer/split-assembler";
 *
 * const sample = { label: 0, group: "a", pixelHash: "00", dhash: "0123456789abcdef" };
 * console.log(findLeaks([{ ...sample, parts: ["train"] }, { ...sample, parts: ["test"] }]));
 * // { exact: 1, near: 0, groups: 1, conflicts: 0 }
 * ```
 */
export function findLeaks(samples: readonly LeakSample[]): LeakReport {
  const train = samples.filter((sample) => sample.parts.includes("train"));
  const heldOut = samples.filter((sample) => sample.parts.includes("val") || sample.parts.includes("test"));
  const pixels = new Set(train.map((sample) => sample.pixelHash));
  const isNear = nearIndex(train.map((sample) => sample.dhash));
  let exact = 0;
  let near = 0;
  for (const sample of heldOut) {
    if (pixels.has(sample.pixelHash)) exact += 1;
    else if (isNear(sample.dhash)) near += 1;
  }
  return { exact, near, groups: groupsInTwoParts(samples), conflicts: countConflicts(samples) };
}

function groupsInTwoParts(samples: readonly LeakSample[]): number {
  const first = new Map<string, Part>();
  const shared = new Set<string>();
  for (const { group, parts } of samples) {
    if (group === null) continue;
    for (const part of parts) {
      if (part === "full") continue;
      const known = first.get(group);
      if (known === undefined) first.set(group, part);
      else if (known !== part) shared.add(group);
    }
  }
  return shared.size;
}

/** Samples whose pixels are also there under another label. */
function countConflicts(samples: readonly LeakSample[]): number {
  const seen = new Map<string, { label: number; count: number; conflict: boolean }>();
  for (const { pixelHash, label } of samples) {
    const known = seen.get(pixelHash);
    if (known === undefined) seen.set(pixelHash, { label, count: 1, conflict: false });
    else {
      known.count += 1;
      known.conflict ||= known.label !== label;
    }
  }
  let conflicts = 0;
  for (const { count, conflict } of seen.values()) if (conflict) conflicts += count;
  return conflicts;
}

/**
 * Whether a hash is within {@link NEAR_BITS} of a known one. Two such hashes agree in at least one of four 16-bit
 * quarters, so only hashes that share a quarter are compared.
 */
function nearIndex(hashes: readonly string[]): (hash: string) => boolean {
  const halves = new Uint32Array(hashes.length * 2);
  const quarters = Array.from({ length: 4 }, () => new Map<number, number[]>());
  hashes.forEach((hash, i) => {
    halves[2 * i] = Number.parseInt(hash.slice(0, 8), 16);
    halves[2 * i + 1] = Number.parseInt(hash.slice(8), 16);
    quarters.forEach((index, q) => {
      const key = quarter(hash, q);
      const known = index.get(key);
      if (known === undefined) index.set(key, [i]);
      else known.push(i);
    });
  });
  return (hash) => {
    const high = Number.parseInt(hash.slice(0, 8), 16);
    const low = Number.parseInt(hash.slice(8), 16);
    return quarters.some((index, q) =>
      (index.get(quarter(hash, q)) ?? []).some(
        (i) => bits(halves[2 * i]! ^ high) + bits(halves[2 * i + 1]! ^ low) <= NEAR_BITS,
      ),
    );
  };
}

function quarter(hash: string, q: number): number {
  return Number.parseInt(hash.slice(4 * q, 4 * q + 4), 16);
}

/** Number of set bits of a 32-bit number (Warren, Hacker's Delight, 5-1). */
function bits(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
