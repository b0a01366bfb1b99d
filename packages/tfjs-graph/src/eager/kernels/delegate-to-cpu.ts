/** A kernel of one backend that copies its inputs to the `cpu` backend, runs the kernel there and copies back. */
import type { KernelFunc, Tensor, TensorInfo, TypedArray } from "@tensorflow/tfjs";
import { tf } from "../../tf.js";

interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: string, values: TypedArray): TensorInfo;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
  readSync(dataId: object): TypedArray;
}

export function delegateToCpu(kernelName: string): KernelFunc {
  return ({ inputs, attrs }) => {
    const cpu = tf.engine().findBackend("cpu") as unknown as CpuBackend;
    const copies: Record<string, TensorInfo> = {};
    for (const [name, tensor] of Object.entries(inputs as Record<string, Tensor>)) {
      copies[name] = cpu.makeTensorInfo(tensor.shape, tensor.dtype, tensor.dataSync());
    }
    const { kernelFunc } = tf.getKernel(kernelName, "cpu");
    const result = kernelFunc({ inputs: copies, attrs: attrs ?? {}, backend: cpu }) as TensorInfo;
    const values = cpu.readSync(result.dataId);
    for (const info of [...Object.values(copies), result]) cpu.disposeIntermediateTensorInfo(info);
    return tf.tensor(values, result.shape, result.dtype);
  };
}
