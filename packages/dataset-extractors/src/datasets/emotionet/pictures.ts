/** URLs of EmotioNet and the local pictures downloaded from them. */
import { safeId } from "../../adapter.js";
import type { Lookup, Folder } from "../../formats/folder.js";

/** A URL without the quotes and blanks that some copies put around it. */
export const cleanUrl = (cell: string): string => cell.replace(/^[\s'"]+|[\s'"]+$/g, "");

/** Whether a cell is a URL, as in the first column of every list. */
export const isUrl = (cell: string | undefined): boolean => /^['"\s]*(https?|ftp):\/\//i.test(cell ?? "");

/** The last two parts of a URL's path: `N_0000000001/N_0000000001_00039.jpg`. */
export function lastTwo(url: string): string {
  const path = url
    .replace(/[?#].*$/, "")
    .split("/")
    .filter((part) => part !== "");
  return path.slice(-2).join("/");
}

/** The local picture of a URL: by the last two parts of its path, wherever they lie, then by the last one. */
export function pictureOf(folder: Folder, index: ReadonlyMap<string, string>, url: string): Lookup {
  const name = lastTwo(url);
  const exact = index.get(name.toLowerCase());
  return exact === undefined ? folder.find(name) : { path: exact };
}

/** Pictures by the last two parts of their path. */
export function pictureIndex(folder: Folder): Map<string, string> {
  return new Map(folder.images().map((file) => [file.split("/").slice(-2).join("/").toLowerCase(), file]));
}

/** Id of a picture: the last two parts of its URL. */
export const idOf = (url: string): string => safeId(lastTwo(url).replace(/\.[^./]*$/, ""));
