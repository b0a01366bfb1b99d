/** Error -> message, exit code and JSON. Errors on purpose show their message; any other keeps its stack. */
import { FerError, systemRefusal } from "@fer/core/errors";

/** Exit codes of `fer`. */
export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** What is shown of an error, and how the process ends. */
export interface Failure {
  text: string;
  json: unknown;
  exitCode: number;
}

/** How an error is told. */
export interface FailureWords {
  /** Appended to errors that stem from how the command was called. */
  usage: string;
  /** Puts a message into the words of the command line. */
  say?(message: string): string;
}

export function failureOf(error: unknown, { usage, say = (message) => message }: FailureWords): Failure {
  if (isNamed(error)) {
    const usageError = error.name === "OptionsError";
    const said = say(error.message);
    const json = { error: { name: error.name, code: error.code, message: said } };
    // a line of a message that is not ours cannot pass for one of ours
    const message = said.replaceAll("\n", "\n  ");
    return {
      text: usageError ? `error: ${message}\n\n${usage}` : `error: ${message}`,
      json,
      exitCode: usageError ? EXIT.usage : EXIT.failure,
    };
  }
  const system = systemFailure(error);
  if (system !== undefined) return system;
  const thrown = error instanceof Error ? error : new Error(String(error));
  return {
    text: `error: this looks like a bug of fer. ${thrown.stack ?? thrown.message}`,
    json: { error: { name: thrown.name, code: "UNEXPECTED", message: thrown.message } },
    exitCode: EXIT.failure,
  };
}

function systemFailure(error: unknown): Failure | undefined {
  const refusal = systemRefusal(error);
  if (refusal === null) return undefined;
  const { code, problem, path } = refusal;
  const message = `${path === undefined ? "" : `${path}: `}${problem} (${code}). Choose another folder, or free or unlock this one, and repeat the command.`;
  return {
    text: `error: ${message}`,
    json: { error: { name: "SystemError", code, message } },
    exitCode: EXIT.failure,
  };
}

/** `FerError`, or the errors of `@fer/tfjs-graph` (which knows nothing about faces): a name and a stable code. */
function isNamed(error: unknown): error is Error & { code: string } {
  return error instanceof FerError || (error instanceof Error && error.name === "GraphError" && "code" in error);
}
