/** Entry of a pool thread: prepares a batch of pictures with the decoder it was started with. */
import { workerData } from "node:worker_threads";
import { loadDecoder, type DecoderName } from "./decode.js";
import { preparePicture, type PictureResult, type PictureTask } from "./prepare.js";

const decoder = loadDecoder((workerData as { decoder: DecoderName }).decoder);

/** Results in the order of the tasks. */
export default async function prepareBatch(tasks: PictureTask[]): Promise<PictureResult[]> {
  const decode = await decoder;
  const results: PictureResult[] = [];
  for (const task of tasks) results.push(await preparePicture(task, decode));
  return results;
}
