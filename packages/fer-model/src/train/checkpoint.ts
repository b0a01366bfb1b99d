/**
 * The state of an unfinished training on disk, in the safetensors layout: 8 bytes of header length (little endian), a
 * JSON header with shape and place of every tensor, then float32 values. One file, written beside its place and
 * renamed, so a killed process leaves the old state or the new one.
 */
import type { HostTensor, StepState } from "@fer/tfjs-graph";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { writeAtomic } from "../formats/index.js";
import { HistoryRow } from "@fer/core/run";

/** Everything needed to go on after an epoch. */
export interface Checkpoint {
  state: StepState;
  /** History up to and with the epoch of the state. */
  rows: HistoryRow[];
}

const Entry = z.object({
  dtype: z.literal("F32"),
  shape: z.array(z.number()),
  data_offsets: z.tuple([z.number(), z.number()]),
});
const Metadata = z.object({ step: z.string(), rows: z.string() });

/** Writes a checkpoint in one step. */
export async function writeCheckpoint(file: string, { state, rows }: Checkpoint): Promise<void> {
  const tensors: [string, HostTensor][] = [
    ...Object.entries(state.weights).map(([name, tensor]) => [`weights/${name}`, tensor] as [string, HostTensor]),
    ...Object.entries(state.slots).map(([name, tensor]) => [`slots/${name}`, tensor] as [string, HostTensor]),
  ];
  let offset = 0;
  const entries = tensors.map(([name, { shape, data }]) => {
    const start = offset;
    offset += data.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [start, offset] }] as const;
  });
  const metadata = { step: String(state.step), rows: JSON.stringify(rows) };
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const values = tensors.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  await writeAtomic(file, Buffer.concat([length, header, ...values]));
}

/** Reads a checkpoint; `null` where there is none. */
export async function readCheckpoint(file: string): Promise<Checkpoint | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return null;
  }
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__, ...entries } = JSON.parse(bytes.toString("utf8", 8, start)) as Record<string, unknown>;
  const metadata = Metadata.parse(__metadata__);
  const state: StepState = { step: Number(metadata.step), weights: {}, slots: {} };
  for (const [key, value] of Object.entries(entries)) {
    const {
      shape,
      data_offsets: [from, to],
    } = Entry.parse(value);
    // A copy, since a Float32Array must start at a multiple of four.
    const data = new Float32Array(Uint8Array.from(bytes.subarray(start + from, start + to)).buffer);
    const slash = key.indexOf("/");
    state[key.slice(0, slash) as "weights" | "slots"][key.slice(slash + 1)] = { shape, data };
  }
  return { state, rows: z.array(HistoryRow).parse(JSON.parse(metadata.rows)) };
}
