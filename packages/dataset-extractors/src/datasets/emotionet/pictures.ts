/** URLs of EmotioNet and the local pictures downloaded from them. */
import { safeId } from "../../adapter.js";
import { type Folder, type Lookup, base } from "../../tree/folder.js";
import { jsonLines } from "../../files/json.js";
import type { EmotioNetOptions } from "./options.js";

/** A URL without the quotes and blanks that some copies put around it. */
export const cleanUrl = (cell: string): string => cell.replace(/^[\s'"]+|[\s'"]+$/g, "");

/** Whether a cell is a URL, as in the first column of every list. */
export const isUrl = (cell: string | undefined): boolean => /^['"\s]*(https?|ftp):\/\//i.test(cell ?? "");

/** The last two parts of a URL's path: `N_0000000001/N_0000000001_00039.jpg`. */
function lastTwo(url: string): string {
  const path = url
    .replace(/[?#].*$/, "")
    .split("/")
    .filter((part) => part !== "");
  return path.slice(-2).join("/");
}

/** The downloaded pictures of a folder, and which of them have been asked for. */
export class Pictures {
  /** Pictures that a row names. */
  readonly seen = new Set<string>();

  private constructor(
    private readonly folder: Folder,
    private readonly byLastTwo: ReadonlyMap<string, string>,
    private readonly original: ReadonlySet<string>,
    private readonly keepOriginal: boolean,
  ) {}

  static async open(folder: Folder, { originals }: EmotioNetOptions): Promise<Pictures> {
    const index = new Map(folder.images().map((file) => [file.split("/").slice(-2).join("/").toLowerCase(), file]));
    return new Pictures(folder, index, await fromOriginal(folder), originals);
  }

  /**
   * The local picture of a URL (by the last two parts of its path, wherever they lie, then by the last one), or why there
   * is none for this row.
   */
  take(url: string): { path: string } | { reason: "missing-file" | "invalid" | "uncertain"; detail: string } {
    const name = lastTwo(url);
    const exact = this.byLastTwo.get(name.toLowerCase());
    const found: Lookup = exact === undefined ? this.folder.find(name) : { path: exact };
    if (found.path === undefined) return { reason: "missing-file", detail: found.problem };
    if (this.seen.has(found.path)) return { reason: "invalid", detail: `"${name}" has a row already` };
    this.seen.add(found.path);
    if (this.keepOriginal || !this.original.has(found.path)) return { path: found.path };
    return {
      reason: "uncertain",
      detail: "downloaded from its original address, which may show another picture by now",
    };
  }
}

/**
 * Pictures that the downloader got from their original address (`"via": "original"` in its `downloads.jsonl`): they may
 * show something else by now than what was annotated.
 */
async function fromOriginal(folder: Folder): Promise<Set<string>> {
  const found = new Set<string>();
  for (const log of folder.findFiles("downloads.jsonl")) {
    const dir = log.slice(0, -base(log).length);
    for await (const { values } of jsonLines(folder.lines(log), log)) {
      const file = values.get("file");
      if (values.get("via") === "original" && typeof file === "string") found.add(dir + file);
    }
  }
  return found;
}

/** Id of a picture: the last two parts of its URL. */
export const idOf = (url: string): string => safeId(lastTwo(url).replace(/\.[^./]*$/, ""));
