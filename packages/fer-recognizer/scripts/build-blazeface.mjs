/**
 * Writes `src/blazeface/weights.ts` and NOTICE from the files of the npm package @vladmandic/human, whose folder is the
 * argument (`npm install --no-save @vladmandic/human@3.3.6`, then `node scripts/build-blazeface.mjs node_modules/@vladmandic/human`).
 * With `--check` it writes nothing and fails where they differ.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, flag] = process.argv.slice(2);
const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(folder, "models/blazeface.json"), "utf8"));
const bytes = readFileSync(join(folder, "models/blazeface.bin"));

const stored = new Map();
let at = 0;
for (const { name, shape, dtype } of weightsManifest[0].weights) {
  const length = 4 * shape.reduce((product, side) => product * side, 1);
  if (dtype === "float32")
    stored.set(name, new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + length)));
  at += length;
}
if (at !== bytes.length) throw new Error(`blazeface.bin has ${bytes.length} bytes instead of ${at}`);

// In the order in which they are used, which is what src/blazeface/network.ts expects; the last output layers lie side by side.
const used = modelTopology.node.filter(({ op }) => /Conv2D|Depthwise/.test(op));
const tensors = used.flatMap(({ input }) => input.slice(1)).map((name) => stored.get(name));
const values = Float32Array.from(tensors.flatMap((tensor) => Array.from(tensor)));
const halves = Uint16Array.from(values, toHalf);
const text = `/** Weights of BlazeFace, as scripts/build-blazeface.mjs takes them from @vladmandic/human (see NOTICE): float16 in base64, in lines. */
export const BLAZEFACE_WEIGHTS = \`
${Buffer.from(halves.buffer)
  .toString("base64")
  .match(/.{1,118}/g)
  .join("\n")}
\`;
`;
const target = new URL("../src/blazeface/weights.ts", import.meta.url);
if (flag !== "--check") writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text)
  throw new Error("src/blazeface/weights.ts is not what the package holds");

/** The nearest float16, ties to even; all weights are of normal size or nearly 0. */
function toHalf(value) {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 255) - 127;
  if (exponent < -24) return sign;
  if (exponent > 15) throw new Error(`${value} does not fit`);
  const mantissa = (bits & 0x7fffff) | 0x800000;
  const shift = exponent < -14 ? -1 - exponent : 13;
  const half = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const rounded = half + (rest > middle || (rest === middle && half & 1) ? 1 : 0);
  return sign | (exponent < -14 ? rounded : rounded + ((exponent + 14) << 10));
}
