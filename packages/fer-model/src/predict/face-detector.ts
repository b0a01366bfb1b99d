/** The detector of `@fer/recognizer`, as fast as it gets in Node. */
import {
  blazeFace,
  type BlazeFaceOptions,
  type Compile,
  type CompiledNetwork,
  type FaceDetector,
  type NetworkFunction,
} from "@fer/recognizer";
import { compile, tf } from "@fer/tfjs-graph";
import type { Tensor4D } from "@tensorflow/tfjs";
import { selectEngine } from "../engine/select.js";

/**
 * BlazeFace, compiled for onnxruntime where that is installed, else on WebAssembly.
 *
 * @example
 * ```ts
 * import { openFaceDetector } from "@fer/model";
 *
 * const detector = await openFaceDetector();
 * const picture = { width: 64, height: 64, channels: 1 as const, data: new Uint8Array(64 * 64) };
 * console.log(await detector.detect(picture)); // []
 * detector.dispose();
 * ```
 */
export async function openFaceDetector(
  options: Omit<BlazeFaceOptions, "compile"> = {},
): Promise<Required<FaceDetector>> {
  return blazeFace({ ...options, compile: atFirstUse });
}

/**
 * The same for `extract` of `@fer/dataset-extractors`, whose threads open it for themselves.
 *
 * @example
 * ```ts
 * import { faceDetectorModule } from "@fer/model";
 *
 * console.log(faceDetectorModule.name); // blazeface
 * ```
 */
export const faceDetectorModule = {
  name: "blazeface",
  module: new URL("./detector-module.js", import.meta.url).href,
} as const;

/** Chooses what runs it when there is something to run: pictures that are faces need no detector. */
const atFirstUse: Compile = (run) => {
  let ready: Promise<CompiledNetwork> | undefined;
  return Object.assign(async (images: Tensor4D) => (await (ready ??= fastest(run)))(images), {
    dispose: async () => (await ready)?.dispose?.(),
  });
};

async function fastest(run: NetworkFunction): Promise<CompiledNetwork> {
  const isCompiled = await selectEngine("onnx").then(
    () => true,
    () => false,
  );
  if (isCompiled) return compile(run, { engine: "onnx" });
  await selectEngine("wasm");
  return onWasm(run);
}

/** Op by op on WebAssembly, whatever backend the caller's own tensors are on. */
export const onWasm: Compile = (run) => async (images) => {
  const before = tf.getBackend();
  await tf.setBackend("wasm");
  try {
    return tf.tidy(() => run(images));
  } finally {
    await tf.setBackend(before);
  }
};
