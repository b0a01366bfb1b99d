/** Reads protocol buffers, as much of the wire format as TensorFlow's graphs need. */

/** One field of a message. */
export interface Field {
  number: number;
  /** Of a varint; a negative number as such. */
  value: bigint;
  /** Of a string, bytes or a message. */
  bytes: Uint8Array;
  /** The bytes as packed varints. */
  varints(): bigint[];
  /** Of a fixed 32-bit field. */
  float(): number;
}

/** The fields of a message, in their order. */
export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    const [value, next] = varintAt(message, at);
    at = next;
    return value;
  };
  while (at < message.length) {
    const tag = Number(varint());
    const wire = tag % 8;
    const value = wire === 0 ? varint() : 0n;
    const length = wire === 2 ? Number(varint()) : wire === 5 ? 4 : wire === 1 ? 8 : 0;
    const bytes = message.subarray(at, at + length);
    at += length;
    fields.push({
      number: Math.floor(tag / 8),
      value: BigInt.asIntN(64, value),
      bytes,
      varints: () => packed(bytes),
      float: () => new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true),
    });
  }
  return fields;
}

function packed(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  for (let at = 0; at < bytes.length;) {
    const [value, next] = varintAt(bytes, at);
    values.push(BigInt.asIntN(64, value));
    at = next;
  }
  return values;
}

function varintAt(bytes: Uint8Array, from: number): [value: bigint, next: number] {
  let value = 0n;
  let at = from;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at++]!;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}
