/** What was passed by value and decides a run, as it stands in `config.json`: fingerprints and names. */
import { createHash } from "node:crypto";
import type { RunConfig } from "@fer/core/run";
import type { LayersModel } from "@tensorflow/tfjs";
import type { Augmentation } from "../data/augmentation.js";
import { kerasArchitecture } from "../keras/index.js";
import { weightsOf } from "./weights.js";

/**
 * @param model The network that was passed or built; `null` where an architecture was named.
 * @returns `undefined` where nothing was passed.
 */
export function fingerprintsOf(model: LayersModel | null, augmentations: readonly Augmentation[]): RunConfig["given"] {
  if (model === null && augmentations.length === 0) return undefined;
  return {
    model: model === null ? null : modelFingerprint(model),
    augmentations: augmentations.map(({ name }) => name),
    ...(augmentations.length === 0 ? {} : { code: codeFingerprint(augmentations) }),
  };
}

/** sha256, hex. tfjs numbers layer names through a process, so a model built twice has other names the second time. */
function modelFingerprint(model: LayersModel): string {
  const { json, layers } = kerasArchitecture(model);
  let text = json.replaceAll(`"${model.name}"`, '"model"');
  for (const [index, { name }] of layers.entries()) {
    // The input of a sequential model is called after its first layer.
    text = text.replaceAll(`"${name}"`, `"#${index}"`).replaceAll(`"${name}_input"`, `"#${index}_input"`);
  }
  const hash = createHash("sha256").update(text);
  for (const { data } of Object.values(weightsOf(model))) hash.update(data);
  return hash.digest("hex");
}

/** sha256, hex, of options and of functions as they are written; what they close over is not seen. */
function codeFingerprint(augmentations: readonly Augmentation[]): string {
  const text = JSON.stringify(augmentations, (_key, each: unknown) =>
    typeof each === "function" ? Function.prototype.toString.call(each) : each,
  );
  return createHash("sha256").update(text).digest("hex");
}
