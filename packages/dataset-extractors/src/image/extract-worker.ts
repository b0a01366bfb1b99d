/** Entry of a pool thread: extracts a batch of pictures with the decoder it was started with. */
import { workerData } from "node:worker_threads";
import { type DecoderName, loadDecoder } from "./decode.js";
import { extractPicture, type PictureResult } from "./extract-picture.js";
import { packResults, unpackTasks, type BatchMessage } from "./message.js";

const decoder = loadDecoder((workerData as { decoder: DecoderName }).decoder);

/** Results in the order of the tasks. */
export default async function extractBatch(message: BatchMessage): Promise<string> {
  const decode = await decoder;
  const results: PictureResult[] = [];
  for (const task of unpackTasks(message)) results.push(await extractPicture(task, decode));
  return packResults(results);
}
