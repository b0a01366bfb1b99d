/**
 * A training listens to its signal in every phase: between two looks at it there is never more than a step, and from
 * wherever it was stopped the same training goes on to the same bytes. `FER_STOPS=12` stops it at so many looks (six when
 * left out, twelve in CI).
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, openRun, writeReport } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

/** Milliseconds beside a step that a training may be deaf; other processes take their share of the machine as well. */
const LIMIT = 300;
const STOPS = Number(process.env["FER_STOPS"] ?? 6);

let folder: string;
const path = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-stop-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A signal that knows how often it was looked at, and for how long it was not; it can fire at a look of one's choice. */
class Ear {
  readonly #controller = new AbortController();
  /** Looks so far: `throwIfAborted`, or a listener that waits. */
  looks = 0;
  /** Longest time without a look and without a listener, and the phase that it ended in. */
  deaf = { milliseconds: 0, phase: "" };
  phase = "start";
  #listeners = 0;
  #last = performance.now();

  constructor(private readonly firesAt = Number.POSITIVE_INFINITY) {
    const { signal } = this;
    const { throwIfAborted, addEventListener, removeEventListener } = signal;
    signal.throwIfAborted = () => {
      if (this.#look()) this.#controller.abort();
      throwIfAborted.call(signal);
    };
    signal.addEventListener = (...words: Parameters<typeof addEventListener>) => {
      // what it waits for has begun a moment later
      if (this.#look()) setTimeout(() => this.#controller.abort(), 5);
      this.#listeners++;
      addEventListener.apply(signal, words);
    };
    signal.removeEventListener = (...words: Parameters<typeof removeEventListener>) => {
      this.#listeners--;
      this.#last = performance.now();
      removeEventListener.apply(signal, words);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #look(): boolean {
    const now = performance.now();
    const milliseconds = this.#listeners > 0 ? 0 : now - this.#last;
    if (milliseconds > this.deaf.milliseconds) this.deaf = { milliseconds, phase: this.phase };
    this.#last = now;
    return ++this.looks === this.firesAt;
  }
}

test("is deaf for one step at most: in training, validation, tests in ten views, baselines, report and evaluation", async () => {
  const set = await tinySet(path("large"), { parts: { train: 400, val: 100, test: 100 }, size: 48 });
  const options = { architecture: "tiny", engine: "wasm", epochs: 3, batchSize: 32, to: path("heard") } as const;
  // with kernels that are compiled already, as in all steps but the first
  await new FerTrainer({ ...options, epochs: 1, to: path("warm") }).fit(set);
  const ear = new Ear();
  const { signal } = ear;
  const steps: number[] = [];
  let last = performance.now();
  const phases = {
    name: "phases",
    onTrainBegin: () => void (ear.phase = "training"),
    onStepEnd() {
      steps.push(performance.now() - last);
      last = performance.now();
    },
    onTrainEnd: () => void (ear.phase = "files, test, baselines, report"),
  };
  const run = await new FerTrainer(options).fit(set, { callbacks: [phases], signal });
  ear.phase = "evaluation";
  await run.evaluate(set, { part: "train", signal });
  ear.phase = "report";
  await writeReport(run.folder, { signal });
  set.close();
  const step = steps.toSorted((a, b) => a - b)[steps.length >> 1]!;
  const { milliseconds, phase } = ear.deaf;
  expect(milliseconds, `${phase}: ${milliseconds.toFixed(0)} ms, a step takes ${step.toFixed(0)} ms`).toBeLessThan(
    LIMIT + 2 * step,
  );
}, 120_000);

describe("stopped anywhere", () => {
  let set: AssembledSet;
  beforeAll(async () => {
    set = await tinySet(path("set"), { parts: { train: 96, val: 24, test: 24 } });
  });
  afterAll(() => set.close());
  const options = { architecture: "tiny", engine: "cpu", epochs: 2, batchSize: 8 } as const;

  test(`at ${STOPS} looks, a training says how to go on, and goes on to the bytes of one that was not stopped`, async () => {
    const whole = new Ear();
    await new FerTrainer({ ...options, to: path("whole") }).fit(set, { signal: whole.signal });
    const expected = await tree(path("whole"));
    for (let attempt = 1; attempt <= STOPS; attempt++) {
      const to = path(`stopped-${attempt}`);
      const { signal } = new Ear(Math.ceil(((attempt - 0.5) / STOPS) * whole.looks));
      const stopped = new FerTrainer({ ...options, to }).fit(set, { signal });
      await expect(stopped).rejects.toThrow("Run the same training again: it goes on where it was stopped");
      await expect(openRun(to)).rejects.toThrow("no such file");
      await new FerTrainer({ ...options, to }).fit(set);
      expect(await tree(to)).toEqual(expected);
    }
    expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
  }, 120_000);

  test("an evaluation leaves the run as it was", async () => {
    const run = await new FerTrainer({ ...options, report: false, to: path("evaluated") }).fit(set);
    const before = await tree(run.folder);
    const whole = new Ear();
    await (await run.save(path("evaluated whole"))).evaluate(set, { part: "train", signal: whole.signal });
    // one at least in each of two batches in ten views, however fast the run is
    const LOOKS = 20;
    expect(whole.looks).toBeGreaterThan(LOOKS);
    for (const look of [1, LOOKS / 2, LOOKS]) {
      const { signal } = new Ear(look);
      await expect(run.evaluate(set, { part: "train", signal })).rejects.toThrow("aborted");
      expect(await tree(run.folder)).toEqual(before);
    }
  });
});
