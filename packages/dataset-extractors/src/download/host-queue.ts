/**
 * Runs jobs with a bound on all of them together, and politely to each host: one request at a time, with a pause
 * after it. Jobs of a host keep their order; hosts take turns.
 */
import { setTimeout as sleep } from "node:timers/promises";
import PQueue from "p-queue";

export interface HostJob {
  host: string;
  run(): Promise<void>;
}

export interface HostQueueOptions {
  /** Jobs under way at once. */
  concurrency: number;
  /** Milliseconds between two jobs of a host. */
  pause: number;
  /** Jobs that wait for their host before the next one is taken from the source. */
  ahead?: number;
}

/** Takes jobs from `jobs` as there is room for them. Rejects with the first error, once what is under way has ended. */
export async function runByHost(
  jobs: AsyncIterable<HostJob> | Iterable<HostJob>,
  { concurrency, pause, ahead = 1000 }: HostQueueOptions,
): Promise<void> {
  const all = new PQueue({ concurrency });
  const hosts = new Map<string, PQueue>();
  const waiting = new Set<Promise<void>>();
  let failed: { error: unknown } | undefined;
  for await (const { host, run } of jobs) {
    if (failed !== undefined) break;
    const queue = hosts.get(host) ?? new PQueue({ concurrency: 1 });
    hosts.set(host, queue);
    const job = queue
      .add(async () => {
        if (failed === undefined) await all.add(run);
        // nobody waits for the pause after the last one
        if (queue.size > 0) await sleep(pause);
      })
      .catch((error: unknown) => void (failed ??= { error }))
      .finally(() => {
        waiting.delete(job);
        if (queue.size === 0 && queue.pending === 0) hosts.delete(host);
      });
    waiting.add(job);
    if (waiting.size >= ahead) await Promise.race(waiting);
  }
  await Promise.all(waiting);
  if (failed !== undefined) throw failed.error;
}
