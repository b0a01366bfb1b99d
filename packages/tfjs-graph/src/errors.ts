/** The one error class of this package. A message says what was looked at, what was found, expected, and what to do. */

/** The parts of a message, and what a program may want to know beside it. */
export interface GraphErrorParts {
  /** Stable, upper-case name of the error, e.g. `UNSUPPORTED_OP`. */
  code: string;
  /** What was looked at: an op, a layer, a file. */
  subject: string;
  found: string;
  expected?: string;
  /** What the user can do. */
  fix?: string;
  context?: Record<string, unknown>;
  cause?: unknown;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Capturing, compiling, running or setting up failed. */
export class GraphError extends Error {
  override readonly name = "GraphError";
  readonly code: string;
  readonly context: Record<string, unknown>;

  constructor({ code, subject, found, expected, fix, context = {}, cause }: GraphErrorParts) {
    const text = [sentence(`${subject}: ${found}`)];
    if (expected !== undefined) text.push(sentence(`Expected ${expected}`));
    if (fix !== undefined) text.push(sentence(fix));
    super(text.join(" "), cause === undefined ? undefined : { cause });
    this.code = code;
    this.context = context;
  }
}
