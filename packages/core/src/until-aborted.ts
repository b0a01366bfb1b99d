/**
 * Waits for work that hears no signal, such as a library that loads, but no longer than until the signal is aborted.
 * The work is left to end by itself: nobody is told of its result, nor of its failure.
 *
 * @throws the signal's reason; what `work` is rejected with
 * @example
 * ```ts
 * import { untilAborted } from "@fer/core";
 *
 * const never = new Promise<string>(() => {});
 * const signal = AbortSignal.timeout(10);
 * console.log(await untilAborted(never, signal).catch((error: Error) => error.name)); // TimeoutError
 * ```
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  work.catch(() => {});
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => (stop = () => reject(signal.reason as Error)));
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
