/**
 * Runs the op of one case after another on an engine, as its parent asks: a process of its own, because a runtime with
 * a fault may end it. `process.argv`: engine, precision.
 */
import { capture, compileGraph } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { registerTrainingKernels } from "../../dist/eager/kernels/index.js";

const [engine, precision] = process.argv.slice(2);
if (engine === "wasm") {
  await import("@tensorflow/tfjs-backend-wasm");
  registerTrainingKernels("wasm");
}
await tf.setBackend(engine === "wasm" ? "wasm" : "cpu");

const kernel = (name, inputs, attributes) => tf.engine().runKernel(name, inputs, attributes);
/** In bfloat16 what a pool reads is stored so behind a product only: one with the identity changes nothing. */
const stored = (x) =>
  precision === "float32" ? x : tf.matMul(x.reshape([-1, x.shape.at(-1)]), tf.eye(x.shape.at(-1))).reshape(x.shape);

function build({ kind, size, batch, channels, kernel: window, strides, dilations, pad, filters, shapes }) {
  const explicit = typeof pad === "string" ? pad : [[0, 0], ...pad, [0, 0]];
  const convolution = { strides, pad: explicit, dilations, dataFormat: "NHWC", dimRoundingMode: undefined };
  const inputShape = [batch, ...size, channels];
  const filterShape = [...window, channels, filters];
  const pool = { filterSize: window, strides, pad };
  const image = { name: "x", shape: inputShape };
  const weights = { name: "filter", shape: filterShape };
  const slope = { name: "dy", shape: shapes.output };
  const names = { conv: "Conv2D", depthwise: "DepthwiseConv2dNative" };
  const name = names[kind.startsWith("conv") ? "conv" : "depthwise"];
  const input = { ...convolution, inputShape };
  const filter = { ...convolution, filterShape };
  switch (kind) {
    case "conv":
    case "depthwise":
      return [[image, weights], (x, filter) => kernel(name, { x, filter }, convolution)];
    case "convInput":
    case "depthwiseInput":
      return [[slope, weights], (dy, filter) => kernel(`${name}BackpropInput`, { dy, filter }, input)];
    case "convFilter":
    case "depthwiseFilter":
      return [[image, slope], (x, dy) => kernel(`${name}BackpropFilter`, { x, dy }, filter)];
    case "maxPool":
      return [[image], (x) => kernel("MaxPool", { x: stored(x) }, pool)];
    case "maxPoolGrad":
      return [
        [image, slope],
        (x, dy) => {
          const input = stored(x);
          const output = kernel("MaxPool", { x: input }, pool);
          return kernel("MaxPoolGrad", { dy: stored(dy), input, output }, pool);
        },
      ];
    case "avgPool":
      return [[image], (x) => kernel("AvgPool", { x: stored(x) }, pool)];
    default:
      return [[image, slope], (x, dy) => kernel("AvgPoolGrad", { dy: stored(dy), input: x }, pool)];
  }
}

async function run(example, operands) {
  const [inputs, op] = build(example);
  if (engine === "wasm") {
    return tf.tidy(() =>
      op(...inputs.map(({ name, shape }) => tf.tensor(operands[name], shape)))
        .dataSync()
        .slice(),
    );
  }
  const graph = capture((...tensors) => ({ y: op(...tensors) }), inputs);
  const needed = Object.fromEntries(graph.inputs.map(({ name }) => [name, operands[name]]));
  const compiled = await compileGraph(graph, { engine, precision });
  try {
    // Twice: what one run breaks the next one may meet.
    await compiled.run(needed);
    return (await compiled.run(needed)).y;
  } finally {
    await compiled.dispose();
  }
}

process.on("message", async ({ example, operands }) => {
  try {
    process.send({ y: await run(example, operands) });
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.send({ ready: true });
