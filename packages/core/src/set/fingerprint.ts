/** The content fingerprint of a set: sha256 over the names and hashes of all its files but the descriptions. */
import { createHash } from "node:crypto";
import { hashFile, type Manifest } from "../artifact/manifest.js";

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
 * Fingerprint of a set, hex.
 *
 * @param files those of `setFiles`, in that order
 */
export async function setFingerprint(files: readonly string[], hashOf: HashOf): Promise<string> {
  const whole = createHash("sha256");
  for (const file of files) whole.update(`${file} ${await hashOf(file)}\n`);
  return whole.digest("hex");
}
