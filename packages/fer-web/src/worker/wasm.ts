/** A worker that computes on WebAssembly: on one thread. Threads of tfjs do not start from a script that was bundled. */
import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { serve } from "./serve.js";

serve("wasm", {
  prepare() {
    const simd = new URL("./tfjs-backend-wasm-simd.wasm", import.meta.url).href;
    setWasmPaths({
      "tfjs-backend-wasm.wasm": new URL("./tfjs-backend-wasm.wasm", import.meta.url).href,
      "tfjs-backend-wasm-simd.wasm": simd,
      // Has to be named, and is not asked for without threads.
      "tfjs-backend-wasm-threaded-simd.wasm": simd,
    });
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  },
  started() {
    return { device: "1 thread" };
  },
});
