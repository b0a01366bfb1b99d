/** Options through their schema: one error, one code, whoever asks. */
import type { z } from "zod";
import { nearest, OptionsError } from "./errors.js";

/** How messages speak of the options. */
export interface OptionsSubject {
  /** Whose options, e.g. `assembler options`. */
  subject: string;
  /**
   * What an option is called where the user wrote it, e.g. `--learning-rate`, instead of subject and dotted path.
   * `path` leads from the root of the options to the value, which is `undefined` where it is missing.
   */
  nameOf?: (path: readonly string[], value: unknown) => string;
}

/**
 * Options with their defaults filled in.
 *
 * @throws {@link OptionsError} `INVALID_OPTIONS`, naming every option that is missing, unknown or out of range, what it
 * is and what it may be, with the nearest known names.
 * @example
 * ```ts
 * import { parseOptions } from "@fer/core";
 * import { z } from "zod";
 *
 * const Options = z.strictObject({ epochs: z.number().int().positive().default(60) });
 * console.log(parseOptions({}, { schema: Options, subject: "trainer options" })); // { epochs: 60 }
 * ```
 */
export function parseOptions<S extends z.ZodType>(
  input: unknown,
  { schema, ...about }: OptionsSubject & { schema: S },
): z.output<S> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue, index) =>
    explain(issue, { ...about, schema, subject: index === 0 ? about.subject : "" }),
  );
  const [first, ...others] = problems;
  const { subject, found, expected, fix } = first!;
  const rest = [fix, ...others.map(sentence)].filter((text) => text !== undefined).join(" ");
  throw new OptionsError({
    code: "INVALID_OPTIONS",
    subject,
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(rest === "" ? {} : { fix: rest }),
    context: { issues: parsed.error.issues },
    cause: parsed.error,
  });
}

type Issue = z.core.$ZodIssue;

/** One thing that is wrong. */
interface Problem {
  subject: string;
  found: string;
  expected?: string;
  fix?: string;
}

function sentence({ subject, found, expected, fix }: Problem): string {
  const start = subject === "" ? `${found[0]!.toUpperCase()}${found.slice(1)}` : `${subject}: ${found}`;
  return [`${start}${expected === undefined ? "" : ` (expected ${expected})`}.`, fix].filter(Boolean).join(" ");
}

function explain(issue: Issue, { schema, subject, nameOf }: OptionsSubject & { schema: z.ZodType }): Problem {
  const path = issue.path.map(String);
  const name = nameOf?.(path, issue.input) ?? [subject, path.join(".")].filter((part) => part !== "").join(": ");
  return { subject: name, ...wrong(issue, schema) };
}

function wrong(issue: Issue, schema: z.ZodType): Omit<Problem, "subject"> {
  const found = received(issue.input);
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, issue.path);
      const near = [...new Set(issue.keys.flatMap((key) => nearest(key, known)))];
      return {
        found: `unknown option ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}`,
        ...(near.length === 0 && known.length > 0 ? { expected: `one of ${known.join(", ")}` } : {}),
        ...didYouMean(near),
      };
    }
    case "invalid_value":
      return oneOf(issue.input, issue.values.map(String));
    case "invalid_union": {
      const { discriminator, options } = issue as { discriminator?: string; options?: unknown[] };
      if (discriminator === undefined || options === undefined) return { found, expected: anyOf(issue) };
      const tag = (issue.input as Record<string, unknown> | undefined)?.[discriminator];
      return oneOf(tag, options.map(String));
    }
    case "too_small":
      return {
        found,
        expected: `${issue.inclusive ? "at least" : "more than"} ${counted(issue.minimum, issue.origin)}`,
      };
    case "too_big":
      return {
        found,
        expected: `${issue.inclusive ? "at most" : "less than"} ${counted(issue.maximum, issue.origin)}`,
      };
    case "invalid_type":
      return { found, expected: typeName(issue.expected) };
    default:
      return { found, expected: issue.message.replace(/^[A-Z][a-z ]+: /, "") };
  }
}

const received = (input: unknown): string => (input === undefined ? "is missing" : `received ${shown(input)}`);

/** A value that is not in a closed list; offers the nearest ones. */
function oneOf(input: unknown, names: readonly string[]): Omit<Problem, "subject"> {
  return {
    found: received(input),
    expected: `one of ${names.join(", ")}`,
    ...didYouMean(nearest(String(input), names)),
  };
}

const didYouMean = (near: readonly string[]): { fix?: string } =>
  near.length === 0 ? {} : { fix: `Did you mean ${near.map((name) => JSON.stringify(name)).join(" or ")}?` };

/** zod's name of a type, in words. */
function typeName(type: string): string {
  const words: Readonly<Record<string, string>> = {
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

/** A bound with its unit, for what is bounded by its length. */
function counted(limit: number | bigint, origin: string): string {
  const unit = origin === "array" || origin === "set" ? " item" : origin === "string" ? " character" : "";
  return `${limit}${unit}${unit !== "" && Number(limit) !== 1 ? "s" : ""}`;
}

const MOST_CHARACTERS = 80;

/** A value in a message, whatever it is. */
function shown(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // a bigint, or a circle
  }
  text ??= typeof value === "function" ? "a function" : String(value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 3)}...` : text;
}

/** Keys that the schema knows at a place within it. */
function keysAt({ def }: { def: object }, path: readonly PropertyKey[]): string[] {
  const { innerType, options, shape, element } = def as Parts;
  if (innerType !== undefined) return keysAt(innerType, path);
  if (options !== undefined) return [...new Set(options.flatMap((option) => keysAt(option, path)))];
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(shape ?? {});
  const child = shape?.[String(key)] ?? element;
  return child === undefined ? [] : keysAt(child, rest);
}

/** The parts of zod's definitions that lead to other schemas: wrappers, unions, objects and lists. */
interface Parts {
  innerType?: z.ZodType;
  options?: z.ZodType[];
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
}
