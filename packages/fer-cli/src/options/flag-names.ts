/** Libraries name options as they are written in code; on the command line they are flags. */
import type { Flag } from "./flags.js";

/**
 * A message with the options that it names as flags: `foldBy` -> `--fold-by`, `overwrite: true` -> `--overwrite`. Names
 * that are words of the language as well (`seed`, `to`) stay as they are where no value follows.
 */
export function withFlagNames(message: string, flags: readonly Flag[]): string {
  return flags
    .filter(({ kind }) => kind !== "off")
    .toSorted((a, b) => b.path.length - a.path.length)
    .reduce((text, { path, name }) => {
      const key = path.join(String.raw`\.`);
      const isWord = /^[a-z]+$/.test(key);
      return text
        .replaceAll(new RegExp(`(?<![\\w.-])${key}: true\\b`, "g"), `--${name}`)
        .replaceAll(new RegExp(`(?<![\\w.-])${key}: false\\b`, "g"), `--no-${name}`)
        .replaceAll(new RegExp(isWord ? "(?!)" : `(?<![\\w./-])"?${key}"?(?![\\w./-])`, "g"), `--${name}`)
        .replaceAll(`--${name} (--${name})`, `--${name}`);
    }, message);
}
