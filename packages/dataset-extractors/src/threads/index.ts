/** One pool of worker threads for whatever goes over pictures in batches. */
export { handOver, runBatches, Threads, Workers } from "./run-batches.js";
