/** A worker that computes on WebGL 2. */
import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgl";
import * as tf from "@tensorflow/tfjs-core";
import { rendererOf } from "../backends.js";
import { serve } from "./serve.js";

serve("webgl", {
  started() {
    const context = (tf.backend() as MathBackendWebGL).gpgpu.gl as WebGL2RenderingContext;
    return {
      device: rendererOf(context),
      lost: new Promise((resolve) => {
        context.canvas.addEventListener("webglcontextlost", () => resolve("its context was lost"));
      }),
      isLost: () => context.isContextLost(),
    };
  },
});
