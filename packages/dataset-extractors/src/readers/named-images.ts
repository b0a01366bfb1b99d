/**
 * Datasets without annotation files: everything about a picture is in its name. An adapter says what a name means; a
 * name that means nothing, or that a second picture has as well, is reported.
 */
import type { SampleInput, SkippedInput, Tally } from "../adapter.js";
import { type Folder, stem } from "../tree/folder.js";

/** What a name says: a sample (its file and id are filled in), a skip, or nothing as the options leave it out. */
export type NameReading = Omit<SampleInput, "id" | "image" | "source"> | Omit<SkippedInput, "source"> | null;

/** Samples and skips of all images of a folder. */
export function* namedImages(
  folder: Folder,
  tally: Tally,
  readName: (stem: string, file: string) => NameReading,
): Generator<SampleInput | SkippedInput> {
  const seen = new Map<string, string>();
  for (const file of folder.images()) {
    const name = stem(file);
    const reading = readName(name, file);
    if (reading === null) continue;
    tally.rows();
    if ("reason" in reading) {
      yield { ...reading, source: file };
      continue;
    }
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) yield { source: file, reason: "invalid", detail: `"${before}" has the same name` };
    else yield { ...reading, id: name, image: { file }, source: file };
    seen.set(name.toLowerCase(), before ?? file);
  }
}
