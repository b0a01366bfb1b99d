/** Models out of the JSON of Keras 2 and 3. */
import { FormatError } from "@fer/core";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel, Variable } from "@tensorflow/tfjs";
import { parseModel } from "./keras-json.js";
import type { LayerConfig } from "./layer-rules.js";
import { type KerasLayer, Translator } from "./translator.js";

/** A model with new initial weights. */
export interface BuiltModel {
  model: LayersModel;
  layers: KerasLayer[];
}

/**
 * Builds a model from Keras' JSON; `name` is for messages.
 *
 * @param text JSON of `model.to_json()`, of the attribute `model_config`, or of `config.json`.
 * @throws {@link FormatError} when the text is not JSON of a Keras model, or has what TensorFlow.js lacks.
 */
export async function buildFromJson(
  text: string,
  { name, kerasVersion }: { name: string; kerasVersion?: string | undefined },
): Promise<BuiltModel> {
  const json = parseModel(text, name);
  const version = kerasVersion ?? json.keras_version;
  // Keras 2 always notes its version in the JSON.
  const keras = (version === undefined ? json.module : Number.parseInt(version) > 2) ? 3 : 2;
  const flat = new Set<string>();
  for (;;) {
    const translator = new Translator({ file: name, keras, flat });
    try {
      const { topology, layers } = translator.model(json);
      const model = await modelFromTopology(topology, (built) => translator.checkAxes(built));
      return { model, layers };
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      const reason = cause instanceof Error ? cause.message.split(/\n|\. /)[0]! : String(cause);
      // Keras flattens what is flat already, tfjs does not.
      const [, already] = /incompatible with layer (.+): expected min_ndim=3, found ndim=2/.exec(reason) ?? [];
      if (already !== undefined && !flat.has(already)) {
        flat.add(already);
        continue;
      }
      throw new FormatError({
        code: "UNSUPPORTED_KERAS_MODEL",
        subject: name,
        found: `a model that TensorFlow.js cannot build (${reason})`,
        expected: "layers and settings that TensorFlow.js has",
        fix: "Replace the layer in the model, and save that again",
        cause,
      });
    }
  }
}

/** Builds and checks a model, and lets go of the weights of one that could not be built, or did not hold. */
async function modelFromTopology(topology: LayerConfig, check: (model: LayersModel) => void): Promise<LayersModel> {
  const variables = () => tf.engine().state.registeredVariables as Record<string, Variable>;
  const before = new Set(Object.keys(variables()));
  // It is done, or has failed, when it returns its promise.
  const building = tf.models.modelFromJSON({ modelTopology: topology as never });
  const made = Object.entries(variables()).filter(([name]) => !before.has(name));
  try {
    const model = await building;
    check(model);
    return model;
  } catch (error) {
    for (const [, variable] of made) variable.dispose();
    throw error;
  }
}
