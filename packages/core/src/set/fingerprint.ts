/** The content fingerprint of a set: sha256 over the names and bytes of all its files but `<name>.json`. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { Part } from "./schema.js";
import { partFiles } from "./set-files.js";

/**
 * Fingerprint of the parts of a set, hex.
 *
 * @param folder where the files lie
 * @param parts in the order in which they count
 */
export async function setFingerprint(folder: string, name: string, parts: readonly Part[]): Promise<string> {
  const whole = createHash("sha256");
  for (const part of parts) {
    const { images, labels, rows } = partFiles(folder, name, part);
    for (const file of [images, labels, rows]) {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
      whole.update(`${basename(file)} ${hash.digest("hex")}\n`);
    }
  }
  return whole.digest("hex");
}
