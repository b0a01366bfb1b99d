/** Errors on their way between threads, processes, or a page and its worker: class, code, message and stack stay. */
import { DatasetError, EngineError, FerError, type FerErrorParts, FormatError, OptionsError } from "./errors.js";

/** An error without its class, which does not survive the way. */
export interface CarriedError {
  name: string;
  message: string;
  stack: string | undefined;
  code: string | undefined;
  context: Record<string, unknown>;
}

const CLASSES: Readonly<Record<string, new (parts: FerErrorParts) => FerError>> = {
  FerError,
  OptionsError,
  DatasetError,
  FormatError,
  EngineError,
};

/** What of an error can be sent. */
export function carried(error: unknown): CarriedError {
  if (error instanceof FerError) {
    const { name, message, stack, code, context } = error;
    return { name, message, stack, code, context: cloneable(context) };
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack, code: undefined, context: {} };
}

/** The error that was sent, of its class where that is one of @fer. */
export function revived({ name, message, stack, code, context }: CarriedError): Error {
  const Class = code === undefined ? undefined : CLASSES[name];
  const error = Class === undefined ? new Error(message) : new Class({ code: code!, subject: "", found: "", context });
  return Object.assign(error, { message, stack }, Class === undefined ? { name } : {});
}

/** Without what cannot be sent, such as functions. */
function cloneable(context: Record<string, unknown>): Record<string, unknown> {
  try {
    return structuredClone(context);
  } catch {
    return {};
  }
}
