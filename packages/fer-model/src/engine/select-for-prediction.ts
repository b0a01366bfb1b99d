/** Chooses what predicts, which is not what trains best: weights that do not change are constants for onnx alone. */
import type { RunConfig } from "@fer/core/run";
import { ENGINES, type EngineName } from "./engine.js";
import { selectEngine, type SelectedEngine } from "./select.js";

/**
 * The engine of a name; else that of the training where it works here, but onnx in place of TensorFlow on a CPU; without a
 * training onnx; and the best that works where these do not.
 *
 * @throws EngineError where a named engine cannot run.
 */
export async function selectForPrediction(
  name: EngineName | "auto" | undefined,
  trained: Pick<RunConfig["engine"], "name" | "device"> | null = null,
): Promise<SelectedEngine> {
  if (name !== undefined) return selectEngine(name);
  const own = ENGINES.find((candidate) => candidate === trained?.name) ?? "onnx";
  const isOnCpu = own === "tensorflow" && trained?.device?.startsWith("CPU") === true;
  for (const candidate of isOnCpu ? (["onnx", own] as const) : [own]) {
    const found = await selectEngine(candidate).catch(() => null);
    if (found !== null) return found;
  }
  return selectEngine("auto");
}
