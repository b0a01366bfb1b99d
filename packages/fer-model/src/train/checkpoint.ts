/**
 * Where an unfinished training keeps what it must not lose: the last two checkpoints, each of them whole in itself.
 *
 *     state-<updates done>-<sha256>.safetensors
 *
 * A file is in the safetensors layout: 8 bytes of header length (little endian), a JSON header with shape and place of
 * every tensor, then float32 values. Its name holds the sha256 of its bytes, so a file that was cut off or has changed
 * is never taken for a checkpoint: the one before it is. That is why nothing waits for the disk here (no fsync).
 */
import { createHash } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { hashFile } from "@fer/core/artifact";
import { HistoryRow } from "@fer/core/run";
import type { HostTensor, StepState } from "@fer/tfjs-graph";
import { z } from "zod";
import type { Weights } from "./weights.js";

/** Where a training stands, between two steps. */
const TrainPosition = z.strictObject({
  /** 1-based; one more than there are at the end. */
  epoch: z.number().int(),
  /** Steps of that epoch that are done. */
  done: z.number().int(),
  /** Sums over their samples. */
  loss: z.number(),
  correct: z.number(),
  /** Of the last step. */
  learningRate: z.number(),
  /** Epochs in the mean of weights. */
  averaged: z.number().int(),
  /** Epochs that are complete. */
  rows: z.array(HistoryRow),
  /** What callbacks have decided. */
  learningRateScale: z.number(),
  bestEpoch: z.number().int().nullable(),
  stopped: z.string().nullable(),
});
type TrainPosition = z.infer<typeof TrainPosition>;

/** Everything needed to go on at any step, to the bytes of a training that was never interrupted. */
export interface Checkpoint {
  position: TrainPosition;
  state: StepState;
  /** Weights of `position.bestEpoch`. */
  best: Weights | null;
  /** Weights at the end of the last complete epoch; `null` where the state has them, or there is none. */
  last: Weights | null;
  /** Mean of the weights of `position.averaged` epochs. */
  average: Weights | null;
}

/** A checkpoint is due when so many times as long has passed as it took to write the one before. */
const SHARE = 50;
/** Largest share that checkpoints add to the time of the steps. */
export const CHECKPOINT_SHARE = 1 / SHARE;
/** Bytes that are hashed and written at a time: a millisecond or so. */
const CHUNK = 1 << 20;
const NAME = /^state-(\d{12})-([0-9a-f]{64})\.safetensors$/;

/** The checkpoints of a training, in a folder of their own. */
export class CheckpointStore {
  #lastWrite = { at: performance.now(), took: 0 };
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #updates = -1;

  constructor(
    private readonly folder: string,
    /** Called when there is a checkpoint, written now or before. */
    private readonly onKept: () => void = () => {},
  ) {}

  /** Reads the newest checkpoint that is whole. `notes` says which ones were passed over; they are removed. */
  async read(): Promise<{ checkpoint: Checkpoint | null; notes: string[] }> {
    const notes: string[] = [];
    for (const file of (await this.#files()).toReversed()) {
      const checkpoint = await readCheckpoint(join(this.folder, file)).catch((error: Error) => error.message);
      if (typeof checkpoint !== "string") {
        this.#updates = checkpoint.state.step;
        this.onKept();
        return { checkpoint, notes };
      }
      notes.push(`the checkpoint after ${Number(NAME.exec(file)![1])} steps ${checkpoint} and was passed over`);
      await rm(join(this.folder, file));
    }
    return { checkpoint: null, notes };
  }

  /** Whether so much time has passed that the next one costs next to nothing. */
  get isDue(): boolean {
    return !this.#isWriting && performance.now() - this.#lastWrite.at > SHARE * this.#lastWrite.took;
  }

  /** Takes a checkpoint; it is written while the caller goes on. An error of the disk comes out of the next call. */
  async save(take: () => Promise<Checkpoint>): Promise<void> {
    await this.finish();
    const from = performance.now();
    const checkpoint = await take();
    if (checkpoint.state.step === this.#updates && checkpoint.position.done > 0) return;
    this.#isWriting = true;
    this.#writing = this.#write(checkpoint).finally(() => {
      this.#isWriting = false;
      this.#lastWrite = { at: performance.now(), took: performance.now() - from };
    });
    // looked at in finish()
    this.#writing.catch(() => {});
  }

