/** Fingerprint of what a config passes by value, as far as it can be told: source of functions, weights of models. */
import { createHash } from "node:crypto";
import type { FitContext } from "@fer/model";

/** Changes when the text of a function, the shape of a model or one of its weights does. `null` for nothing. */
export function valueFingerprint({
  model,
  callbacks,
  augmentations,
}: Pick<FitContext, "model" | "callbacks" | "augmentations">): string | null {
  if (model === undefined && callbacks === undefined && augmentations === undefined) return null;
  const hash = createHash("sha256");
  if (typeof model === "function") hash.update(model.toString());
  else if (model !== undefined) {
    hash.update(JSON.stringify(model.toJSON(null, false)));
    for (const weight of model.getWeights()) hash.update(Buffer.from(weight.dataSync().slice().buffer));
  }
  for (const each of [...(callbacks ?? []), ...(augmentations ?? [])]) hash.update(describe(each));
  return hash.digest("hex");
}

/** Names, options and function texts of an object. */
function describe(value: object): string {
  return JSON.stringify(value, (_key, each: unknown) => (typeof each === "function" ? each.toString() : each));
}
