/**
 * The one thing of Exif that matters here: how the picture has to be turned. JPEG, PNG, WebP and TIFF store it alike, as
 * tag 0x0112 of the first directory of a TIFF structure (Exif 2.32, section 4.6.4). The directory of a thumbnail, which
 * may be turned otherwise, is never looked at.
 */

/** Orientation 1..8 of a TIFF structure; 1 (upright) where it says nothing, nonsense, or is cut off. */
export function exifOrientation(block: Buffer): number {
  const tiff = block.toString("latin1", 0, 6) === "Exif\0\0" ? block.subarray(6) : block;
  const order = tiff.toString("latin1", 0, 2);
  if (tiff.length < 8 || (order !== "II" && order !== "MM")) return 1;
  const short = (at: number) => (order === "II" ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = order === "II" ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return 1;
  for (let i = 0, at = directory + 2; i < short(directory) && at + 12 <= tiff.length; i++, at += 12) {
    if (short(at) === 0x0112) return short(at + 8) >= 1 && short(at + 8) <= 8 ? short(at + 8) : 1;
  }
  return 1;
}
