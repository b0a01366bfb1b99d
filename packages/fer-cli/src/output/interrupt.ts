/** Ctrl-C -> AbortSignal. The first one lets the library end cleanly; the second one ends the process at once. */
import { EXIT } from "./failure.js";

/** Reason of the signal that the libraries get. */
class Interrupted extends Error {
  override readonly name = "AbortError";
  constructor() {
    super("interrupted");
  }
}

/** A signal that fires on SIGINT or SIGTERM; `onInterrupt` is called once, before it fires. */
export function interruptSignal(onInterrupt: () => void): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) {
      // whatever keeps the process from ending: another one takes the default action
      process.off("SIGINT", stop).off("SIGTERM", stop);
      process.exit(EXIT.interrupted);
    }
    onInterrupt();
    controller.abort(new Interrupted());
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}

/** Whether an error only says that the signal fired. */
export function isInterrupt(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted || !(error instanceof Error)) return false;
  return error.name === "AbortError" || ("code" in error && error.code === "ABORTED");
}
