/** `BatchMatMul` (a, b) {transposeA, transposeB}: `[..., m, k] x [..., k, n]`; leading axes broadcast. */
import { broadcast } from "./elementwise.js";
import { one, type ShapeRules } from "./rule.js";

export const matmul: ShapeRules = {
  BatchMatMul: ({ a, b }, raw) => {
    const { transposeA = false, transposeB = false } = raw;
    const m = a!.shape.at(transposeA ? -1 : -2)!;
    const n = b!.shape.at(transposeB ? -2 : -1)!;
    const batch = broadcast(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return one({ shape: [...batch, m, n], dtype: a!.dtype }, { transposeA, transposeB });
  },
};
