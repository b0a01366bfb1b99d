/**
 * HDF5 files as bytes, through h5wasm's in-memory file system; the 4 MB library is loaded at first use.
 *
 * Written files use the oldest format version, which every HDF5 release reads, and whose object headers hold one time
 * only: the modification time of a dataset. HDF5 can be told to leave it out, h5wasm cannot, so it is set to zero
 * afterwards: equal contents give equal bytes.
 *
 * What is read lies in the file itself: links into other files, and datasets whose values lie elsewhere, are refused.
 */
import { FormatError } from "@fer/core/errors";
import type { Dataset, File as Hdf5File, Group } from "h5wasm";

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Header message 0x0012 (modification time): type, size 8, flags, reserved; version 1, reserved; then the seconds. */
const TIME_MESSAGE = Buffer.from("120008000000000001000000", "hex");

/** What a group may hold. */
export type Hdf5Item = { kind: "group"; group: Group } | { kind: "tensor"; tensor: StoredTensor };

/** A dataset; {@link readTensor} reads its values, once its shape is known to fit. */
export interface StoredTensor {
  /** From the root of the file. */
  path: string;
  shape: number[];
}

/** Whether bytes begin as an HDF5 file does. */
const isHdf5 = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, at) => bytes[at] === byte);

/** Bytes of a new file. `write` fills it and returns how many datasets it made. */
export async function writeHdf5(write: (file: Hdf5File) => number): Promise<Uint8Array> {
  const { File, FS } = await load();
  const path = "/written.h5";
  const file = new File(path, "w", { libver: ["earliest", "latest"] });
  let datasets: number;
  try {
    datasets = write(file);
  } finally {
    file.close();
  }
  const bytes = FS.readFile(path);
  FS.unlink(path);
  clearTimes(bytes, datasets);
  return bytes;
}

/**
 * Reads a file held in memory; `name` is for messages. It stays open until `read` is done.
 *
 * @throws {@link FormatError} when the bytes are not an HDF5 file, or a damaged one.
 */
export async function readHdf5<Result>(
  bytes: Uint8Array,
  { name, read }: { name: string; read: (file: Hdf5File) => Result | Promise<Result> },
): Promise<Result> {
  if (!isHdf5(bytes)) {
    throw new FormatError({
      code: "NOT_HDF5",
      subject: name,
      found: bytes.length === 0 ? "an empty file" : firstBytes(bytes),
      expected: "an HDF5 file (Keras .h5)",
      fix: "If it came through Git LFS, run `git lfs pull`",
    });
  }
  const { File, FS } = await load();
  const path = "/read.h5";
  FS.writeFile(path, bytes);
  let file: Hdf5File | undefined;
  try {
    file = new File(path, "r");
    return await read(file);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError({
      code: "DAMAGED_HDF5",
      subject: name,
      found: `a damaged HDF5 file of ${bytes.length} bytes (${reason(cause)})`,
      expected: "a whole one",
      fix: "Copy or train it again",
      cause,
    });
  } finally {
    file?.close();
    FS.unlink(path);
  }
}

/**
 * A member of a group, one step of the path at a time; `null` where there is none. `file` is for messages.
 *
 * @throws {@link FormatError} where a step leads into another file.
 */
export function memberOf(group: Group, { path, file }: { path: string; file: string }): Hdf5Item | null {
  let at = group;
  const steps = path.split("/").filter((step) => step !== "");
  for (const [index, step] of steps.entries()) {
    const item = at.get(step) as { type?: string } | null | undefined;
    switch (item?.type) {
      case "Group":
        at = item as unknown as Group;
        break;
      case "Dataset":
        return index < steps.length - 1 ? null : { kind: "tensor", tensor: storedTensor(item as Dataset, file) };
      case "ExternalLink":
        throw elsewhere(file, `"${step}", a link into another file ("${(item as { filename?: string }).filename}")`);
      default:
        return null;
    }
  }
  return { kind: "group", group: at };
}

