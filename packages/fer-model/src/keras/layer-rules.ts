/**
 * Where the same layer is written or computed otherwise by Keras than by TensorFlow.js. A setting that TensorFlow.js
 * would pass over, and so predict something else, is refused; what only has another name gets that.
 */
import { Untranslatable } from "./untranslatable.js";

/** A layer's settings, in Keras' words. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/** A layer as TensorFlow.js has it. */
export interface TranslatedLayer {
  className: string;
  config: LayerConfig;
}

/** Which Keras wrote a model: the same names mean other things. */
export type KerasGeneration = 2 | 3;

type Rule = (config: LayerConfig, className: string) => TranslatedLayer;

const REPLACE = "Replace it in the model, and save that again";

/** The values with which a setting does what TensorFlow.js does without it; none of them is needed for `null`. */
const neutral =
  (settings: Readonly<Record<string, readonly unknown[]>>): Rule =>
  (config, className) => {
    for (const [key, values] of Object.entries(settings)) {
      const value = config[key] ?? null;
      if (value === null || values.some((one) => JSON.stringify(one) === JSON.stringify(value))) continue;
      throw new Untranslatable({
        found: `it has ${key}=${JSON.stringify(value)}, which TensorFlow.js does not have`,
        fix: REPLACE,
      });
    }
    return { className, config };
  };

const ONCE = [1, [1], [1, 1], [1, 1, 1]];
const convolution = neutral({ groups: [1], padding: ["same", "valid"] });
const transposed = neutral({ groups: [1], output_padding: [], dilation_rate: ONCE });
const globalPool = neutral({ keepdims: [false] });

/** By Keras' class name. */
const RULES: Readonly<Record<string, Rule>> = {
  InputLayer: ({ batch_shape, batch_input_shape, name }, className) => ({
    className,
    config: { batch_input_shape: batch_shape ?? batch_input_shape, dtype: "float32", sparse: false, name },
  }),
  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  Conv2DTranspose: transposed,
  Conv3DTranspose: transposed,
  // TensorFlow.js does not count the places that a dilation takes.
  DepthwiseConv2D: neutral({ dilation_rate: ONCE }),
  // tf.keras writes settings of a plain convolution beside its own.
  SeparableConv2D: (
    { kernel_initializer: _, kernel_regularizer: __, kernel_constraint: ___, ...config },
    className,
  ) => ({
    className,
    config,
  }),
  BatchNormalization: neutral({ renorm: [false] }),
  LayerNormalization: neutral({ rms_scaling: [false] }),
  GlobalAveragePooling1D: globalPool,
  GlobalAveragePooling2D: globalPool,
  GlobalMaxPooling1D: globalPool,
  GlobalMaxPooling2D: globalPool,
  // Keras looks at the centres of pixels, TensorFlow.js at their corners.
  UpSampling2D: neutral({ interpolation: ["nearest"] }),
  Resizing: () => {
    throw new Untranslatable({
      found: "TensorFlow.js resizes otherwise than Keras",
      fix: "Resize the images before the model",
    });
  },
  Rescaling: (config, className) => {
    if ([config["scale"], config["offset"]].every((value) => (value ?? 0) === Number(value ?? 0)))
      return { className, config };
    throw new Untranslatable({
      found: "it has a scale or an offset by channel, which TensorFlow.js does not have",
      fix: REPLACE,
    });
  },
  Reshape: ({ target_shape, ...config }, className) =>
    JSON.stringify(target_shape) === "[-1]"
      ? { className: "Flatten", config }
      : { className, config: { ...config, target_shape } },
  ELU: neutral({ alpha: [1] }),
  GRU: neutral({ reset_after: [false] }),
  SpatialDropout2D: ({ data_format, ...config }) => {
    neutral({ data_format: ["channels_last"] })({ data_format }, "");
    return { className: "Dropout", config: { ...config, noise_shape: [null, 1, 1, null] } };
  },
  ReLU: ({ negative_slope, ...config }, className) => {
    neutral({ threshold: [0] })(config, className);
    if ((negative_slope ?? 0) === 0) return { className, config };
    neutral({ max_value: [] })(config, className);
    return leaky(config, negative_slope);
  },
  LeakyReLU: ({ negative_slope, ...config }) => leaky(config, negative_slope ?? config["alpha"]),
  // The slope of keras.activations.leaky_relu.
  Activation: (config, className) =>
    config["activation"] === "leaky_relu" ? leaky(config, 0.2) : { className, config },
};

function leaky({ name, trainable, batch_input_shape }: LayerConfig, alpha: unknown): TranslatedLayer {
  const shape = batch_input_shape === undefined ? {} : { batch_input_shape, dtype: "float32" };
  return { className: "LeakyReLU", config: { name, trainable, alpha, ...shape } };
}

/** What shows only when a layer knows the rank of its input. @throws {@link Untranslatable} */
export function checkAxis({ className, config }: TranslatedLayer, rank: number): void {
  if (className !== "Softmax" && className !== "BatchNormalization") return;
  const axes = [config["axis"] ?? -1].flat();
  if (axes.length === 1 && (axes[0] === -1 || axes[0] === rank - 1)) return;
  if (className === "Softmax" && axes.length > 1) return;
  throw new Untranslatable({
    found: `it has axis=${JSON.stringify(config["axis"])} of ${rank}, and TensorFlow.js has it for the last axis only`,
    fix: "Put keras.layers.Permute before and after it, and save the model again",
  });
}

/** The layer as TensorFlow.js has it. @throws {@link Untranslatable} */
export function translateLayer({ className, config }: TranslatedLayer, keras: KerasGeneration): TranslatedLayer {
  const translated = Object.hasOwn(RULES, className) ? RULES[className]!(config, className) : { className, config };
  const activations = ["activation", "recurrent_activation"].flatMap((key) =>
    translated.config[key] === undefined ? [] : [[key, activationName(translated.config[key], keras)]],
  );
  return { ...translated, config: { ...translated.config, ...Object.fromEntries(activations) } };
}

/** Activations of Keras that TensorFlow.js has, by the name that it reads. */
const ACTIVATIONS: ReadonlyMap<string, string> = new Map(
  "elu gelu hard_sigmoid linear log_softmax mish relu relu6 selu sigmoid softmax softplus softsign swish tanh"
    .split(" ")
    .map((name) => [name, name]),
).set("silu", "swish");

function activationName(activation: unknown, keras: KerasGeneration): unknown {
  if (activation === null) return null;
  const name = typeof activation === "string" ? activation : nameOf(activation as object);
  // Keras 3 means relu6(x + 3) / 6 by it; Keras 2 and TensorFlow.js a slope of 0.2.
  const differs = name === "hard_sigmoid" && keras === 3;
  const known = typeof activation === "string" ? ACTIVATIONS.get(name) : undefined;
  if (known !== undefined && !differs) return known;
  throw new Untranslatable({
    found: `it has the activation ${name}, which TensorFlow.js ${differs ? "computes as Keras 2 did" : "does not have"}`,
    fix: "Write the activation as a layer of its own, or replace it, and save the model again",
  });
}

/** Functions of one's own and layers used as activations are objects. */
function nameOf(activation: object): string {
  const { class_name, config } = activation as { class_name?: unknown; config?: unknown };
  return typeof config === "string" ? config : String(class_name);
}
