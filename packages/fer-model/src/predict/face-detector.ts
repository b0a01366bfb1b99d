/** The detector of `@fer/recognizer`, as fast as it gets in Node. */
import { blazeFace, type BlazeFaceOptions, type Compile, type FaceDetector } from "@fer/recognizer";
import { compile, tf } from "@fer/tfjs-graph";
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
  const isCompiled = await selectEngine("onnx").then(
    () => true,
    () => false,
  );
  if (isCompiled) return blazeFace({ ...options, compile: (run) => compile(run, { engine: "onnx" }) });
  await selectEngine("wasm");
  return blazeFace({ ...options, compile: onWasm });
}

/** Op by op on WebAssembly, whatever backend the caller's own tensors are on. */
const onWasm: Compile = (run) => async (images) => {
  const before = tf.getBackend();
  await tf.setBackend("wasm");
  try {
    return tf.tidy(() => run(images));
  } finally {
    await tf.setBackend(before);
  }
};
