/** A worker that computes on WebAssembly: with threads where the page is isolated from other origins, else on one. */
import * as tf from "@tensorflow/tfjs-core";
import { getThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { serve } from "./serve.js";

serve("wasm", {
  prepare() {
    setWasmPaths({
      "tfjs-backend-wasm.wasm": new URL("./tfjs-backend-wasm.wasm", import.meta.url).href,
      "tfjs-backend-wasm-simd.wasm": new URL("./tfjs-backend-wasm-simd.wasm", import.meta.url).href,
      "tfjs-backend-wasm-threaded-simd.wasm": new URL("./tfjs-backend-wasm-threaded-simd.wasm", import.meta.url).href,
    });
    if (!crossOriginIsolated) tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  },
  started() {
    const threads = Math.max(1, getThreadsCount());
    return { device: threads === 1 ? "1 thread" : `${threads} threads` };
  },
});
