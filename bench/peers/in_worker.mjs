/**
 * A peer in a thread of its own, where its TensorFlow.js does not meet ours: `inWorker(file)` runs `file` of this folder,
 * which answers batches through `answerBatches`.
 */
import { parentPort, Worker } from "node:worker_threads";
import { installedPeers } from "./installed_peers.mjs";

/** `{ predict, dispose }` of a peer whose program is a file. */
export function inWorker(file) {
  let worker;
  let last = Promise.resolve();
  const ask = (batch) =>
    new Promise((resolve, reject) => {
      worker ??= new Worker(new URL(file, import.meta.url), { workerData: { home: installedPeers() }, stdout: true });
      worker.once("error", reject);
      worker.once("message", (answer) => {
        worker.off("error", reject);
        resolve(answer);
      });
      worker.postMessage(batch, []);
    });
  return {
    predict: (batch) => (last = last.then(() => ask(batch))),
    dispose: async () => worker?.terminate(),
  };
}

/** The other side. */
export function answerBatches(predict) {
  let last = Promise.resolve();
  parentPort.on("message", (batch) => {
    last = last.then(async () => parentPort.postMessage(await predict(batch), []));
    last.catch((error) =>
      setImmediate(() => {
        throw error;
      }),
    );
  });
}
