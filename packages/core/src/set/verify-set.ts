/** Whether the files of an open set are those that were written: whoever uses its samples looks first. */
import { basename } from "node:path";
import { FormatError } from "../errors.js";
import type { TaskHooks } from "../progress.js";
import type { AssembledSet } from "./assembled-set.js";
import { manifestHashes, readHashes, setFingerprint } from "./fingerprint.js";
import { readSetInfo } from "./open-set.js";
import type { Part } from "./schema.js";
import { infoFile, partFiles, setFiles, targetFile } from "./set-files.js";

export interface VerifySetOptions extends Pick<TaskHooks, "signal"> {
  /** Parts that will be read. */
  parts: readonly Part[];
}

/**
 * Reads every file of the set but those of other parts and compares it with the set's manifest; of a set of an early
 * version all its files with its fingerprint. About a second a gigabyte.
 *
 * @throws FormatError `DAMAGED` or `CHANGED` where a byte has changed since the set was assembled; the signal's reason
 */
export async function verifySet(set: AssembledSet, { parts, signal }: VerifySetOptions): Promise<void> {
  const { folder, name, info } = set;
  const { manifest } = await readSetInfo(folder, name);
  if (manifest !== null) {
    const place = { folder: "", name };
    const others = set.parts.filter((part) => !parts.includes(part));
    const unread = new Set(
      others.flatMap((part) => {
        const targets = (info.targets ?? []).map((target) => targetFile(place, { part, target }));
        return [...Object.values(partFiles(place, part)), ...targets].map((file) => basename(file));
      }),
    );
    return manifest.verify(
      manifest.files.filter((file) => !unread.has(file)),
      { signal },
    );
  }
  const found = await setFingerprint(setFiles(info), readHashes(folder));
  signal?.throwIfAborted();
  if (found === info.fingerprint) return;
  throw new FormatError({
    code: "CHANGED",
    subject: infoFile(set),
    found: `the files have the fingerprint ${found.slice(0, 12)}`,
    expected: `${info.fingerprint.slice(0, 12)}, as when the set was assembled`,
    fix: "Assemble the set again",
  });
}

/** The fingerprint of a set's files as they are accepted now: another one than in its description where its owner has changed a file on purpose. */
export async function acceptedFingerprint(set: AssembledSet): Promise<string> {
  const { manifest } = await readSetInfo(set.folder, set.name);
  if (manifest === null || manifest.accepted.length === 0) return set.info.fingerprint;
  return setFingerprint(setFiles(set.info), manifestHashes(manifest));
}