function storedTensor(dataset: Dataset, file: string): StoredTensor {
  const { virtual_sources } = dataset.metadata as Dataset["metadata"] & { virtual_sources?: unknown[] };
  const { path } = dataset;
  if (virtual_sources !== undefined)
    throw elsewhere(file, `"${path}", a virtual dataset, whose values lie in other files`);
  return { path, shape: (dataset.shape ?? []).map(Number) };
}

/**
 * Row-major values of a tensor that {@link memberOf} has found; `file` is for messages.
 *
 * @throws {@link FormatError} where they are not numbers of a weight, or lie in another file.
 */
export function readTensor(root: Group, { tensor, file }: { tensor: StoredTensor; file: string }): Float32Array {
  const dataset = root.get(tensor.path) as Dataset;
  const { type, size } = dataset.metadata;
  if (dataset.attrs["dtype"]?.value === "bfloat16" && size === 2) {
    const upper = Uint32Array.from(toArray(dataset.value), (half) => (half & 0xffff) << 16);
    return new Float32Array(upper.buffer);
  }
  // HDF5's class 1 is floating point.
  if (type !== 1 || (size !== 4 && size !== 8)) {
    throw new FormatError({
      code: "WEIGHT_TYPE",
      subject: file,
      found: `"${tensor.path}" of the type ${String(dataset.dtype)}`,
      expected: "weights of float32, float64 or bfloat16",
      fix: "Save the model in float32",
    });
  }
  try {
    return Float32Array.from(toArray(dataset.value));
  } catch (cause) {
    if (!/external raw data/.test(String(cause))) throw cause;
    throw elsewhere(file, `"${tensor.path}", whose values lie in another file`);
  }
}

/** h5wasm reads a scalar as a number. */
const toArray = (value: unknown): ArrayLike<number> =>
  typeof value === "number" ? [value] : (value as ArrayLike<number>);

const elsewhere = (file: string, what: string): FormatError =>
  new FormatError({
    code: "HDF5_LINK",
    subject: file,
    found: what,
    expected: "a file that holds its weights itself",
    fix: "Other files are not opened on its behalf; save the model again in one file",
  });

async function load() {
  const h5wasm = await import("h5wasm");
  const module = await h5wasm.ready;
  // Without this, HDF5 prints its errors; with it, they are thrown.
  module.activate_throwing_error_handler();
  const { FS } = module;
  return { File: h5wasm.File, FS: FS as unknown as MemoryFiles };
}

/** The part of Emscripten's file system that is used here. */
interface MemoryFiles {
  readFile(path: string): Uint8Array;
  writeFile(path: string, bytes: Uint8Array): void;
  unlink(path: string): void;
}

function clearTimes(bytes: Uint8Array, expected: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let cleared = 0;
  for (let at = buffer.indexOf(TIME_MESSAGE); at !== -1; at = buffer.indexOf(TIME_MESSAGE, at + 1)) {
    buffer.writeUInt32LE(0, at + TIME_MESSAGE.length);
    cleared++;
  }
  // A weight that happens to look like a time must not be changed without anyone noticing.
  if (cleared !== expected) {
    throw new FormatError({
      code: "HDF5_TIMES",
      subject: "HDF5 writer",
      found: `${cleared} time stamps in a file of ${expected} datasets`,
      expected: "one each",
      fix: "Report this with the version of h5wasm",
    });
  }
}

const firstBytes = (bytes: Uint8Array): string =>
  `a file that begins with "${Buffer.from(bytes.subarray(0, 16))
    .toString("latin1")
    .replaceAll(/[^ -~]/g, ".")}"`;

/** HDF5 tells a trace of calls, "#006: <file> line 577 in <function>(): <what happened>"; the last one is the reason. */
function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return [...text.matchAll(/ in \w+\(\): (.+)/g)].at(-1)?.[1] ?? text.split("\n", 1)[0]!;
}
