/** Ids of samples: names for files, out of the owner's names. */
import { createHash } from "node:crypto";

/** Bytes of UTF-8 up to which a path becomes an id as it is. */
const LONG = 160;
/** Bytes that are kept of a longer one, from its end. */
const KEPT = 140;
/** Bytes of an id; file systems allow 255 for a name, and an extension follows. */
const LONGEST = 200;

/**
 * A name that can be an id, out of a relative path: separators become `__`; a leading dot and what file systems forbid
 * become `_`. Of a very long path the end is kept, behind a hash of the whole.
 *
 * @example
 * ```ts
 * import { safeId } from "@fer/dataset-extractors/readers";
 *
 * console.log(safeId("clip 3/0001")); // clip 3__0001
 * ```
 */
export function safeId(path: string): string {
  const id = path
    .replaceAll(/[/\\]/g, "__")
    .replaceAll(/[:*?"<>|\p{Cc}]/gu, "_")
    .replace(/^\./, "_");
  return bytesOf(id) <= LONG ? id : shortened(id, path);
}

const bytesOf = (text: string) => (text.length * 3 <= LONG ? text.length : Buffer.byteLength(text));

function shortened(id: string, whole: string): string {
  let kept = Buffer.from(id).subarray(-KEPT);
  // never begin within a character of several bytes
  while (((kept[0] ?? 0) & 0xc0) === 0x80) kept = kept.subarray(1);
  return `${createHash("sha256").update(whole).digest("hex").slice(0, 12)}_${kept.toString()}`;
}

/** What decides about an id. */
interface Identified {
  split: string;
  id: string;
  source: string;
  distinction?: string | undefined;
}

/**
 * Hands out ids that are unique within a split, also on file systems that ignore case or the spelling of accents. The
 * first item keeps its name; later ones get what tells them apart, so that ids do not depend on the rest of the folder.
 */
export class UniqueIds {
  readonly #taken = new Map<string, Set<string>>();

  take({ split, id, source, distinction }: Identified): string {
    let taken = this.#taken.get(split);
    if (taken === undefined) this.#taken.set(split, (taken = new Set()));
    const short = bytesOf(id) <= LONGEST ? id : shortened(id, id);
    const key = fold(short);
    if (!taken.has(key)) {
      taken.add(key);
      return short;
    }
    const apart = `${short}~${distinction === undefined ? hash(source) : safeId(distinction)}`;
    let result = apart;
    for (let n = 2; taken.has(fold(result)); n++) result = `${apart}~${n}`;
    taken.add(fold(result));
    return result;
  }
}

const fold = (id: string) => id.normalize("NFC").toLowerCase();
const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 6);
