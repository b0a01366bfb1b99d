/** Entry of a pool thread: extracts a batch of pictures with the decoder it was started with. */
import { workerData } from "node:worker_threads";
import { loadDecoder } from "./decode.js";
import type { DecoderName } from "./decoder-name.js";
import { type DetectorModule, openDetector } from "./detect-face.js";
import { extractPicture, type PictureResult } from "./extract-picture.js";
import { packResults, unpackTasks, type BatchMessage } from "./message.js";

const { decoder, detector } = workerData as { decoder: DecoderName; detector: DetectorModule | null };
const decoding = loadDecoder(decoder);
const finding = detector === null ? null : openDetector(detector);
// a batch says it
finding?.catch(() => {});

/** Results in the order of the tasks. */
export default async function extractBatch(message: BatchMessage): Promise<string> {
  const tools = { decode: await decoding, finder: await finding };
  const results: PictureResult[] = [];
  for (const task of unpackTasks(message)) results.push(await extractPicture(task, tools));
  return packResults(results);
}
