/** Entry of a pool thread: prepares batches and hands the rows over without a copy. */
import { handOver } from "@fer/dataset-extractors/threads";
import { type PrepareBatch, type PreparedBatch, prepareBatch } from "./prepare-batch.js";

export default async function work(task: PrepareBatch): Promise<PreparedBatch> {
  const batch = await prepareBatch(task);
  return batch instanceof Uint8Array ? handOver(batch) : batch;
}