  /** Waits until the last checkpoint is on disk. */
  async finish(): Promise<void> {
    await this.#writing;
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    const { step } = checkpoint.state;
    const draft = join(this.folder, "state.tmp");
    const digest = await writeCheckpoint(draft, checkpoint);
    const name = `state-${String(step).padStart(12, "0")}-${digest}.safetensors`;
    await rename(draft, join(this.folder, name));
    this.#updates = step;
    this.onKept();
    const older = (await this.#files()).filter((file) => file !== name);
    // of one position there is one: the other is the same, or of before its validation
    const same = older.filter((file) => Number(NAME.exec(file)![1]) === step);
    for (const file of [...same, ...older.filter((each) => !same.includes(each)).slice(0, -1)])
      await rm(join(this.folder, file), { force: true });
  }

  /** Oldest first. */
  async #files(): Promise<string[]> {
    return (await readdir(this.folder)).filter((file) => NAME.test(file)).sort();
  }
}

type Group = "weights" | "slots" | "best" | "last" | "average";

const Entry = z.object({
  dtype: z.literal("F32"),
  shape: z.array(z.number()),
  data_offsets: z.tuple([z.number(), z.number()]),
});

/** Writes the file; returns the sha256 of its bytes. The event loop has its turns meanwhile. */
async function writeCheckpoint(path: string, { position, state, best, last, average }: Checkpoint): Promise<string> {
  const groups: Record<Group, Weights> = {
    weights: state.weights,
    slots: state.slots,
    best: best ?? {},
    last: last ?? {},
    average: average ?? {},
  };
  const tensors = Object.entries(groups).flatMap(([group, values]) =>
    Object.entries(values).map(([name, tensor]): [string, HostTensor] => [`${group}/${name}`, tensor]),
  );
  let offset = 0;
  const entries = tensors.map(([name, { shape, data }]) => {
    const start = offset;
    offset += data.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [start, offset] }] as const;
  });
  const metadata = { step: String(state.step), position: JSON.stringify(position) };
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const blocks = [
    Buffer.concat([length, header]),
    ...tensors.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
  const hash = createHash("sha256");
  const file = await open(path, "w");
  try {
    for (const block of blocks) {
      for (let from = 0; from < block.length; from += CHUNK) {
        const chunk = block.subarray(from, from + CHUNK);
        hash.update(chunk);
        await file.writeFile(chunk);
      }
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

/** @throws Error whose message ends the sentence "the checkpoint ...". */
async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { sha256 } = await hashFile(path);
  if (sha256 !== NAME.exec(basename(path))![2]) throw new Error("is damaged");
  const file = await open(path);
  try {
    return await decodeCheckpoint(file);
  } catch (cause) {
    throw new Error("is of another version", { cause });
  } finally {
    await file.close();
  }
}

/** Reads tensor by tensor: the event loop has its turns meanwhile. */
async function decodeCheckpoint(file: FileHandle): Promise<Checkpoint> {
  const length = Number((await readBytes(file, { from: 0, to: 8 })).readBigUInt64LE());
  const start = 8 + length;
  const header = JSON.parse((await readBytes(file, { from: 8, to: start })).toString("utf8")) as Record<
    string,
    unknown
  >;
  const { __metadata__, ...entries } = header;
  const { step, position } = z.object({ step: z.string(), position: z.string() }).parse(__metadata__);
  const groups: Record<Group, Weights> = { weights: {}, slots: {}, best: {}, last: {}, average: {} };
  for (const [key, value] of Object.entries(entries)) {
    const {
      shape,
      data_offsets: [from, to],
    } = Entry.parse(value);
    const { buffer } = await readBytes(file, { from: start + from, to: start + to });
    const slash = key.indexOf("/");
    groups[key.slice(0, slash) as Group][key.slice(slash + 1)] = { shape, data: new Float32Array(buffer) };
  }
  const orNull = (weights: Weights): Weights | null => (Object.keys(weights).length === 0 ? null : weights);
  return {
    position: TrainPosition.parse(JSON.parse(position)),
    state: { step: Number(step), weights: groups.weights, slots: groups.slots },
    best: orNull(groups.best),
    last: orNull(groups.last),
    average: orNull(groups.average),
  };
}

/** Bytes in a buffer of their own. */
async function readBytes(file: FileHandle, { from, to }: { from: number; to: number }): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.from(new ArrayBuffer(to - from));
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, Math.min(bytes.length - at, CHUNK), from + at);
    if (bytesRead === 0) throw new Error("it ends early");
    at += bytesRead;
  }
  return bytes;
}
