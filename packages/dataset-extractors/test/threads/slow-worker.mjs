/** Takes half a second to load, and leaves a file when it has. */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { workerData } from "node:worker_threads";

await sleep(500);
appendFileSync(workerData.file, "loaded\n");

export default (batch) => batch;
