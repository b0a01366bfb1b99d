/** The image folder at a target: what it was made of, and whether it still is what was written. */
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { DatasetError, FerError } from "@fer/core";
import { type Existing, type Identity, MANIFEST } from "@fer/core/artifact";
import { type DatasetInfo, readDescription } from "@fer/core/image-folder";

/** Raised when the same source and options give other bytes. */
export const FORMAT = 2;

/** What an extraction at `folder` was made of; `null` where there is none. */
export async function existingExtraction(folder: string): Promise<Existing | null> {
  try {
    const { info, manifest } = await readDescription(folder);
    return { identity: manifest?.identity ?? identityOf(info) };
  } catch (error) {
    if (!(error instanceof FerError) || error.code === "NO_IMAGE_FOLDER") return null;
    // a dataset.json of another program
    if (error.code === "BAD_IMAGE_FOLDER" && !existsSync(path.join(folder, MANIFEST))) return null;
    return { identity: null, problem: error.message };
  }
}

/** Of a folder of an early version, whose `dataset.json` says it all. */
const identityOf = ({ adapter, form, options, decoder, margin, aligned, source }: DatasetInfo): Identity => ({
  adapter,
  form,
  options,
  decoder,
  margin,
  aligned,
  source: source ?? null,
  format: 1,
});

/**
 * Whether a folder still holds as many pictures as its `dataset.json` counts, and no source file is newer than it.
 *
 * @throws DatasetError `EDITED` where it is not, but holds what its user has changed by hand and accepted.
 */
export async function isCurrent(folder: string, lastChange: () => Promise<number>): Promise<boolean> {
  const { info, manifest } = await readDescription(folder);
  const isOlder = async (): Promise<boolean> =>
    (await lastChange()) >= (await stat(path.join(folder, "dataset.json"))).mtimeMs;
  const [edited] = manifest?.accepted ?? [];
  if (edited !== undefined) {
    if (!(await isOlder())) return true;
    throw new DatasetError({
      code: "EDITED",
      subject: "extract",
      found: `the source of "${folder}" has changed, but so has "${edited}", by hand`,
      expected: "an image folder as it was extracted",
      fix: "Choose another target, or remove the folder to extract it anew; nothing was changed",
    });
  }
  if (manifest !== null && (await manifest.missing()).length > 0) return false;
  for (const [split, classes] of Object.entries(info.counts)) {
    const entries = await readdir(path.join(folder, split)).catch(() => [] as string[]);
    if (!entries.includes("metadata.jsonl")) return false;
    for (const [expression, n] of Object.entries(classes)) {
      const files = await readdir(path.join(folder, split, expression)).catch(() => [] as string[]);
      if (files.length !== n) return false;
    }
  }
  if (!(await readdir(folder)).includes("skipped.jsonl")) return false;
  return !(await isOlder());
}
