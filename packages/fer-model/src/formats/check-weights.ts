/** Whether a file of weights of TensorFlow.js is as long as its tensors are: a shorter one would be read beyond its end. */
import { FormatError } from "@fer/core";

interface Spec {
  name: string;
  shape: readonly number[];
  dtype: string;
  quantization?: { dtype: string } | undefined;
}

const WIDTHS: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
  complex64: 8,
};

/** @throws FormatError */
export function checkWeights(specs: readonly Spec[], { path, bytes }: { path: string; bytes: number }): void {
  let expected = 0;
  for (const { name, shape, dtype, quantization } of specs) {
    const type = quantization?.dtype ?? dtype;
    const width = WIDTHS[type];
    // Strings say their lengths themselves.
    if (type === "string") return;
    if (width === undefined) {
      throw new FormatError({
        code: "UNSUPPORTED_TFJS_MODEL",
        subject: path,
        found: `the weight "${name}" of the type ${type}`,
        expected: Object.keys(WIDTHS).join(", "),
      });
    }
    expected += width * shape.reduce((product, size) => product * size, 1);
  }
  if (expected === bytes) return;
  throw new FormatError({
    code: "WEIGHTS_DO_NOT_FIT",
    subject: path,
    found: `${bytes} bytes of weights`,
    expected: `${expected}, for the shapes that it lists`,
    fix: "Copy or export it again",
  });
}
