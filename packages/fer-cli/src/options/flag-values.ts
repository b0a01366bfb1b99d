/**
 * Texts of flags over the config file -> checked options. zod judges the values; here only the notation is read.
 * Whatever zod refuses is named as the user wrote it: a flag, an argument, or a place in the config file.
 */
import { OptionsError, parseOptions } from "@fer/core";
import type { z } from "zod";
import type { Flag } from "./flags.js";

/** Where options come from. */
export interface OptionSources {
  /** Who asks, for messages: `fer train`. */
  subject: string;
  /** Flags of the schema. */
  flags: readonly Flag[];
  /** Values given on the command line. */
  given: ReadonlyMap<Flag, unknown>;
  /** Options of the config file. */
  base?: Readonly<Record<string, unknown>> | undefined;
  /** How messages call the base, e.g. `fer.config.ts: train`. */
  baseName?: string | undefined;
  /** Keys that are given by position, as `<name>`. */
  positionals?: readonly string[] | undefined;
}

type Values = Record<string, unknown>;

/** What the config file says, with the values of the command line in their places; nothing is checked yet. */
export function mergedOptions({ base = {}, given, flags }: Pick<OptionSources, "base" | "given" | "flags">): Values {
  const merged = structuredClone(base) as Values;
  const inOrder = [...given].sort(([a], [b]) => Number(b.discriminator) - Number(a.discriminator));
  for (const [flag, value] of inOrder) place(merged, { flag, value, flags });
  return merged;
}

/**
 * Merges the sources and parses them.
 *
 * @throws {OptionsError} with one sentence for every value that does not fit.
 */
export const optionsFrom = <S extends z.ZodObject>(schema: S, sources: OptionSources): z.output<S> =>
  parseOptions(mergedOptions(sources), { schema, subject: sources.subject, nameOf: namesIn(sources) });

/** Sets a value. Naming another member of a union drops what the config file says about the former one. */
function place(root: Values, { flag, value, flags }: { flag: Flag; value: unknown; flags: readonly Flag[] }): void {
  let node = root;
  for (const [depth, key] of flag.path.slice(0, -1).entries()) {
    const next = node[key];
    const fresh = typeof next !== "object" || next === null;
    node[key] = fresh ? tagged(flags, flag.path.slice(0, depth + 1)) : next;
    node = node[key] as Values;
  }
  const key = flag.path.at(-1)!;
  if (flag.discriminator && node[key] !== value) for (const other of Object.keys(node)) delete node[other];
  node[key] = value;
}

/** A new object on the way to a value; in a union it says which member is the default. */
function tagged(flags: readonly Flag[], path: readonly string[]): Values {
  const tag = flags.find((flag) => flag.discriminator && flag.path.slice(0, -1).join(".") === path.join("."));
  return tag === undefined || tag.default === undefined ? {} : { [tag.path.at(-1)!]: tag.default };
}

/** `--epochs` for a flag, `<set>` for an argument, `fer.config.ts: train.epochs` for a value of the config file. */
function namesIn({ subject, flags, given, baseName, positionals = [] }: OptionSources) {
  return (path: readonly string[], value: unknown): string => {
    const dotted = path.join(".");
    const flag = path.length === 0 ? undefined : flagAt(flags, path);
    const isInFile = baseName !== undefined && value !== undefined && (flag === undefined || !given.has(flag));
    if (isInFile) return [baseName, ...path].join(".");
    if (flag === undefined) return [subject, dotted].filter((part) => part !== "").join(": ");
    return positionals.includes(dotted) ? `<${flag.name}>` : `--${flag.name}`;
  };
}

/**
 * The flag of the value at a path: that of the value itself or of what holds it (a list, a record), or the first one of
 * the options that are asked for there.
 */
function flagAt(flags: readonly Flag[], path: readonly string[]): Flag | undefined {
  const leadsTo = (from: readonly string[], to: readonly string[]): boolean => from.every((key, at) => to[at] === key);
  const holders = flags.filter((flag) => leadsTo(flag.path, path)).sort((a, b) => b.path.length - a.path.length);
  return holders[0] ?? flags.find((flag) => leadsTo(path, flag.path));
}

/**
 * Reads the texts given for one flag (a flag may be given several times; lists and records join them, of others the
 * last one counts). A number that is not one stays text, for zod to refuse.
 *
 * @throws {OptionsError} when a record entry has no `=`.
 */
export function flagValue(flag: Flag, texts: readonly string[]): unknown {
  const text = texts.at(-1) ?? "";
  if (flag.nullable && text === "none") return null;
  switch (flag.kind) {
    case "number":
      return numberOr(text);
    case "choice":
    case "mixed":
      return flag.choices.find((choice) => String(choice) === text) ?? (flag.kind === "mixed" ? numberOr(text) : text);
    case "list":
      if (flag.bare && texts.length === 1 && !text.includes(",")) return scalar(flag, text.trim());
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
    code: "INVALID_OPTIONS",
    subject: `--${flag.name}`,
    found: `"${entry}" has no "="`,
    expected: "entries such as 0=neutral, separated by commas",
  });
}

const scalar = (flag: Flag, text: string): unknown => (flag.numeric ? numberOr(text) : text);

function numberOr(text: string): number | string {
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}
