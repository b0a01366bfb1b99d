/** Editions of AffectNet with an annotation file for each picture: a file that is damaged costs one picture, not all. */
import { FormatError } from "@fer/core";
import type { Meaning } from "../../readers/codes.js";
import type { Folder, Lookup } from "../../tree/folder.js";
import { readCode } from "./codes.js";

const EXTENSIONS = ["jpg", "png", "jpeg", "JPG", "JPEG", "PNG"];
/** Codes of errors that only this file has; one that is not there, or a pointer of Git LFS, is not the fault of one item. */
const DAMAGED = new Set(["BAD_NPY", "BAD_JSON", "NOT_TEXT"]);

/** The picture of an id, whatever its extension. */
export function pictureOf(folder: Folder, { dir, id }: { dir: string; id: string }): Lookup {
  const path = EXTENSIONS.map((extension) => `${dir}/${id}.${extension}`).find((file) => folder.has(file));
  return path === undefined ? { problem: `"${dir}/${id}.jpg" is not in the folder` } : { path };
}

/** What a file says, or how it is damaged. */
export type Content<T> = { value: T; problem?: undefined } | { value?: undefined; problem: string };

/** Reads the file of one item. */
export async function ofOneItem<T>(read: () => Promise<T>): Promise<Content<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof FormatError && DAMAGED.has(error.code)) return { problem: error.message };
    throw error;
  }
}

/**
 * What the code of one item means; what is not a whole number is damage.
 *
 * @throws FormatError for a whole number that the owner's table does not have.
 */
export function codeOfItem(value: unknown, source: string): Meaning {
  const text = String(value).trim();
  if (/^-?\d+(\.0*)?$/.test(text)) return readCode(text, source);
  return { reason: "invalid", detail: `the expression is "${text.slice(0, 40)}"` };
}
