/** The encoder against its reader, onnxruntime, and the builder's bookkeeping. */
import * as runtime from "onnxruntime-node";
import { expect, test } from "vitest";
import { GraphBuilder } from "../../dist/onnx/graph-builder.js";
import { encodeModel } from "../../dist/onnx/model.js";

test("onnxruntime reads inputs, outputs, constants and attributes as they were given", async () => {
  const builder = new GraphBuilder();
  const x = builder.input({ name: "x", type: "float32", shape: [2, 3] });
  const slope = builder.op({ op: "LeakyRelu", alpha: { float: 0.25 } }, [x]);
  const reversed = builder.op("Slice", [
    slope,
    builder.integers([-1]),
    builder.integers([-(2 ** 31)]),
    builder.integers([1]),
    builder.integers([-1]),
  ]);
  const y = builder.op({ op: "Transpose", perm: [1, 0] }, [reversed]);
  builder.output({ name: "y", type: "float32", shape: [3, 2] }, y);
  const session = await runtime.InferenceSession.create(encodeModel(builder.finish("test")));
  expect(session.inputMetadata).toEqual([{ name: "x", isTensor: true, type: "float32", shape: [2, 3] }]);
  expect(session.outputMetadata).toEqual([{ name: "y", isTensor: true, type: "float32", shape: [3, 2] }]);
  const feeds = { x: new runtime.Tensor("float32", Float32Array.of(-4, 1, 2, 3, -8, 5), [2, 3]) };
  expect(Array.from((await session.run(feeds)).y!.data as Float32Array)).toEqual([2, 5, 1, -2, -1, 3]);
  await session.release();
});

test("equal nodes and small equal constants are stored once", () => {
  const builder = new GraphBuilder();
  const x = builder.input({ name: "x", type: "float32", shape: [1] });
  expect(builder.scalar(2)).toBe(builder.scalar(2));
  expect(builder.scalar(2)).not.toBe(builder.scalar(3));
  expect(builder.op("Mul", [x, builder.scalar(2)])).toBe(builder.op("Mul", [x, builder.scalar(2)]));
  expect(builder.finish("test").nodes).toHaveLength(1);
});

test("a model is the same bytes each time", () => {
  const build = (): Uint8Array => {
    const builder = new GraphBuilder();
    const x = builder.input({ name: "x", type: "float32", shape: [4] });
    builder.output({ name: "y", type: "float32", shape: [4] }, builder.op("Relu", [x]));
    return encodeModel(builder.finish("test"));
  };
  expect(build()).toEqual(build());
});
