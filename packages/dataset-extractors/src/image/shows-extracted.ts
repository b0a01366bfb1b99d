import { dhash } from "@fer/core/twins";
import type { GreyPicture } from "@fer/core/pixels";
import type { DecoderName } from "./decoder-name.js";
import { pixelHash } from "./hash.js";

/** A picture of an image folder, and what its extraction saw. */
export interface ExtractedPicture {
  file: string;
  /** sha256 of the grey pixels. */
  pixelHash: string;
  /** 64-bit difference hash, hex. */
  dhash: string;
  /** Library that decoded it then. */
  decoder: string;
}

/** Bits of 64 in which two readings of one JPEG may differ: other pictures differ in half of them. */
const NEAR = 16;

/**
 * Whether a picture shows what was extracted: the same pixels, or nearly the same where another decoder has read a JPEG,
 * since two decoders round one differently.
 *
 * @param grey As `decoder` reads the file now.
 */
export function showsExtracted(
  grey: GreyPicture,
  { picture, decoder }: { picture: ExtractedPicture; decoder: DecoderName },
): boolean {
  if (decoder === picture.decoder || !picture.file.endsWith(".jpg")) return pixelHash(grey) === picture.pixelHash;
  return differentBits(dhash(grey), picture.dhash) <= NEAR;
}

function differentBits(a: string, b: string): number {
  const difference = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  return difference.toString(2).replaceAll("0", "").length;
}
