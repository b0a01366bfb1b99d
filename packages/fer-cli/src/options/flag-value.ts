/** The text of a flag -> the value that the schema expects. zod judges the value; here only the notation is read. */
import { OptionsError } from "@fer/core/errors";
import type { Flag } from "./flags.js";

/**
 * Reads the texts given for one flag (a flag may be given several times; lists and records join them, of others the
 * last one counts).
 *
 * @throws {OptionsError} when a number is no number, or a record entry has no `=`.
 */
export function flagValue(flag: Flag, texts: readonly string[]): unknown {
  const text = texts.at(-1) ?? "";
  if (flag.nullable && text === "none") return null;
  switch (flag.kind) {
    case "number":
      return number(flag, text);
    case "choice":
      return flag.choices.find((choice) => String(choice) === text) ?? text;
    case "mixed":
      return flag.choices.find((choice) => String(choice) === text) ?? numberOr(text);
    case "list":
      return texts.flatMap((each) => each.split(",")).map((item) => scalar(flag, item.trim()));
    case "record":
      return Object.fromEntries(texts.flatMap((each) => each.split(",")).map((entry) => pair(flag, entry)));
    default:
      return text;
  }
}

function pair(flag: Flag, entry: string): [string, unknown] {
  const at = entry.lastIndexOf("=");
  if (at > 0) return [entry.slice(0, at).trim(), scalar(flag, entry.slice(at + 1).trim())];
  throw new OptionsError({
    code: "BAD_FLAG",
    subject: `--${flag.name}`,
    found: `"${entry}" has no "="`,
    expected: "entries such as 0=neutral, parted by commas",
  });
}

const scalar = (flag: Flag, text: string): unknown => (flag.numeric ? number(flag, text) : text);

function numberOr(text: string): number | string {
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}

function number(flag: Flag, text: string): number {
  const value = numberOr(text);
  if (typeof value === "number") return value;
  throw new OptionsError({
    code: "BAD_FLAG",
    subject: `--${flag.name}`,
    found: `"${text}" is not a number`,
    expected: flag.nullable ? "a number, or none" : "a number",
  });
}
