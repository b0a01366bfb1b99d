/**
 * Runs jobs with a bound on all of them together, and politely to each host: one request at a time, with a pause
 * after it. Jobs of a host keep their order; hosts take turns.
 */
import { setTimeout as sleep } from "node:timers/promises";

export interface HostJob {
  host: string;
  run(): Promise<void>;
}

/** Takes jobs from `jobs` as they are needed; at most `ahead` wait for their host. Rejects with the first error. */
export async function runByHost(
  jobs: AsyncIterable<HostJob> | Iterable<HostJob>,
  { concurrency, pause, ahead = 1000 }: { concurrency: number; pause: number; ahead?: number },
): Promise<void> {
  const source = Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
  const waiting = new Map<string, HostJob[]>();
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();
  let count = 0;
  let drained = false;
  let failed: unknown;

  const start = ({ host, run }: HostJob): void => {
    busy.add(host);
    const job = run()
      .then(() => (pause > 0 ? void sleep(pause).then(() => busy.delete(host)) : void busy.delete(host)))
      .catch((error: unknown) => void (failed ??= error ?? new Error("failed")))
      .finally(() => running.delete(job));
    running.add(job);
  };
  for (;;) {
    if (failed !== undefined) {
      await Promise.allSettled(running);
      throw failed;
    }
    while (!drained && count < ahead) {
      const { done, value } = await source.next();
      if (done) {
        drained = true;
        break;
      }
      const queue = waiting.get(value.host);
      if (queue) queue.push(value);
      else waiting.set(value.host, [value]);
      count += 1;
    }
    for (const [host, queue] of waiting) {
      if (running.size >= concurrency) break;
      if (busy.has(host)) continue;
      start(queue.shift()!);
      count -= 1;
      // to the end of the map, so that hosts take turns
      waiting.delete(host);
      if (queue.length > 0) waiting.set(host, queue);
    }
    if (drained && count === 0 && running.size === 0) return;
    await (running.size > 0 && (running.size >= concurrency || count === 0)
      ? Promise.race(running)
      : Promise.race([...running, sleep(5)]));
  }
}
