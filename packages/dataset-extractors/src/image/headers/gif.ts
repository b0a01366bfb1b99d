/** GIF (GIF89a): size, and the number of frames by skipping over the blocks (sections 20 and 23). */
import type { FoundHeader } from "./found-header.js";

export function gifHeader(bytes: Buffer): FoundHeader | string | undefined {
  if (!/^GIF8[79]a/.test(bytes.toString("latin1", 0, 6))) return undefined;
  if (bytes.length < 13) return "a GIF that is cut off within its header";
  const frames = countFrames(bytes);
  if (frames === 0) return "a GIF without a picture";
  return { format: "gif", width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), frames };
}

function countFrames(bytes: Buffer): number {
  const table = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  const skipBlocks = (from: number) => {
    let at = from;
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
    return at + 1;
  };
  let frames = 0;
  let at = 13 + table(bytes[10]!);
  while (at < bytes.length) {
    if (bytes[at] === 0x21) at = skipBlocks(at + 2);
    else if (bytes[at] === 0x2c) {
      frames += 1;
      at = skipBlocks(at + 11 + table(bytes[at + 9] ?? 0));
    } else break;
  }
  return frames;
}
