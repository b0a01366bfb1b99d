/**
 * AVIF (ISO/IEC 23000-22, boxes of ISO/IEC 14496-12 and 23008-12): size by the largest `ispe` property, quarter turns by
 * `irot`, which decoders undo themselves. Its relatives, HEIC and films, are told by the brand.
 */
import type { FoundHeader } from "./found-header.js";

const HEVC = /^(heic|heix|heim|heis|hevc|hevx)$/;

export function boxesHeader(bytes: Buffer): FoundHeader | string | undefined {
  if (bytes.toString("latin1", 4, 8) !== "ftyp" || bytes.length < 16) return undefined;
  const end = Math.min(bytes.readUInt32BE(0), bytes.length);
  const brands = [bytes.toString("latin1", 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(bytes.toString("latin1", at, at + 4));
  if (brands.includes("avis")) return { format: "avif", width: 1, height: 1, frames: Infinity };
  if (brands.includes("avif")) return avifHeader(bytes);
  if (brands.some((brand) => HEVC.test(brand)))
    return "a HEIC picture, which no decoder here reads: convert it to JPEG or PNG (heif-convert, ImageMagick, Preview)";
  return `a film or another file of the brand "${brands[0]!.trim()}", not a picture that is read`;
}

function avifHeader(bytes: Buffer): FoundHeader | string {
  let width = 0;
  let height = 0;
  let isTurned = false;
  const walk = (path: string, { from, to }: { from: number; to: number }): void => {
    for (let at = from; at + 8 <= to;) {
      const length = bytes.readUInt32BE(at) || to - at;
      const kind = bytes.toString("latin1", at + 4, at + 8);
      if (length < 8) return;
      const end = Math.min(at + length, to);
      if (kind === "meta" && path === "") walk("meta", { from: at + 12, to: end });
      else if ((kind === "iprp" && path === "meta") || (kind === "ipco" && path === "iprp"))
        walk(kind, { from: at + 8, to: end });
      else if (kind === "ispe" && path === "ipco" && at + 20 <= end) {
        const [w, h] = [bytes.readUInt32BE(at + 12), bytes.readUInt32BE(at + 16)];
        if (w * h > width * height) [width, height] = [w, h];
      } else if (kind === "irot" && path === "ipco") isTurned = (bytes[at + 8]! & 1) === 1;
      at += length;
    }
  };
  walk("", { from: 0, to: bytes.length });
  return isTurned ? { format: "avif", width: height, height: width } : { format: "avif", width, height };
}
