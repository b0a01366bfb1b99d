/**
 * Datasets without annotation files: everything about a picture is in its name. An adapter says what a name means; a
 * name that means nothing, or that a second picture has as well, is reported.
 */
import type { Misfit } from "../definition.js";
import type { SampleInput, SkippedInput } from "../items.js";
import type { Folder } from "../tree/folder.js";
import { fileStem } from "../tree/names.js";

/** What a name says: a sample (its file and id are filled in), or a skip. */
export type NameReading = Omit<SampleInput, "id" | "image" | "source"> | Omit<SkippedInput, "source">;

/** The folder, where one of its images is named in the owner's way (by its stem), which looks `like` this. */
export function ownNamed(
  folder: Folder,
  { isOwn, like }: { isOwn: (stem: string) => boolean; like: string },
): Folder | Misfit {
  const images = folder.images();
  if (images.some((file) => isOwn(fileStem(file)))) return folder;
  return {
    misses: `no picture is named like ${like}${images.length > 0 ? ` (the first is "${images[0]}")` : ""}`,
    near: 0.1,
  };
}

/** Samples and skips of all images of a folder. */
export function* namedImages(
  folder: Folder,
  readName: (stem: string, file: string) => NameReading,
): Generator<SampleInput | SkippedInput> {
  const seen = new Map<string, string>();
  for (const file of folder.images()) {
    const name = fileStem(file);
    const reading = readName(name, file);
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
