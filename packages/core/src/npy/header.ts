/**
 * The header of NumPy's `.npy` format, version 1.0 (NEP 1; numpy/lib/format.py):
 *
 *     "\x93NUMPY" 01 00 <uint16 LE: length> {'descr': '|u1', 'fortran_order': False, 'shape': (n, 48, 48, 1), } <blanks> \n
 *
 * padded so that the data start at a multiple of 64. Only C order and little-endian numbers are written; versions 2
 * and 3 (a uint32 length) are read too.
 */
import { FormatError } from "../errors.js";
import { isLfsPointer, lfsPointer } from "../files/text-lines.js";

/** Number types of the arrays of a set: images, labels and votes, rows of folds. */
export type NpyDtype = "uint8" | "float32" | "int64";

/** What a header says, and where the data start. */
export interface NpyHeader {
  /** NumPy's type string, e.g. `|u1` or `<f4`. */
  descr: string;
  /** The same as one of ours; `null` for any other type. */
  dtype: NpyDtype | null;
  fortranOrder: boolean;
  shape: number[];
  /** Bytes before the data. */
  dataOffset: number;
}

/** NumPy's type string and the bytes of one number. */
export const NPY_DTYPES = {
  uint8: { descr: "|u1", bytes: 1 },
  float32: { descr: "<f4", bytes: 4 },
  int64: { descr: "<i8", bytes: 8 },
} as const satisfies Record<NpyDtype, { descr: string; bytes: number }>;

const DTYPES = Object.keys(NPY_DTYPES) as NpyDtype[];

const MAGIC = Buffer.from("\x93NUMPY", "latin1");

/** Bytes that are enough for the header of any array of a set. */
export const NPY_HEADER_READ_BYTES = 4096;

/**
 * The bytes of a version 1.0 header, a multiple of 64 long.
 *
 * @example
 * ```ts
 * import { encodeNpyHeader } from "@fer/core";
 *
 * console.log(encodeNpyHeader("uint8", [10, 48, 48, 1]).length); // 128
 * ```
 */
export function encodeNpyHeader(dtype: NpyDtype, shape: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dict = `{'descr': '${NPY_DTYPES[dtype].descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const total = Math.ceil((MAGIC.length + 4 + dict.length + 1) / 64) * 64;
  const header = Buffer.alloc(total, " ");
  MAGIC.copy(header, 0);
  header[6] = 1;
  header[7] = 0;
  header.writeUInt16LE(total - 10, 8);
  header.write(dict, 10, "latin1");
  header[total - 1] = 0x0a;
  return header;
}

/**
 * Reads a header from the first bytes of an array of a set.
 *
 * @param file name for messages
 * @throws FormatError for anything that is not the start of a `.npy` file
 */
export function decodeNpyHeader(bytes: Buffer, file: string): NpyHeader {
  return readNpyHeader(bytes, { file, expected: "a NumPy .npy file", fix: "Assemble the set again" });
}

/** Whose file it is, for messages. */
export interface NpySource {
  file: string;
  expected: string;
  fix: string;
}

/** {@link decodeNpyHeader} of any file. */
export function readNpyHeader(bytes: Buffer, { file, expected, fix }: NpySource): NpyHeader {
  const bad = (found: string): FormatError => new FormatError({ code: "BAD_NPY", subject: file, found, expected, fix });
  if (isLfsPointer(bytes)) throw lfsPointer(file);
  if (bytes.length < 12 || !bytes.subarray(0, 6).equals(MAGIC)) throw bad("the file does not start as an array does");
  const major = bytes[6]!;
  if (major < 1 || major > 3) throw bad(`the format version is ${major}.${bytes[7]}`);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (start + length > NPY_HEADER_READ_BYTES) throw bad(`its header claims to be ${length} bytes long`);
  if (bytes.length < start + length) throw bad("the file ends within its header");
  const entries = entriesOf(bytes.toString("latin1", start, start + length));
  if (entries === null) throw bad("the header has no descr, fortran_order and shape");
  const { descr, fortranOrder, shape } = entries;
  return {
    descr,
    dtype: DTYPES.find((dtype) => NPY_DTYPES[dtype].descr === descr) ?? null,
    fortranOrder,
    shape,
    dataOffset: start + length,
  };
}

/** `'name': value,` of the dictionary; the type of an array of records, a list, is not among the values. */
const ENTRY = /'(descr|fortran_order|shape)'\s*:\s*(?:'([^']*)'|(True|False)|\(([\d\s,]*)\))\s*(?:,|$)/g;

/** What the dictionary says: these three entries and nothing else, as `numpy.load` wants it; `null` where it does not. */
function entriesOf(dict: string): Pick<NpyHeader, "descr" | "fortranOrder" | "shape"> | null {
  const body = dict.trim();
  if (!body.startsWith("{") || !body.endsWith("}")) return null;
  const inner = body.slice(1, -1);
  const found: { descr?: string; order?: string; shape?: number[] } = {};
  const entries = [...inner.matchAll(ENTRY)];
  for (const [, key, text, order, tuple] of entries) {
    if (key === "descr" && text !== undefined) found.descr = text;
    if (key === "fortran_order" && order !== undefined) found.order = order;
    if (key === "shape" && tuple !== undefined) found.shape = numbersOf(tuple);
  }
  const isAll = entries.length === 3 && inner.replace(ENTRY, "").trim() === "";
  const { descr, order, shape } = found;
  if (!isAll || descr === undefined || order === undefined || shape === undefined) return null;
  return shape.every((side) => Number.isSafeInteger(side)) ? { descr, fortranOrder: order === "True", shape } : null;
}

const numbersOf = (tuple: string): number[] =>
  tuple
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map(Number);
