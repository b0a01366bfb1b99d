/**
 * TFRecord, the framing of TensorBoard's event files: length (8 bytes, little endian), masked CRC-32C of the length, the
 * record, masked CRC-32C of the record.
 */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1;
  return sum;
});

/** CRC-32C (Castagnoli). */
function crc32c(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** A sum as TFRecord stores it: turned by 15 bits, and a constant added, so that sums of sums stay apart. */
const masked = (bytes: Uint8Array): number => {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
};

/** Bytes of a record as they stand in the file. */
export function frame(record: Uint8Array): Buffer {
  const framed = Buffer.alloc(record.length + 16);
  framed.writeBigUInt64LE(BigInt(record.length), 0);
  framed.writeUInt32LE(masked(framed.subarray(0, 8)), 8);
  framed.set(record, 12);
  framed.writeUInt32LE(masked(record), record.length + 12);
  return framed;
}

/** A record, and where it ends in the file. */
export interface Framed {
  record: Uint8Array;
  end: number;
}

/** The whole records at the beginning of a file; what a crash cut off in the middle, and what follows it, is left out. */
export function* framedRecords(file: Buffer): Generator<Framed, void, undefined> {
  for (let start = 0; start + 16 <= file.length;) {
    const length = Number(file.readBigUInt64LE(start));
    const end = start + length + 16;
    if (end > file.length || file.readUInt32LE(start + 8) !== masked(file.subarray(start, start + 8))) return;
    const record = file.subarray(start + 12, end - 4);
    if (file.readUInt32LE(end - 4) !== masked(record)) return;
    yield { record, end };
    start = end;
  }
}
