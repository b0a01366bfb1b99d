/**
 * Text of files and users (labels, names, messages) may hold control characters, which a terminal would obey: colours,
 * cursor jumps, a title of its own. They are shown as JSON writes them; so are marks that turn the reading direction.
 */

/** Control characters (C0 but line feed and tab, DEL, C1) and marks of direction. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const HIDDEN = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * `text` as a terminal may get it; line feeds and tabs stay. JSON stays JSON of the same value.
 *
 * @example
 * ```ts
 * import { printable } from "./printable.js";
 *
 * console.log(printable("happy\u001B[31m")); // happy\u001b[31m
 * ```
 */
export function printable(text: string): string {
  return text.replaceAll(HIDDEN, escaped);
}

/** The same in one line: line feeds and tabs are shown too. */
export function oneLine(text: string): string {
  return printable(text)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\t", String.raw`\t`);
}
