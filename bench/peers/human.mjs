/**
 * `@vladmandic/human` 3.3.6 for `fer cross peer:bench/peers/human.mjs`: its network of emotions, on faces that are cut out
 * already, prepared as its `src/gear/emotion.ts` prepares them (resizeBilinear to 64 x 64, 2 (grey / 255 - 0.5)). That names
 * oarriaga's project as the origin of the network.
 */
import { inWorker } from "./in_worker.mjs";

export const name = "human 3.3.6";
export const classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
export const channels = 1;
export const trainedOn = "FER2013, as oarriaga's project, which its source names";
export const { predict, dispose } = inWorker("human_worker.mjs");
