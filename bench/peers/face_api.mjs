/**
 * `@vladmandic/face-api` 1.7.15 for `fer cross peer:bench/peers/face_api.mjs`: its `FaceExpressionNet`, on faces that are
 * cut out already; it resizes them to 112 x 112 by itself. What it was trained on its authors do not publish.
 */
import { inWorker } from "./in_worker.mjs";

export const name = "face-api 1.7.15";
export const classes = ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"];
export const size = 112;
export const channels = 3;
export const { predict, dispose } = inWorker("face_api_worker.mjs");
