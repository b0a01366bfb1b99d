/** The model of a server, read once: whatever becomes of its files, the server keeps what it has loaded. */
import { OptionsError } from "@fer/core";
import { freezeModel, selectEngine } from "@fer/model";
import type { ServeOptions } from "../options.js";
import type { ThreadSettings } from "./messages.js";

/**
 * What the threads are given of it.
 *
 * @throws FerError where there is no model, or it is damaged.
 */
export async function openModel({
  model: source,
  views,
  engine,
}: Pick<ServeOptions, "model" | "views" | "engine">): Promise<ThreadSettings["model"]> {
  const isFrozen = (engine === "auto" || engine === "onnx") && (await hasOnnx());
  const frozen = isFrozen ? await freezeModel(source, { views }) : null;
  if (frozen !== null) return { ...frozen, onnx: shared(frozen.onnx) };
  if (views === undefined) return { source, engine };
  throw new OptionsError({
    code: "FIXED_VIEWS",
    subject: "views",
    found: `${views}`,
    expected: "none for a file of a model, or where onnxruntime does not run it",
    fix: "Leave it out",
  });
}

const hasOnnx = (): Promise<boolean> =>
  selectEngine("onnx").then(
    () => true,
    () => false,
  );

/** In memory that all threads see. */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
