/** Entry of a pool thread: prepares a batch of pictures with the decoder it was started with. */
import { workerData } from "node:worker_threads";
import { loadDecoder } from "./decode.js";
import type { DecoderName } from "./decoder-name.js";
import { packResults, unpackTasks, type BatchMessage } from "./message.js";
import { preparePicture, type PictureResult } from "./prepare.js";

const decoder = loadDecoder((workerData as { decoder: DecoderName }).decoder);

/** Results in the order of the tasks. */
export default async function prepareBatch(message: BatchMessage): Promise<string> {
  const decode = await decoder;
  const results: PictureResult[] = [];
  for (const task of unpackTasks(message)) results.push(await preparePicture(task, decode));
  return packResults(results);
}
