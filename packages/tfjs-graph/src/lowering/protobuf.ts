/** Writes protocol buffers, as much of the wire format as TensorFlow and ONNX graphs need. Fields are byte strings. */

const utf8 = new TextEncoder();

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** A base-128 varint; negative numbers as 64-bit two's complement. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

const tag = (field: number, wire: number): Uint8Array => varint(field * 8 + wire);

/** Integer, bool or enum field. */
export const integer = (field: number, value: number | bigint): Uint8Array => concat([tag(field, 0), varint(value)]);

/** float field. */
export function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concat([tag(field, 5), bytes]);
}

/** String, bytes, or embedded message. */
export function bytes(field: number, value: string | Uint8Array): Uint8Array {
  const data = typeof value === "string" ? utf8.encode(value) : value;
  return concat([tag(field, 2), varint(data.length), data]);
}
