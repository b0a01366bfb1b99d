/** A worker that computes on WebGPU. */
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { type AdapterInfo, deviceOf } from "../backends.js";
import { serve } from "./serve.js";

/** The part of the backend that is asked. */
interface WebGpuBackend {
  adapterInfo?: AdapterInfo;
  device: { lost: Promise<{ reason: string; message: string }> };
}

serve("webgpu", {
  started() {
    const { adapterInfo, device } = tf.backend() as unknown as WebGpuBackend;
    const lost = device.lost.then(({ message }) => `its device was lost (${message || "no reason given"})`);
    return { device: deviceOf(adapterInfo), lost };
  },
});
