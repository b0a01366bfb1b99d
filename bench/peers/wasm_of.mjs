/** TensorFlow.js of the peers, on WebAssembly: `require` is that of the folder with their node_modules. */
import { join } from "node:path";

export const wasmFolder = (home) => `${join(home, "node_modules/@tensorflow/tfjs-backend-wasm/dist")}/`;

export async function wasmOf(home, require) {
  const tf = require("@tensorflow/tfjs");
  const { setWasmPaths } = require("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(wasmFolder(home));
  await tf.setBackend("wasm");
  await tf.ready();
  return tf;
}
