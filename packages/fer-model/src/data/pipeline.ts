/**
 * Batches made ahead of the step, in threads of their own. Which thread makes a batch decides nothing: the bytes are the
 * same with any number of them, and with none.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Batch } from "@fer/tfjs-graph";
import { type Augmentation, type AugmentationOptions, augmentationsOf } from "./augmentation.js";
import { BatchMaker, type BatchOptions, stepsPerEpoch } from "./batches.js";
import type { Subset, SubsetPlan } from "./subset.js";

export interface PipelineOptions extends Omit<BatchOptions, "augmentations"> {
  /** Threads; `null` for as many as pay here. */
  workers: number | null;
  augmentation: AugmentationOptions | null;
  /** Done after those of the options. Functions do not cross threads: with any, batches are made by the caller. */
  own: readonly Augmentation[];
  /** Of the first batch that is asked for. */
  from: BatchPlace;
}

/** A place in the order of batches. */
export interface BatchPlace {
  /** 1-based. */
  epoch: number;
  /** Of the epoch, from 0. */
  step: number;
}

/** Where a training takes its batches from, in order. */
export interface Batches {
  at(place: BatchPlace): Promise<Batch>;
  close(): void;
}

/** What a thread is told when it starts. */
export interface ThreadData {
  samples: SubsetPlan;
  options: Pick<PipelineOptions, "augmentation" | Exclude<keyof BatchOptions, "augmentations">>;
}

/** What a thread answers to a {@link BatchPlace}; `null` where it could not make the batch. */
export interface ThreadAnswer extends BatchPlace {
  batch: Batch | null;
}

/** Images in all, from which a thread pays for its start. */
const ENOUGH = 50_000;
/** Batches that wait for each thread's turn. */
const AHEAD = 3;

/** Opens the pipeline; with threads the first batches are made at once. */
export function openBatches(samples: Subset, options: PipelineOptions): Batches {
  const { augmentation, own, epochs, from } = options;
  const augmentations = [...(augmentation === null ? [] : augmentationsOf(augmentation)), ...own];
  const maker = new BatchMaker(samples, { ...options, augmentations });
  const images = (epochs + 1 - from.epoch) * samples.count;
  const paying = images < ENOUGH ? 0 : availableParallelism() < 4 ? 1 : 2;
  const threads = own.length > 0 ? 0 : (options.workers ?? paying);
  if (threads === 0) return { at: (place) => maker.at(place), close: () => {} };
  return new ThreadedBatches(maker, { samples, options, threads });
}

interface ThreadedOptions {
  samples: Subset;
  options: PipelineOptions;
  threads: number;
}

type Settle = (batch: Batch | null) => void;

class ThreadedBatches implements Batches {
  readonly #maker: BatchMaker;
  readonly #threads: Worker[];
  readonly #steps: number;
  readonly #epochs: number;
  /** Asked for and not taken, in order. */
  #queue: (BatchPlace & { batch: Promise<Batch | null> })[] = [];
  /** Asked for and not made, by place. */
  readonly #pending = new Map<string, Settle>();
  #next: BatchPlace;
  #asked = 0;

  constructor(maker: BatchMaker, { samples, options, threads }: ThreadedOptions) {
    this.#maker = maker;
    this.#steps = stepsPerEpoch(samples.count, options.batchSize);
    this.#epochs = options.epochs;
    this.#next = options.from;
    const { own: _, workers: _workers, from: _from, ...rest } = options;
    const workerData: ThreadData = { samples: samples.plan(), options: rest };
    this.#threads = Array.from({ length: threads }, () => this.#start(workerData));
    this.#fill();
  }

  async at(place: BatchPlace): Promise<Batch> {
    if (this.#queue.length === 0 && this.#threads.length === 0) return this.#maker.at(place);
    const waiting = this.#queue.shift();
    if (waiting === undefined || keyOf(waiting) !== keyOf(place)) {
      throw new Error(`batch ${place.step} of epoch ${place.epoch} was asked for out of turn`);
    }
    this.#fill();
    // What a thread cannot do is tried here, where it fails with the error of its own, or does not.
    return (await waiting.batch) ?? this.#maker.at(place);
  }

  close(): void {
    for (const thread of this.#threads) void thread.terminate();
  }

  #start(workerData: ThreadData): Worker {
    const thread = new Worker(new URL("./batch-thread.js", import.meta.url), { workerData, name: "fer-batches" });
    thread.unref();
    thread.on("message", ({ batch, ...place }: ThreadAnswer) => {
      this.#settle(place, batch);
    });
    // It is gone, and what it had to do is done by the caller.
    thread.on("error", () => {});
    thread.on("exit", () => {
      this.#threads.splice(this.#threads.indexOf(thread), 1);
      for (const settle of this.#pending.values()) settle(null);
      this.#pending.clear();
    });
    return thread;
  }

  #settle(place: BatchPlace, batch: Batch | null): void {
    this.#pending.get(keyOf(place))?.(batch);
    this.#pending.delete(keyOf(place));
  }

  #fill(): void {
    while (this.#queue.length < AHEAD * this.#threads.length && this.#next.epoch <= this.#epochs) {
      const place = this.#next;
      const batch = new Promise<Batch | null>((resolve) => void this.#pending.set(keyOf(place), resolve));
      this.#queue.push({ ...place, batch });
      this.#threads[this.#asked++ % this.#threads.length]!.postMessage(place, []);
      this.#next =
        place.step + 1 < this.#steps
          ? { epoch: place.epoch, step: place.step + 1 }
          : { epoch: place.epoch + 1, step: 0 };
    }
  }
}

const keyOf = ({ epoch, step }: BatchPlace): string => `${epoch} ${step}`;
