/**
 * A small assembled set that a network can learn: the label is where the bright patch lies. Written by hand as the
 * set's documentation states it, so that the trainer is tested against the artifact and not against the assembler.
 */
import { hashFile } from "@fer/core/artifact";
import {
  type AssembledSet,
  foldFile,
  type FoldInfo,
  openSet,
  oversampledFile,
  type Part,
  type PartInfo,
  setFiles,
  setFingerprint,
  type Target,
} from "@fer/core/set";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface TinySetOptions {
  /** Samples by part. */
  parts?: Partial<Record<Part, number>>;
  size?: number;
  classes?: string[];
  /** Samples of one group; 0 for no groups. */
  perGroup?: number;
  /** Four votes a sample: three for its class, one for the next; none where the serial number ends in 9. */
  votes?: boolean;
  /** All samples of one class. */
  oneClass?: boolean;
  name?: string;
  /** How often rows of a class come in the oversampled ones; there are none of them where left out. */
  timesDrawn?: (label: number) => number;
  /** One part `all`, and this many folds: fold k tests every k-th group, in the order in which they come. */
  folds?: number;
}

/** `\x93NUMPY` version 1.0, header padded to 64 bytes, C order. */
function npy(descr: string, shape: number[], data: Uint8Array): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), length, Buffer.from(header, "latin1"), data]);
}

/** Writes the set into `folder` and opens it. */
export async function tinySet(folder: string, options: TinySetOptions = {}): Promise<AssembledSet> {
  const { size = 8, perGroup = 4, oneClass = false, name = "tiny", folds: foldCount = 0, votes = false } = options;
  const { parts = foldCount === 0 ? { train: 48, test: 16 } : { all: 48 } } = options;
  const classes = options.classes ?? ["neutral", "anger", "happy"];
  await mkdir(folder, { recursive: true });
  const info: Partial<Record<Part, PartInfo>> = {};
  let serial = 0;
  for (const [part, count] of Object.entries(parts) as [Part, number][]) {
    const images = new Uint8Array(count * size * size);
    const labels = new Float32Array(count * classes.length);
    const counts = new Float32Array(count * classes.length);
    const rows: string[] = [];
    const perClass: Record<string, number> = Object.fromEntries(classes.map((c) => [c, 0]));
    for (let i = 0; i < count; i++, serial++) {
      const label = oneClass ? 0 : serial % classes.length;
      perClass[classes[label]!]!++;
      labels[i * classes.length + label] = 1;
      counts.fill(serial % 10 === 9 ? NaN : 0, i * classes.length, (i + 1) * classes.length);
      counts[i * classes.length + label]! += 3;
      counts[i * classes.length + ((label + 1) % classes.length)]! += 1;
      const image = images.subarray(i * size * size, (i + 1) * size * size);
      for (let p = 0; p < image.length; p++) image[p] = 60 + ((serial * 31 + p * 17) % 40);
      const column = Math.round((label * (size - 3)) / Math.max(1, classes.length - 1));
      for (let y = 2; y < size - 2; y++) for (let x = 0; x < 3; x++) image[y * size + column + x] = 230;
      const group = perGroup === 0 ? null : `tiny/S${String(Math.floor(serial / perGroup)).padStart(3, "0")}`;
      rows.push(
        JSON.stringify({ id: `face-${serial}`, group, source: `tiny/face-${serial}.png`, pixel_hash: String(serial) }),
      );
    }
    const base = join(folder, `${name}_${part}`);
    await writeFile(`${base}_images.npy`, npy("|u1", [count, size, size, 1], images));
    await writeFile(`${base}_labels.npy`, npy("<f4", [count, classes.length], new Uint8Array(labels.buffer)));
    if (votes) await writeFile(`${base}_votes.npy`, npy("<f4", [count, classes.length], new Uint8Array(counts.buffer)));
    await writeFile(`${base}.jsonl`, rows.map((row) => `${row}\n`).join(""));
    info[part] = { count, perClass, groups: new Set(rows.map((row) => JSON.parse(row).group)).size };
  }
  const { timesDrawn } = options;
  const drawn = async (rows: number[], fold: number | null): Promise<{ oversampled?: number }> => {
    if (timesDrawn === undefined) return {};
    const all = rows.flatMap((row) => Array<number>(timesDrawn(row % classes.length)).fill(row));
    const data = new Uint8Array(BigInt64Array.from(all, BigInt).buffer);
    await writeFile(oversampledFile({ folder, name }, fold), npy("<i8", [all.length], data));
    return { oversampled: all.length };
  };
  const folds: FoldInfo[] = [];
  const all = Array.from({ length: foldCount === 0 ? 0 : parts.all! }, (_, row) => row);
  const infoOf = (rows: number[]): PartInfo => ({
    count: rows.length,
    perClass: Object.fromEntries(
      classes.map((c, label) => [c, rows.filter((row) => row % classes.length === label).length]),
    ),
    groups: new Set(rows.map((row) => Math.floor(row / perGroup))).size,
  });
  for (let fold = 0; fold < foldCount; fold++) {
    const isTested = (row: number): boolean => Math.floor(row / perGroup) % foldCount === fold;
    const rows = { train: all.filter((row) => !isTested(row)), test: all.filter(isTested) };
    for (const part of ["train", "test"] as const) {
      const data = new Uint8Array(BigInt64Array.from(rows[part], BigInt).buffer);
      await writeFile(foldFile({ folder, name }, { fold: fold + 1, part }), npy("<i8", [rows[part].length], data));
    }
    const leaks = { exact: 0, near: null, groups: 0, conflicts: 0 };
    const oversampled = await drawn(rows.train, fold + 1);
    folds.push({ name: null, train: infoOf(rows.train), val: null, test: infoOf(rows.test), leaks, ...oversampled });
  }
  const targets: Target[] = votes ? ["votes"] : [];
  const whole = foldCount === 0 ? await drawn([...Array(parts.train ?? 0).keys()], null) : {};
  const contents = {
    name,
    parts: info,
    ...whole,
    ...(foldCount === 0 ? {} : { folds }),
    ...(votes ? { targets } : {}),
  };
  const set = {
    schema: 1,
    classes,
    ...contents,
    policy: foldCount === 0 ? "subject" : "subject-modulo",
    seed: 1,
    image: { size, channels: 1, dtype: "uint8", fit: "stretch", wholeImage: false },
    groupKind: perGroup === 0 ? "none" : "subject",
    imageKind: "crop",
    dropped: {},
    sources: [],
    leaks: { exact: 0, near: null, groups: 0, conflicts: 0 },
    fingerprint: await setFingerprint(setFiles(contents), async (file) => (await hashFile(join(folder, file))).sha256),
    version: "0.1.0",
  };
  await writeFile(join(folder, `${name}.json`), JSON.stringify(set));
  return openSet(join(folder, name));
}
