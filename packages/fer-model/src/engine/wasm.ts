/**
 * tfjs on WebAssembly (XNNPACK, SIMD, one thread: its threads do not work in Node). The eager engine that npm alone
 * brings to every platform.
 */
import { createRequire } from "node:module";
import { eagerEngine } from "./eager.js";

export const wasm = eagerEngine({
  name: "wasm",
  backend: "wasm",
  device: "CPU, WebAssembly",
  load: async () => {
    const require = createRequire(import.meta.url);
    const { version_wasm: version } = require("@tensorflow/tfjs-backend-wasm") as { version_wasm: string };
    return version;
  },
  install: "npm install @tensorflow/tfjs-backend-wasm@4.22.0",
});
