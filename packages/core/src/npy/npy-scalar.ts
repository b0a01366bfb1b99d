/**
 * Small NumPy `.npy` files: one value (shape `()` or `(1,)`, as `numpy.save(path, value)` writes a scalar), or a row
 * of numbers. Integers, floats, booleans, and strings of both kinds (`<U` UTF-32, `|S` bytes). Format: NEP 1; no
 * pickle is ever executed.
 */
import { FormatError } from "../errors.js";
import { readNpyHeader } from "./header.js";

/**
 * The value in a `.npy` file of one element.
 *
 * @param bytes The whole file.
 * @param file Name for messages.
 * @returns A number, or the text of a string scalar.
 * @throws FormatError for anything else: not a `.npy`, a pickle, several elements, cut off.
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { npyScalar } from "@fer/core";
 *
 * console.log(npyScalar(await readFile("0_exp.npy"), "0_exp.npy")); // 3
 * ```
 */
export function npyScalar(bytes: Buffer, file: string): number | string {
  const { shape, element } = open(bytes, file);
  if (shape.some((side) => side !== 1)) throw bad(file, `an array of shape (${shape.join(", ")})`);
  return element(0);
}

/**
 * All numbers of a small `.npy` file, row-major; text elements are read as numbers.
 *
 * @throws FormatError for anything but whole numbers of numbers: a pickle, text that is not a number, a file that is cut off.
 */
export function npyNumbers(bytes: Buffer, file: string): number[] {
  const { shape, columnMajor, element } = open(bytes, file);
  if (columnMajor && shape.filter((side) => side !== 1).length > 1) throw bad(file, "an array in Fortran order");
  const length = shape.reduce((product, side) => product * side, 1);
  // elements of no bytes would make any length fit
  if (length > bytes.length) throw bad(file, "a file that is cut off");
  return Array.from({ length }, (_, at) => {
    const value = Number(element(at));
    if (!Number.isFinite(value)) throw bad(file, `the value "${element(at)}"`);
    return value;
  });
}

interface NpyFile {
  shape: number[];
  columnMajor: boolean;
  /** The value at this place in the order of the file. */
  element(at: number): number | string;
}

const OWNERS = { expected: "a .npy file of numbers or text", fix: "Use the file as the owner ships it" };

function open(bytes: Buffer, file: string): NpyFile {
  const { descr, fortranOrder, shape, dataOffset } = readNpyHeader(bytes, { file, ...OWNERS });
  const data = bytes.subarray(dataOffset);
  const [, order, kind, digits] = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(descr) ?? [];
  const size = Number(digits) * (kind === "U" ? 4 : 1);
  if (kind === undefined || kind === "O") throw bad(file, `values of type "${descr}"`);
  if (size * shape.reduce((product, side) => product * side, 1) > data.length)
    throw bad(file, "a file that is cut off");
  return {
    shape,
    columnMajor: fortranOrder,
    element: (at) => {
      const one = data.subarray(at * size, (at + 1) * size);
      if (kind === "S") return one.toString("latin1").replace(/\0+$/, "");
      if (kind === "U") return text(one, order === ">");
      const number = NUMBERS[`${kind}${digits}`];
      if (number === undefined) throw bad(file, `values of type "${descr}"`);
      return number(new DataView(one.buffer, one.byteOffset, one.length), order !== ">");
    },
  };
}

function text(data: Buffer, bigEndian: boolean): string {
  let result = "";
  for (let at = 0; at + 4 <= data.length; at += 4) {
    const code = bigEndian ? data.readUInt32BE(at) : data.readUInt32LE(at);
    if (code > 0 && code <= 0x10ffff) result += String.fromCodePoint(code);
  }
  return result;
}

/** How a number of each type is read from its bytes. */
const NUMBERS: Readonly<Record<string, (bytes: DataView, isLittle: boolean) => number>> = {
  f4: (bytes, isLittle) => bytes.getFloat32(0, isLittle),
  f8: (bytes, isLittle) => bytes.getFloat64(0, isLittle),
  i1: (bytes) => bytes.getInt8(0),
  i2: (bytes, isLittle) => bytes.getInt16(0, isLittle),
  i4: (bytes, isLittle) => bytes.getInt32(0, isLittle),
  i8: (bytes, isLittle) => Number(bytes.getBigInt64(0, isLittle)),
  b1: (bytes) => bytes.getUint8(0),
  u1: (bytes) => bytes.getUint8(0),
  u2: (bytes, isLittle) => bytes.getUint16(0, isLittle),
  u4: (bytes, isLittle) => bytes.getUint32(0, isLittle),
  u8: (bytes, isLittle) => Number(bytes.getBigUint64(0, isLittle)),
};

const bad = (file: string, found: string): FormatError =>
  new FormatError({ code: "BAD_NPY", subject: file, found, ...OWNERS });
