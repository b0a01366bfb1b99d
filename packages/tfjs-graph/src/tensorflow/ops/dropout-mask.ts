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
    const key = BigInt(seed >>> 0) | (BigInt(layer >>> 0) << 32n);
    const bytes = randomBytes(to, { size, key, step: to.ref(node.inputs.step!) });
    const limit = to.builder.constant(Uint8Array.of(threshold), { type: "uint8", shape: [] });
    const kept = to.op({ op: "GreaterEqual", type: "uint8" }, [bytes, limit]);
    const shape = to.builder.ints(mask!.shape);
    const shaped = to.op({ op: "Reshape", type: "bool", attributes: { Tshape: index } }, [kept, shape]);
    to.setLazy(mask!, (type) => {
      const ones = to.builder.cast(shaped, { from: "bool", to: type });
      return to.op({ op: "Mul", type }, [ones, to.builder.number(scale, type)]);
    });
  },
};

interface Bytes {
  size: number;
  key: bigint;
  /** int32 scalar. */
  step: Ref;
}

function randomBytes(to: Lowering, { size, key, step }: Bytes): Ref {
  const words = Math.ceil(size / 4);
  const keys = to.builder.constant(BigUint64Array.of(key), { type: "uint64", shape: [1] });
  const zero = to.builder.constant(BigUint64Array.of(0n), { type: "uint64", shape: [] });
  const counterParts = [zero, to.builder.cast(step, { from: "int32", to: "uint64" })];
  const packing = { N: attr.int(2), axis: attr.int(0) };
  const counter = to.op({ op: "Pack", type: "uint64", attributes: packing }, counterParts);
  const inputs = [to.builder.ints([words]), keys, counter, to.builder.int(PHILOX)];
  const attributes = { dtype: attr.type("uint32"), Tshape: index };
  const random = to.op({ op: "StatelessRandomUniformFullIntV2", attributes }, inputs);
  const bytes = to.op({ op: "Bitcast", type: "uint32", attributes: { type: attr.type("uint8") } }, [random]);
  const length = to.builder.ints([words * 4]);
  const flat = to.op({ op: "Reshape", type: "uint8", attributes: { Tshape: index } }, [bytes, length]);
  if (words * 4 === size) return flat;
  const bounds = [to.builder.ints([0]), to.builder.ints([size])];
  return to.op({ op: "Slice", type: "uint8", attributes: { Index: index } }, [flat, ...bounds]);
}
