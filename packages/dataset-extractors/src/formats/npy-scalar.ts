/**
 * One value in a NumPy `.npy` file: shape `()` or `(1,)`, as `numpy.save(path, value)` writes a scalar. Integers,
 * floats, booleans, and strings of both kinds (`<U` UTF-32, `|S` bytes). Format: NEP 1; no pickle is ever executed.
 */
import { FormatError } from "../errors.js";

const MAGIC = Buffer.from("\x93NUMPY", "latin1");

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
 * import { npyScalar } from "@fer/dataset-extractors";
 *
 * const label = Number(npyScalar(await readFile("0_exp.npy"), "0_exp.npy"));
 * ```
 */
export function npyScalar(bytes: Buffer, file: string): number | string {
  if (bytes.length < 10 || !bytes.subarray(0, 6).equals(MAGIC)) throw bad(file, "not a .npy file");
  const wide = bytes[6]! >= 2;
  if (wide && bytes.length < 12) throw bad(file, "a file that is cut off");
  const start = wide ? 12 : 10;
  const end = start + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  if (end > bytes.length) throw bad(file, "a file that is cut off");
  const header = bytes.toString("latin1", start, end);
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (descr === undefined || shape === undefined) throw bad(file, "a header without descr and shape");
  if (!/^\s*(1\s*,?\s*)*$/.test(shape)) throw bad(file, `an array of shape (${shape.trim()})`);
  const data = bytes.subarray(end);
  const [, order, kind, digits] = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(descr) ?? [];
  const size = Number(digits) * (kind === "U" ? 4 : 1);
  if (kind === undefined || kind === "O") throw bad(file, `values of type "${descr}"`);
  if (size > data.length) throw bad(file, "a file that is cut off");
  return kind === "U" || kind === "S"
    ? text(data.subarray(0, size), kind, order === ">")
    : number(data, `${kind}${digits}`, order === ">", file, descr);
}

function text(data: Buffer, kind: "U" | "S", bigEndian: boolean): string {
  if (kind === "S") return data.toString("latin1").replace(/\0+$/, "");
  let result = "";
  for (let at = 0; at + 4 <= data.length; at += 4) {
    const code = bigEndian ? data.readUInt32BE(at) : data.readUInt32LE(at);
    if (code > 0 && code <= 0x10ffff) result += String.fromCodePoint(code);
  }
  return result;
}

function number(data: Buffer, type: string, bigEndian: boolean, file: string, descr: string): number {
  const size = Number(type.slice(1));
  switch (type) {
    case "f4":
      return bigEndian ? data.readFloatBE(0) : data.readFloatLE(0);
    case "f8":
      return bigEndian ? data.readDoubleBE(0) : data.readDoubleLE(0);
    case "i8":
      return Number(bigEndian ? data.readBigInt64BE(0) : data.readBigInt64LE(0));
    case "u8":
      return Number(bigEndian ? data.readBigUInt64BE(0) : data.readBigUInt64LE(0));
    case "i1":
    case "i2":
    case "i4":
      return bigEndian ? data.readIntBE(0, size) : data.readIntLE(0, size);
    case "b1":
    case "u1":
    case "u2":
    case "u4":
      return bigEndian ? data.readUIntBE(0, size) : data.readUIntLE(0, size);
    default:
      throw bad(file, `values of type "${descr}"`);
  }
}

function bad(file: string, found: string): FormatError {
  return new FormatError({
    code: "BAD_NPY",
    subject: file,
    found,
    expected: "a .npy file with one number or string",
    fix: "Use the file as the owner ships it",
  });
}
