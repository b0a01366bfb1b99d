/** The content fingerprint of a set: sha256 over the names and hashes of all its files but the descriptions. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { hashFile, type Manifest } from "../artifact/manifest.js";
import type { Part } from "./schema.js";
import { partFiles } from "./set-files.js";

/** sha256 of a file by its name. */
export type HashOf = (file: string) => Promise<string> | string;

/** Reads every file. */
export const readHashes =
  (folder: string): HashOf =>
  async (file) =>
    (await hashFile(`${folder}/${file}`)).sha256;

/** Takes the hashes that were written down. */
export const manifestHashes =
  (manifest: Manifest): HashOf =>
  (file) =>
    manifest.sha256(file) ?? "";

/**
 * Fingerprint of the parts of a set, hex.
 *
 * @param parts in the order in which they count
 */
export async function setFingerprint(name: string, parts: readonly Part[], hashOf: HashOf): Promise<string> {
  const whole = createHash("sha256");
  for (const part of parts) {
    const { images, labels, rows } = partFiles("", name, part);
    for (const file of [images, labels, rows].map((path) => basename(path)))
      whole.update(`${file} ${await hashOf(file)}\n`);
  }
  return whole.digest("hex");
}
