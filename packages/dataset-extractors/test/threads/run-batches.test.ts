import { getEventListeners } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exportParquet, inspect } from "@fer/dataset-extractors";
import { Workers } from "@fer/dataset-extractors/options";
import { runBatches, Threads } from "@fer/dataset-extractors/threads";
import { describe, expect, test } from "vitest";

const elsewhere = { file: new URL("double-worker.mjs", import.meta.url) };
/** Slow enough in this thread that others are started. */
const here = async (batch: (number | string)[]): Promise<number[]> => {
  await sleep(50);
  if (batch.includes("fail")) throw new Error("as asked");
  return batch.map((n) => 2 * Number(n));
};
const numbers = Array.from({ length: 60 }, (_, i) => [i, i + 0.5]);

function* endless(): Generator<number[]> {
  for (let i = 0; ; i++) yield [i];
}

async function all(batches: (number | string)[][], workers: number): Promise<number[]> {
  const results: number[] = [];
  for await (const { result } of runBatches(batches, { workers, here, elsewhere })) results.push(...result);
  return results;
}

describe("runBatches", () => {
  test.each([1, 2, 0])("gives the results in order with workers %i", async (workers) => {
    expect(await all(numbers, workers)).toEqual(numbers.flat().map((n) => 2 * n));
  });

  test.each([1, 2])("throws the error of a batch where it stands in the order (workers %i)", async (workers) => {
    const results: number[] = [];
    const work = { workers, here, elsewhere };
    const run = async () => {
      const batches = [...numbers.slice(0, 20), ["fail"], ...numbers];
      for await (const { result } of runBatches<(number | string)[], number[]>(batches, work)) results.push(...result);
    };
    await expect(run()).rejects.toThrow("as asked");
    expect(results).toHaveLength(40);
  });

  test("stops at a signal, to which it adds no listener a batch", async () => {
    const stop = new AbortController();
    let listeners = 0;
    const run = async () => {
      let done = 0;
      for await (const { batch } of runBatches(endless(), { workers: 2, signal: stop.signal, here, elsewhere })) {
        done += batch.length;
        if (done < 40) continue;
        listeners = getEventListeners(stop.signal, "abort").length;
        stop.abort();
      }
    };
    await expect(run()).rejects.toThrow("aborted");
    expect(listeners).toBeLessThan(5);
  });

  test("lets its threads load before it ends them: Node 20 does not survive it otherwise", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fer-threads-"));
    const file = join(folder, "loaded");
    const data = { file };
    const slow = { file: new URL("slow-worker.mjs", import.meta.url), data };
    // as much as is worth threads at once, and given up before they can have loaded
    for await (const { result } of runBatches(endless(), { workers: 2, count: 1000, here, elsewhere: slow })) {
      expect(result).toEqual([0]);
      break;
    }
    expect(readFileSync(file, "utf8")).toBe("loaded\nloaded\n");
    rmSync(folder, { recursive: true });
  });

  test("goes on in this thread until the others have loaded, and leaves those that it was given", async () => {
    const threads = Threads.start(elsewhere, { workers: 2 })!;
    const places: string[] = [];
    let readyBefore = threads.isReady;
    const work = { workers: 2, threads, here, elsewhere: { ...elsewhere, pack: (message: number[]) => ({ message }) } };
    for await (const { batch, result } of runBatches<number[], number[]>(endless(), work)) {
      places.push(readyBefore ? "there" : "here");
      readyBefore = threads.isReady;
      expect(result).toEqual(batch.map((n) => 2 * Number(n)));
      if (places.length > 5 && threads.isReady) break;
    }
    expect(places[0]).toBe("here");
    expect(await threads.run({ message: [21] })).toEqual([42]);
    await threads.end();
    expect(Threads.start(elsewhere, { workers: 1 })).toBeUndefined();
    expect([63, 64].map(Threads.areWorthIt)).toEqual([false, true]);
  });
});

test("workers mean the same everywhere: 0 or nothing is one a core", () => {
  expect(Workers.parse(undefined)).toBe(0);
  expect(Workers.safeParse(65).success).toBe(false);
});

test("inspect and export refuse options they do not know", async () => {
  const unknown = { wokers: 2 } as never;
  await expect(inspect([], unknown)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  await expect(exportParquet("data", unknown)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
});
