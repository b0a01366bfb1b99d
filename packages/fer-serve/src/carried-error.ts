/** Errors on their way from thread to thread and from process to process, where they lose their class. */
import { FerError, FormatError, OptionsError } from "@fer/core";

/** A FerError in parts, or any other error. */
export type CarriedError = { name: string; code: string; message: string } | Error;

export function carried(error: unknown): CarriedError {
  if (error instanceof FerError) return { name: error.name, code: error.code, message: error.message };
  return error instanceof Error ? error : new Error(String(error));
}

/** @param subject What the error is about, where it comes to. */
export function revived(error: CarriedError, subject: string): Error {
  if (error instanceof Error) return error;
  const { name, code, message: found } = error;
  const Kind = name === "OptionsError" ? OptionsError : name === "FormatError" ? FormatError : FerError;
  return new Kind({ code, subject, found });
}
