import { readFile } from "node:fs/promises";
import { faceLikeness } from "@fer/core/face-likeness";
import { type GreyPicture, resizeBilinear, toGrey } from "@fer/core/pixels";
import { loadDecoder } from "../image/decode.js";
import type { DecoderName } from "../image/decoder-name.js";
import { readHeader } from "../image/header.js";
import { type ExtractedPicture, showsExtracted } from "../image/shows-extracted.js";
import { sketchOf } from "../twins/sketch.js";
import { pictureStats, type PictureStats } from "./picture-stats.js";

/** What is found of a picture that is listed: its numbers, its sketch, and whether it still is the one that was extracted. */
export type PictureFound =
  | (PictureStats & { sketch: Uint8Array; hasFace: boolean; isChanged: boolean })
  | "missing"
  | "undecodable";

/** Of pictures in their order. */
export async function statsOfFiles(
  pictures: readonly ExtractedPicture[],
  decoder: DecoderName,
): Promise<PictureFound[]> {
  const found: PictureFound[] = [];
  for (const picture of pictures) {
    const bytes = await readFile(picture.file).catch((error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" ? ("missing" as const) : ("undecodable" as const),
    );
    const isRead = typeof bytes !== "string";
    found.push(isRead ? await numbersOf(bytes, { picture, decoder }).catch(() => "undecodable" as const) : bytes);
  }
  return found;
}

async function numbersOf(
  bytes: Buffer,
  { picture, decoder }: { picture: ExtractedPicture; decoder: DecoderName },
): Promise<PictureFound> {
  const decode = await loadDecoder(decoder);
  const header = readHeader(bytes);
  if (typeof header === "string") return "undecodable";
  const grey = toGrey(await decode(bytes, header));
  return {
    ...pictureStats(grey),
    sketch: sketchOf(grey),
    hasFace: hasFace(grey),
    isChanged: !showsExtracted(grey, { picture, decoder }),
  };
}

/** Side of the picture that is looked at for a face: what `faceLikeness` was made for. */
const FACE_SIDE = 48;

/** Whether the picture may be a face that was cut out. */
function hasFace(grey: GreyPicture): boolean {
  const { data } = resizeBilinear(grey, { width: FACE_SIDE, height: FACE_SIDE });
  return faceLikeness({ data, size: FACE_SIDE }).looksLikeFace;
}
