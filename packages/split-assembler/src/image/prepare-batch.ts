/** Pictures of an image folder -> rows of a set. Runs in this thread or in one of a pool; the result is the same. */
import { readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DatasetError } from "@fer/core/errors";
import {
  type DecoderName,
  type ExtractedPicture,
  type ImageSettings,
  preparePicture,
  readPicture,
  showsExtracted,
  toGrey,
} from "@fer/dataset-extractors/image";

/** Milliseconds of work in one go: a turn of the event loop costs as much as a tenth of a small picture. */
const TURN = 5;

export interface PrepareBatch {
  pictures: readonly ExtractedPicture[];
  settings: ImageSettings & { decoder: DecoderName };
}

/** Rows of a batch one after another, `[files.length, size, size, channels]`, or the first file that has none. */
export type PreparedBatch = Uint8Array<ArrayBuffer> | { file: string; problem: string };

/** Prepares a batch. Never throws for a bad image: an error does not cross threads whole. */
export async function prepareBatch({ pictures, settings }: PrepareBatch): Promise<PreparedBatch> {
  const { decoder } = settings;
  const length = settings.size * settings.size * settings.channels;
  const rows = new Uint8Array(pictures.length * length);
  let turned = performance.now();
  for (const [i, extracted] of pictures.entries()) {
    // Read at once, for small files cost four trips through the thread pool otherwise; signals get their turn.
    if (performance.now() - turned > TURN) {
      await nextTurn();
      turned = performance.now();
    }
    const { file } = extracted;
    try {
      const picture = await readPicture(readFileSync(file), { decoder });
      const grey = toGrey(picture);
      if (!showsExtracted(grey, { picture: extracted, decoder }))
        return { file, problem: "it does not show what was extracted: it has been changed since" };
      rows.set(preparePicture(settings.channels === 1 ? grey : picture, settings), i * length);
    } catch (error) {
      return { file, problem: problemOf(error) };
    }
  }
  return rows;
}

function problemOf(error: unknown): string {
  if (error instanceof DatasetError) return String(error.context["problem"]);
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOENT" ? "the file is missing" : `it cannot be read (${code ?? message.split("\n", 1)[0]})`;
}
