/** BMP: the kinds that its reader is known to read right, by table test; the old and compressed ones are named. */
import type { FoundHeader } from "./found-header.js";

const COMPRESSIONS: Record<number, string> = {
  1: "run lengths",
  2: "run lengths",
  4: "a JPEG within",
  5: "a PNG within",
};

export function bmpHeader(bytes: Buffer): FoundHeader | string | undefined {
  if (bytes.toString("latin1", 0, 2) !== "BM") return undefined;
  if (bytes.length < 34) return bytes.length < 14 ? undefined : "a BMP that is cut off within its header";
  const size = bytes.readUInt32LE(14);
  const refused = (what: string) => `a BMP ${what}, which is not read: save it as PNG`;
  if (size === 12) return refused("of OS/2");
  if (size < 40 || size > 124) return undefined;
  const [bits, compression] = [bytes.readUInt16LE(28), bytes.readUInt32LE(30)];
  if (compression !== 0 && compression !== 3)
    return refused(`with ${COMPRESSIONS[compression] ?? `the compression ${compression}`}`);
  if (![1, 8, 24, 32].includes(bits)) return refused(`of ${bits} bits a pixel`);
  const [width, height] = [bytes.readInt32LE(18), Math.abs(bytes.readInt32LE(22))];
  const rows = height * Math.ceil((width * bits) / 32) * 4;
  if (bytes.readUInt32LE(10) + rows > bytes.length) return "a BMP that is cut off";
  return { format: "bmp", width, height };
}
