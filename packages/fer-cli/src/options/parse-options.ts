/**
 * Flags over config file over defaults -> checked options. Whatever zod refuses becomes one `OptionsError` that names
 * the flag, or the place in the config file, that holds the value.
 */
import { OptionsError, nearest } from "@fer/core/errors";
import type { z } from "zod";
import type { Flag } from "./flags.js";

/** Where options come from. */
export interface OptionSources {
  /** Flags of the schema. */
  flags: readonly Flag[];
  /** Values given on the command line. */
  given: ReadonlyMap<Flag, unknown>;
  /** Options of the config file (already apart from what is passed by value). */
  base?: Readonly<Record<string, unknown>> | undefined;
  /** How messages call the base, e.g. `fer.config.ts: train`. */
  baseName?: string;
  /** Keys that are given by position, as `<name>`. */
  positionals?: readonly string[];
}

type Values = Record<string, unknown>;
type Issue = z.core.$ZodIssue;

/**
 * Merges the sources and parses them.
 *
 * @throws {OptionsError} with one sentence for every value that does not fit.
 */
export function parseOptions<S extends z.ZodObject>(schema: S, sources: OptionSources): z.output<S> {
  const merged = structuredClone(sources.base ?? {}) as Values;
  const given = [...sources.given].sort(([a], [b]) => Number(b.discriminator) - Number(a.discriminator));
  for (const [flag, value] of given) place(merged, flag, value, sources);
  const result = schema.safeParse(merged, { reportInput: true });
  if (result.success) return result.data;
  throw refusal(result.error.issues, sources);
}

/** One error for all issues: those of arguments first. */
function refusal(issues: readonly Issue[], sources: OptionSources): OptionsError {
  const positionals = sources.positionals ?? [];
  const rank = ({ path }: Issue): number => (positionals.includes(String(path[0])) ? 0 : 1);
  const [first, ...others] = [...issues].sort((a, b) => rank(a) - rank(b)).map((issue) => explain(issue, sources));
  const { subject, found, expected, fix } = first!;
  const rest = [fix, ...others.map(line)].filter((text) => text !== undefined).join(" ");
  return new OptionsError({
    code: "BAD_OPTION",
    subject,
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(rest === "" ? {} : { fix: rest }),
    context: { issues },
  });
}

/** Sets a value. Naming another member of a union drops what the config file says about the former one. */
function place(root: Values, flag: Flag, value: unknown, { flags }: OptionSources): void {
  const parents = flag.path.slice(0, -1);
  let node = root;
  for (const [depth, key] of parents.entries()) {
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

interface Explained {
  subject: string;
  found: string;
  expected?: string;
  fix?: string;
}

const line = ({ subject, found, expected, fix }: Explained): string =>
  [`${subject}: ${found}${expected === undefined ? "" : ` (expected ${expected})`}.`, fix].filter(Boolean).join(" ");

function explain(issue: Issue, sources: OptionSources): Explained {
  const subject = placeName(issue, sources);
  const shown = issue.input === undefined ? "is missing" : `received ${JSON.stringify(issue.input)}`;
  switch (issue.code) {
    case "unrecognized_keys": {
      const siblings = sources.flags.map((flag) => flag.path[issue.path.length]).filter((key) => key !== undefined);
      const near = nearest(issue.keys[0]!, [...new Set(siblings)]);
      return {
        subject,
        found: `unknown option ${issue.keys.map((key) => `"${key}"`).join(", ")}`,
        ...(near.length > 0 ? { fix: `Did you mean ${near.map((key) => `"${key}"`).join(" or ")}?` } : {}),
      };
    }
    case "invalid_value":
      return { subject, ...oneOf(issue.input, issue.values.map(String)) };
    case "invalid_union": {
      const { discriminator, options } = issue as { discriminator?: string; options?: unknown[] };
      if (discriminator === undefined || options === undefined)
        return { subject, found: shown, expected: anyOf(issue) };
      return { subject, ...oneOf((issue.input as Values | undefined)?.[discriminator], options.map(String)) };
    }
    case "too_small":
      return {
        subject,
        found: shown,
        expected: bound(issue.origin, issue.inclusive ? "at least" : "more than", issue.minimum),
      };
    case "too_big":
      return {
        subject,
        found: shown,
        expected: bound(issue.origin, issue.inclusive ? "at most" : "less than", issue.maximum),
      };
    case "invalid_type":
      return { subject, found: shown, expected: typeName(issue.expected) };
    default:
      return { subject, found: shown, expected: issue.message.replace(/^[A-Z][a-z ]+: /, "") };
  }
}

/** A value that is none of a closed list; offers the nearest ones. */
function oneOf(input: unknown, names: readonly string[]): Omit<Explained, "subject"> {
  const near = nearest(String(input), names);
  return {
    found: input === undefined ? "is missing" : `received ${JSON.stringify(input)}`,
    expected: `one of ${names.join(", ")}`,
    ...(near.length > 0 ? { fix: `Did you mean ${near.map((name) => `"${name}"`).join(" or ")}?` } : {}),
  };
}

/** zod's name of a type, in words. */
function typeName(type: string): string {
  const words: Record<string, string> = {
    int: "a whole number",
    string: "text",
    array: "a list",
    boolean: "true or false",
    object: "options of its own",
    record: "keys and values",
  };
  return words[type] ?? `a ${type}`;
}

/** What the members of a union would take. */
function anyOf(issue: z.core.$ZodIssueInvalidUnion): string {
  const wanted = issue.errors.flat().map((each) => {
    if (each.code === "invalid_value") return each.values.join(", ");
    return each.code === "invalid_type" ? typeName(each.expected) : each.message;
  });
  return [...new Set(wanted)].join(", or ");
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  const unit = origin === "array" || origin === "set" ? " items" : origin === "string" ? " characters" : "";
  return `${relation} ${limit}${unit}`;
}

/** `--epochs` for a flag, `<set>` for an argument, `fer.config.ts: train.epochs` for a value of the config file. */
function placeName(issue: Issue, { flags, given, baseName, positionals = [] }: OptionSources): string {
  const path = issue.path.map(String);
  const dotted = path.join(".");
  const flag = flags.find((each) => each.path.join(".") === dotted) ?? flags.find((each) => each.path[0] === path[0]);
  const inFile = baseName !== undefined && issue.input !== undefined && (flag === undefined || !given.has(flag));
  if (inFile) return [baseName, ...path].join(".");
  if (flag === undefined) return dotted === "" ? "options" : dotted;
  return positionals.includes(dotted) ? `<${flag.name}>` : `--${flag.name}`;
}
