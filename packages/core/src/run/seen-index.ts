/**
 * What a model that is given away has seen, in a few bytes an image: the training index of its run, shortened. No picture
 * and no name can be made of it; a set can be held against it.
 *
 *     seen-images.npy    [n, 8] uint8: the first bytes of the rows of `training-index.npy`, sorted
 *     seen-groups.npy    [m, 8] uint8: of the sha256 of the names of groups, sorted
 *     seen-hashes.npy    [k, 8] uint8: `training-hashes.npy` as it is; missing where the run keeps none
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FormatError } from "../errors.js";
import { decodeNpyHeader } from "../npy/header.js";
import { rowTexts, sortedRows } from "./byte-rows.js";
import { nearness, type TrainingIndex } from "./training-index.js";

/** Bytes of a row: of a million rows one is taken for a picture that was not seen with a chance of 10^-13. */
const WIDTH = 8;

const FILES = { images: "seen-images.npy", groups: "seen-groups.npy", hashes: "seen-hashes.npy" } as const;

/** What can be asked of it; the training index of a run can be asked the same. */
export type SeenIndex = Pick<TrainingIndex, "hasPixels" | "hasNear" | "fingerprint"> & {
  groups: Pick<ReadonlySet<string>, "has">;
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest().subarray(0, WIDTH);

/** The files, by name. */
export function seenIndexFiles({ digests, groups, hashes }: TrainingIndex): Record<string, Uint8Array> {
  const file = (rows: Buffer[]): Buffer => sortedRows(rows, WIDTH);
  return {
    [FILES.images]: file(Array.from(digests, (row) => Buffer.from(row.slice(0, WIDTH), "latin1"))),
    [FILES.groups]: file(Array.from(groups, digest)),
    ...(hashes === null ? {} : { [FILES.hashes]: file(Array.from(hashes, (hash) => Buffer.from(hash, "hex"))) }),
  };
}

/** The index in a folder; `null` where there is none. @throws FormatError where a file of it is damaged */
export async function readSeenIndex(folder: string): Promise<SeenIndex | null> {
  const bytesOf = (file: string): Promise<Buffer | null> => readFile(join(folder, file)).catch(() => null);
  const [images, groups, hashes] = await Promise.all(Object.values(FILES).map(bytesOf));
  if (images == null || groups == null) return null;
  const rows = (bytes: Buffer, { file, as }: { file: string; as: BufferEncoding }): string[] => {
    const { dtype, shape, dataOffset } = decodeNpyHeader(bytes, join(folder, file));
    const [count, width] = shape;
    if (dtype !== "uint8" || shape.length !== 2 || width !== WIDTH || bytes.length !== dataOffset + count! * WIDTH) {
      throw new FormatError({
        code: "BAD_MODEL",
        subject: join(folder, file),
        found: `${dtype}, shape [${shape.join(", ")}], ${bytes.length - dataOffset} bytes`,
        expected: `uint8, shape [n, ${WIDTH}], and n * ${WIDTH} bytes`,
        fix: "Export the model again",
      });
    }
    return rowTexts(bytes, { from: dataOffset, width: WIDTH, as });
  };
  const seen = new Set(rows(images, { file: FILES.images, as: "latin1" }));
  const named = new Set(rows(groups, { file: FILES.groups, as: "latin1" }));
  return {
    hasPixels: (pixelHash) => seen.has(digest(pixelHash).toString("latin1")),
    hasNear: nearness(hashes == null ? null : rows(hashes, { file: FILES.hashes, as: "hex" })).hasNear,
    groups: { has: (group) => named.has(digest(group).toString("latin1")) },
    fingerprint: createHash("sha256").update(images).update(groups).digest("hex"),
  };
}
