/** What makes two models the same start of a training: layers and initial weights, whatever the layers are called. */
import type { LayersModel } from "@tensorflow/tfjs";
import { createHash } from "node:crypto";
import { kerasJson } from "../formats/index.js";
import { weightsOf } from "./weights.js";

/** sha256, hex. tfjs numbers layer names through a process, so a model built twice has other names the second time. */
export function modelFingerprint(model: LayersModel): string {
  let text = kerasJson(model).replaceAll(`"${model.name}"`, '"model"');
  for (const [index, { name }] of model.layers.entries()) text = text.replaceAll(`"${name}"`, `"#${index}"`);
  const hash = createHash("sha256").update(text);
  for (const { data } of Object.values(weightsOf(model))) hash.update(data);
  return hash.digest("hex");
}
