/** URLs of EmotioNet and the local pictures downloaded from them. */
import { jsonLines } from "../../files/json.js";
import { safeId } from "../../ids.js";
import type { RowReading } from "../../readers/listed.js";
import type { Folder, Lookup } from "../../tree/folder.js";
import { fileName } from "../../tree/names.js";
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

/** The downloaded pictures of a folder. */
export class Pictures {
  private readonly byLastTwo: ReadonlyMap<string, string>;
  private readonly original: ReadonlySet<string>;

  private constructor(
    private readonly folder: Folder,
    { byLastTwo, original }: { byLastTwo: ReadonlyMap<string, string>; original: ReadonlySet<string> },
  ) {
    this.byLastTwo = byLastTwo;
    this.original = original;
  }

  static async open(folder: Folder, { originals }: EmotioNetOptions): Promise<Pictures> {
    const byLastTwo = new Map(folder.images().map((file) => [file.split("/").slice(-2).join("/").toLowerCase(), file]));
    const doubtful = await fromOriginal(folder);
    return new Pictures(folder, { byLastTwo, original: originals ? new Set() : doubtful });
  }

  /** The local picture of a URL, by the last two parts of its path, wherever they lie, then by the last one. */
  find(url: string): Lookup {
    const name = lastTwo(url);
    const path = this.byLastTwo.get(name.toLowerCase());
    return path === undefined ? this.folder.find(name, { byName: true }) : { path };
  }

  /** What a row says, unless its picture may be another one than that which was annotated. */
  unlessDoubtful(file: string | undefined, reading: RowReading): RowReading {
    if (file === undefined || !this.original.has(file) || "reason" in reading) return reading;
    const detail = "downloaded from its original address, which may show another picture by now";
    return { reason: "uncertain", detail };
  }
}

/**
 * Pictures that the downloader got from their original address (`"via": "original"` in its `downloads.jsonl`): they may
 * show something else by now than what was annotated.
 */
async function fromOriginal(folder: Folder): Promise<Set<string>> {
  const found = new Set<string>();
  for (const log of folder.findFiles("downloads.jsonl")) {
    const dir = log.slice(0, -fileName(log).length);
    for await (const { values } of jsonLines(folder.lines(log), log)) {
      const file = values.get("file");
      if (values.get("via") === "original" && typeof file === "string") found.add(dir + file);
    }
  }
  return found;
}

/** Id of a picture: the last two parts of its URL. */
export const idOf = (url: string): string => safeId(lastTwo(url).replace(/\.[^./]*$/, ""));
