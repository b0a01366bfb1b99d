/** Options through their schema: one error, one code, whoever asks. */
import type { z } from "zod";
import { nearest, OptionsError } from "./errors.js";

/** How messages speak of the options. */
export interface OptionsSubject {
  /** Whose options, e.g. `assembler options`. */
  subject: string;
  /** How a key is called where the user wrote it, e.g. `--learning-rate`; the key itself where left out. */
  nameOf?: (key: string) => string;
}

/**
 * Options with their defaults filled in.
 *
 * @throws {@link OptionsError} `INVALID_OPTIONS`, naming every key that is unknown or out of range, with the nearest
 * known names for unknown ones.
 * @example
 * ```ts
 * import { parseOptions } from "@fer/core";
 * import { z } from "zod";
 *
 * const Options = z.strictObject({ epochs: z.number().int().positive().default(60) });
 * console.log(parseOptions(Options, {}, { subject: "trainer options" })); // { epochs: 60 }
 * ```
 */
export function parseOptions<S extends z.ZodType>(schema: S, input: unknown, about: OptionsSubject): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidOptions(parsed.error, { ...about, known: keysOf(schema) });
}

/** The error that {@link parseOptions} throws, for whoever has parsed already. `known` are the keys there are. */
export function invalidOptions(
  error: z.ZodError,
  { subject, nameOf = (key) => key, known }: OptionsSubject & { known: readonly string[] },
): OptionsError {
  const unknown = error.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  const near = unknown.flatMap((key) => nearest(key, known, 1)).map((key) => `"${nameOf(key)}"`);
  const found = error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys")
      return `no option is called ${issue.keys.map((key) => `"${nameOf(key)}"`).join(", ")}`;
    const [first, ...rest] = issue.path.map(String);
    return first === undefined ? issue.message : `${[nameOf(first), ...rest].join(".")}: ${issue.message}`;
  });
  return new OptionsError({
    code: "INVALID_OPTIONS",
    subject,
    found: found.join("; "),
    ...(known.length === 0 ? {} : { expected: `the options ${known.map(nameOf).join(", ")}` }),
    ...(near.length === 0 ? {} : { fix: `Did you mean ${near.join(" and ")}?` }),
    context: { issues: error.issues },
    cause: error,
  });
}

const keysOf = (schema: z.ZodType): string[] => ("shape" in schema ? Object.keys(schema.shape as object) : []);
