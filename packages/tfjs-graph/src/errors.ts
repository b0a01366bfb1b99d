/**
 * The error of this package. A message has four parts: what was looked at, what was found there, what was expected,
 * and what to do about it. `code` is stable, for programs.
 */

export interface GraphErrorParts {
  /** Stable, upper-case name of the error, e.g. `UNSUPPORTED_OP`. */
  code: string;
  /** What was looked at: an op, a layer, an option. */
  subject: string;
  /** What was found. */
  found: string;
  /** What was expected instead. */
  expected?: string;
  /** What the caller can do. */
  fix?: string;
  /** Values behind the message, e.g. `{ op, layer }`. */
  context?: Record<string, unknown>;
  cause?: unknown;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/**
 * Thrown on purpose by every function of this package.
 *
 * @example
 * ```ts
 * import { GraphError } from "@fer/tfjs-graph";
 *
 * const error = new GraphError({ code: "DISPOSED", subject: "step", found: "it was disposed", fix: "Prepare a new one" });
 * console.log(error.message); // "step: it was disposed. Prepare a new one."
 * ```
 */
export class GraphError extends Error {
  override readonly name = "GraphError";
  readonly code: string;
  readonly context: Record<string, unknown>;

  constructor(parts: GraphErrorParts) {
    const { code, subject, found, expected, fix, context = {}, cause } = parts;
    const text = [sentence(`${subject}: ${found}`)];
    if (expected !== undefined) text.push(sentence(`Expected ${expected}`));
    if (fix !== undefined) text.push(sentence(fix));
    super(text.join(" "), cause === undefined ? undefined : { cause });
    this.code = code;
    this.context = context;
  }
}
