/** WebP (RFC 9649): size by the first chunk, orientation and frames by the others. */
import { exifOrientation } from "./exif.js";
import type { FoundHeader } from "./found-header.js";

export function webpHeader(bytes: Buffer): FoundHeader | string | undefined {
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WEBP") return undefined;
  if (bytes.length < 30) return "a WebP that is cut off within its header";
  if (bytes.readUInt32LE(4) + 8 > bytes.length) return "a WebP that is cut off";
  let orientation = 1;
  let frames = 0;
  let isAnimation = false;
  for (let at = 12; at + 8 <= bytes.length;) {
    const [kind, length] = [bytes.toString("latin1", at, at + 4), bytes.readUInt32LE(at + 4)];
    if (kind === "EXIF") orientation = exifOrientation(bytes.subarray(at + 8, at + 8 + length));
    if (kind === "ANMF") frames += 1;
    if (kind === "ANIM") isAnimation = true;
    at += 8 + length + (length % 2);
  }
  const size = sizeOf(bytes);
  if (size === undefined) return "a damaged WebP: its first chunk is of no known kind";
  // a reader of still pictures does not open an animation, not even one of a single frame
  return { format: "webp", ...size, orientation, ...(isAnimation ? { frames: frames > 1 ? frames : Infinity } : {}) };
}

function sizeOf(bytes: Buffer): { width: number; height: number } | undefined {
  switch (bytes.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const packed = bytes.readUInt32LE(21);
      return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}
