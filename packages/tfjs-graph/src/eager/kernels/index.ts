/**
 * Kernels that training needs and a backend lacks or has only as a naive loop, registered once a backend: composed
 * from its other kernels where that is fast, else run by the `cpu` backend on copies of the data.
 */
import type { NamedAttrMap, NamedTensorInfoMap, Tensor, TensorInfo } from "@tensorflow/tfjs";
import { tf } from "../../tf.js";
import * as conv2dBackpropFilter from "./conv2d-backprop-filter.js";
import * as conv2dBackpropInput from "./conv2d-backprop-input.js";
import { delegateToCpu } from "./delegate-to-cpu.js";

interface Composed {
  kernelName: string;
  compose(inputs: never, attributes: never): Tensor;
}

/** Faster composed than the backend's own kernel, and why. */
const replaced: Record<string, Composed[]> = { wasm: [conv2dBackpropInput, conv2dBackpropFilter] };

/** Missing in some backends; too rare in training to be worth more than the cpu kernel. */
const delegated = ["DepthwiseConv2dNativeBackpropFilter", "DepthwiseConv2dNativeBackpropInput", "UnsortedSegmentSum"];

const done = new Set<string>();

/** Registers what `backend` lacks. Calling it again does nothing. */
export function registerTrainingKernels(backend: string): void {
  if (done.has(backend)) return;
  done.add(backend);
  for (const { kernelName, compose } of replaced[backend] ?? []) {
    if (tf.getKernel(kernelName, backend) !== undefined) tf.unregisterKernel(kernelName, backend);
    tf.registerKernel({ kernelName, backendName: backend, kernelFunc: composedKernel(compose as never) });
  }
  for (const kernelName of delegated) {
    if (backend !== "cpu" && tf.getKernel(kernelName, backend) === undefined) {
      tf.registerKernel({ kernelName, backendName: backend, kernelFunc: delegateToCpu(kernelName) });
    }
  }
}

/** A kernel whose inputs are tensors already (every tfjs op calls its kernel so) and whose body is made of ops. */
function composedKernel(compose: (inputs: Record<string, Tensor>, attributes: NamedAttrMap) => Tensor) {
  return ({ inputs, attrs }: { inputs: NamedTensorInfoMap; attrs?: NamedAttrMap }): TensorInfo => {
    return tf.tidy(() => compose(inputs as unknown as Record<string, Tensor>, attrs ?? {}));
  };
}
