/**
 * Dropout masks from TensorFlow's stateless Philox: with key `seed + 2^32 layer` and counter `[0, step]` its words are
 * those of `ops/philox.ts`. Each word serves four elements, a byte each.
 */
import { dropoutThreshold } from "../../ops/dropout-bytes.js";
import { attr, type Ref } from "../graph-def.js";
import { sizeOf, type Lowering, type Rules } from "../lowering.js";

interface Attributes {
  rate: number;
  seed: number;
  layer: number;
}

const index = attr.type("int32");
const PHILOX = 1;

export const dropoutMask: Rules = {
  DropoutMask: (node, to) => {
    const { rate, seed, layer } = node.attributes as unknown as Attributes;
    const [mask] = node.outputs;
    const { threshold, scale } = dropoutThreshold(rate);
    const size = sizeOf(mask!);
    const bytes = randomBytes(size, BigInt(seed >>> 0) | (BigInt(layer >>> 0) << 32n), to.ref(node.inputs.step!), to);
    const limit = to.builder.constant("uint8", [], Uint8Array.of(threshold));
    const kept = to.op("GreaterEqual", [bytes, limit], {}, "uint8");
    const shaped = to.op("Reshape", [kept, to.builder.ints(mask!.shape)], { Tshape: index }, "bool");
    to.setLazy(mask!, (type) => {
      const ones = to.builder.cast(shaped, "bool", type);
      return to.op("Mul", [ones, to.builder.number(scale, type)], {}, type);
    });
  },
};

function randomBytes(size: number, key: bigint, step: Ref, to: Lowering): Ref {
  const words = Math.ceil(size / 4);
  const keys = to.builder.constant("uint64", [1], BigUint64Array.of(key));
  const zero = to.builder.constant("uint64", [], BigUint64Array.of(0n));
  const counterParts = [zero, to.builder.cast(step, "int32", "uint64")];
  const counter = to.op("Pack", counterParts, { N: attr.int(2), axis: attr.int(0) }, "uint64");
  const inputs = [to.builder.ints([words]), keys, counter, to.builder.int(PHILOX)];
  const random = to.op("StatelessRandomUniformFullIntV2", inputs, { dtype: attr.type("uint32"), Tshape: index });
  const bytes = to.op("Bitcast", [random], { type: attr.type("uint8") }, "uint32");
  const flat = to.op("Reshape", [bytes, to.builder.ints([words * 4])], { Tshape: index }, "uint8");
  if (words * 4 === size) return flat;
  return to.op("Slice", [flat, to.builder.ints([0]), to.builder.ints([size])], { Index: index }, "uint8");
}
