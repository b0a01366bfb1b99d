/** Error -> message, exit code and JSON. Errors on purpose show their message; any other keeps its stack. */
import { FerError } from "@fer/dataset-extractors/errors";

/** Exit codes of `fer`. */
export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** What is shown of an error, and how the process ends. */
export interface Failure {
  text: string;
  json: unknown;
  exitCode: number;
}

/** `usage` is appended to errors that stem from how the command was called. */
export function failureOf(error: unknown, usage: string): Failure {
  if (isNamed(error)) {
    const usageError = error.name === "OptionsError";
    const json = { error: { name: error.name, code: error.code, message: error.message } };
    return {
      text: usageError ? `error: ${error.message}\n\n${usage}` : `error: ${error.message}`,
      json,
      exitCode: usageError ? EXIT.usage : EXIT.failure,
    };
  }
  const thrown = error instanceof Error ? error : new Error(String(error));
  return {
    text: `error: this looks like a bug of fer. ${thrown.stack ?? thrown.message}`,
    json: { error: { name: thrown.name, code: "UNEXPECTED", message: thrown.message } },
    exitCode: EXIT.failure,
  };
}

/** `FerError`, or the errors of `@fer/tfjs-graph` (which knows nothing about faces): a name and a stable code. */
function isNamed(error: unknown): error is Error & { code: string } {
  return error instanceof FerError || (error instanceof Error && error.name === "GraphError" && "code" in error);
}
