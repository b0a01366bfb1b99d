/**
 * A detector for the threads of an extraction. It runs on WebAssembly in each of them, and nowhere else, so that the
 * same pictures give the same faces whatever else is installed and however many threads there are.
 */
import { blazeFace, type FaceDetector } from "@fer/recognizer";
import { selectEngine } from "../engine/select.js";
import { onWasm } from "./face-detector.js";

/** Opens it. */
export default async function open(): Promise<FaceDetector> {
  await selectEngine("wasm");
  return blazeFace({ compile: onWasm });
}
