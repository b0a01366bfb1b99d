import { readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { toGrey } from "@fer/core/pixels";
import type { DecoderName } from "../image/decoder-name.js";
import { readPicture } from "../image/prepare-image.js";
import { SKETCH_BYTES, sketchOf } from "./sketch.js";

/** Files, and the library that decodes them. */
export interface SketchBatch {
  files: readonly string[];
  decoder: DecoderName;
}

/** Sketches one after another, `[files.length, SKETCH_BYTES]`; that of a picture which cannot be read is blank. */
export async function sketchBatch({ files, decoder }: SketchBatch): Promise<Uint8Array<ArrayBuffer>> {
  const sketches = new Uint8Array(files.length * SKETCH_BYTES);
  for (const [i, file] of files.entries()) {
    // read at once, as small files are; signals get their turn
    await nextTurn();
    try {
      sketches.set(sketchOf(toGrey(await readPicture(readFileSync(file), { decoder }))), i * SKETCH_BYTES);
    } catch {
      // whoever makes something of the picture says what is wrong with it
    }
  }
  return sketches;
}
