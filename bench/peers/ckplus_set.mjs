/** The 327 CK+ frames of `examples/data/ckplus` as a set, made in a folder or found there. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extract } from "@fer/dataset-extractors";
import { Assembler } from "@fer/split-assembler";

const MAP = { 0: "neutral", 1: "anger", 2: "disgust", 3: "fear", 4: "happy", 5: "sad", 6: "surprise" };

/** The open set, in `<out>/features`. */
export async function ckplusSet(out, options = { name: "ckplus" }) {
  const from = fileURLToPath(new URL("../../examples/data/ckplus", import.meta.url));
  await extract({ adapter: "ckplus", from, to: join(out, "data"), options: { map: MAP } });
  return new Assembler({ ...options, to: join(out, "features") }).assemble([join(out, "data")]);
}
