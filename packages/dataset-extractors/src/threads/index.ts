/** One pool of worker threads for whatever goes over pictures in batches. */
export { handOver } from "./hand-over.js";
export { runBatches, Threads } from "./run-batches.js";
