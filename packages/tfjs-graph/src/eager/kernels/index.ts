/**
 * Kernels that training needs and a backend lacks or has only as a naive loop, registered once a backend: composed
 * from its other kernels where that is fast, else run by the `cpu` backend on copies of the data.
 */
import type { KernelFunc, Tensor } from "@tensorflow/tfjs";
import { tf } from "../../tf.js";
import * as avgPoolGrad from "./avg-pool-grad.js";
import * as conv2dBackpropFilter from "./conv2d-backprop-filter.js";
import * as conv2dBackpropInput from "./conv2d-backprop-input.js";
import { delegateToCpu } from "./delegate-to-cpu.js";
import * as maxPoolGrad from "./max-pool-grad.js";
import * as samePads from "./same-pads.js";
import * as resizeNearestNeighborGrad from "./resize-nearest-neighbor-grad.js";

interface Composed {
  kernelName: string;
  /** Cases that it is for; the backend's own kernel does the others. All, where left out. */
  applies?(inputs: never, attributes: never): boolean;
  compose(inputs: never, attributes: never): Tensor;
}

/** Missing in a backend, wrong there, or faster composed; each file says which. */
const replaced: Record<string, Composed[]> = {
  wasm: [conv2dBackpropInput, conv2dBackpropFilter, maxPoolGrad, resizeNearestNeighborGrad],
  cpu: [maxPoolGrad, resizeNearestNeighborGrad],
};

/** Missing in some backends; too rare in training to be worth more than the cpu kernel. */
const delegated = ["DepthwiseConv2dNativeBackpropFilter", "DepthwiseConv2dNativeBackpropInput", "UnsortedSegmentSum"];

const done = new Set<string>();

/** Registers what `backend` lacks. Calling it again does nothing. */
export function registerTrainingKernels(backend: string): void {
  if (done.has(backend)) return;
  done.add(backend);
  for (const kernel of replaced[backend] ?? []) replace(kernel, backend);
  for (const kernelName of backend === "wasm" ? samePads.kernelNames : []) {
    wrap({ kernelName, backend }, samePads.withSamePads);
  }
  wrap({ kernelName: avgPoolGrad.kernelName, backend }, avgPoolGrad.withRealCounts);
  for (const kernelName of delegated) {
    if (backend !== "cpu" && tf.getKernel(kernelName, backend) === undefined) {
      tf.registerKernel({ kernelName, backendName: backend, kernelFunc: delegateToCpu(kernelName) });
    }
  }
}

/** Puts a kernel of a backend inside another. */
function wrap(
  { kernelName, backend }: { kernelName: string; backend: string },
  around: (own: KernelFunc) => KernelFunc,
): void {
  const own = tf.getKernel(kernelName, backend);
  if (own === undefined) return;
  tf.unregisterKernel(kernelName, backend);
  tf.registerKernel({ ...own, kernelFunc: around(own.kernelFunc) });
}

/** Kernels are called with the tensors of the op, so a kernel can be made of ops. */
function replace({ kernelName, applies, compose }: Composed, backend: string): void {
  const own = tf.getKernel(kernelName, backend);
  if (own !== undefined) tf.unregisterKernel(kernelName, backend);
  const kernelFunc: KernelFunc = (call) => {
    const [inputs, attributes] = [call.inputs as never, (call.attrs ?? {}) as never];
    if (own !== undefined && applies?.(inputs, attributes) === false) return own.kernelFunc(call);
    return tf.tidy(() => compose(inputs, attributes));
  };
  tf.registerKernel({ ...own, kernelName, backendName: backend, kernelFunc });
}
