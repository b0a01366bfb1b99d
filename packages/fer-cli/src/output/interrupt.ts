/** Ctrl-C -> AbortSignal. The first one lets the library end cleanly; the second one ends the process at once. */
import { EXIT } from "./failure.js";

/** Milliseconds that a process in which all is done may take to end by itself. */
const GRACE = 50;

/** Reason of the signal that the libraries get. */
class Interrupted extends Error {
  override readonly name = "AbortError";
  constructor(readonly by: NodeJS.Signals) {
    super("interrupted");
  }
}

/** A signal that fires on SIGINT or SIGTERM; `onInterrupt` is called once, before it fires. */
export function interruptSignal(onInterrupt: () => void): AbortSignal {
  const controller = new AbortController();
  const stop = (by: NodeJS.Signals): void => {
    if (controller.signal.aborted) endBy(by);
    onInterrupt();
    controller.abort(new Interrupted(by));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}

/**
 * Called when all is done and said after an interruption: whatever still keeps the process, such as a thread in which a
 * library loads, is not waited for.
 */
export function endSoon(signal: AbortSignal): void {
  setTimeout(() => endBy((signal.reason as Interrupted).by), GRACE).unref();
}

/**
 * Ends the process by the signal's default action, which a shell shows as 130 or 143. `process.exit` would wait for
 * threads that are within a library; it is for Windows, which has no signals, and for the first process of a container,
 * which they do not end.
 */
function endBy(name: NodeJS.Signals): never {
  process.removeAllListeners(name);
  if (process.platform !== "win32") process.kill(process.pid, name);
  process.exit(EXIT.interrupted);
}

/** Whether an error only says that the signal fired. */
export function isInterrupt(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted || !(error instanceof Error)) return false;
  return error.name === "AbortError" || ("code" in error && error.code === "ABORTED");
}
