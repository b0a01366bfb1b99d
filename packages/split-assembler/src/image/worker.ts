/** Entry of a pool thread: prepares batches and hands the rows over without a copy. */
import { move } from "piscina";
import { type ImageSettings, type PreparedBatch, prepareBatch } from "./prepare.js";

/** One task: file paths, and what they become. */
export interface WorkerTask {
  files: readonly string[];
  settings: ImageSettings;
}

export default async function work({ files, settings }: WorkerTask): Promise<PreparedBatch> {
  const batch = await prepareBatch(files, settings);
  // move() must be the outermost value: piscina looks for it nowhere else.
  return batch instanceof Uint8Array ? (move(batch) as Uint8Array) : batch;
}
