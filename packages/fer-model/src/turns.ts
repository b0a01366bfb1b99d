/** Work on the caller's thread that lets others have it: signals, timers, requests of a server. */
import { setImmediate } from "node:timers/promises";

/** Milliseconds that work may keep the thread before others have their turn. */
const SLICE = 10;

/**
 * A function to await between two pieces of work. It gives the event loop a turn where the last one is {@link SLICE}
 * ago, and throws the signal's reason where that is aborted.
 */
export function turns(signal?: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - last < SLICE) return;
    await setImmediate();
    last = performance.now();
    signal?.throwIfAborted();
  };
}
