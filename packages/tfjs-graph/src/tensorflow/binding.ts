/** The functions of tfjs-node's addon that are used here. Tensors are numbers: handles that must be deleted. */
import type { HostArray } from "../runtime/host.js";

export interface Binding {
  createTensor(shape: number[], dtype: number, data: HostArray): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): HostArray;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): { id: number }[];
  isUsingGpuDevice(): boolean;
  TF_FLOAT: number;
  TF_INT32: number;
  TF_UINT8: number;
  TF_BOOL: number;
  TF_Version: string;
}
