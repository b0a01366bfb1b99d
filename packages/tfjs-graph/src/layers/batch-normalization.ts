/**
 * `BatchNormalization` of tfjs-layers with {@link batchNormTrain} inside: same name, config, weights and numbers.
 * In training the new running statistics go to the {@link StepContext}, so that a failed step changes nothing.
 */
import type { LayerVariable, serialization, Tensor, Tensor1D, Variable } from "@tensorflow/tfjs";
import { batchNormTrain } from "../ops/batch-norm-train.js";
import { runUpdate } from "../ops/run-update.js";
import { tf } from "../tf.js";
import { onlyTensor, type LayerConfig } from "./layer-config.js";
import { stepContext } from "./step-context.js";

export class BatchNormalization extends tf.layers.Layer {
  static readonly className = "BatchNormalization";

  private readonly axis: number;
  private readonly momentum: number;
  private readonly epsilon: number;
  private readonly center: boolean;
  private readonly scale: boolean;
  private gamma?: LayerVariable;
  private beta?: LayerVariable;
  private movingMean?: LayerVariable;
  private movingVariance?: LayerVariable;

  constructor(private readonly config: LayerConfig) {
    super(config);
    this.supportsMasking = true;
    this.axis = config.axis ?? -1;
    this.momentum = config.momentum ?? 0.99;
    this.epsilon = config.epsilon ?? 1e-3;
    this.center = config.center ?? true;
    this.scale = config.scale ?? true;
  }

  override build(inputShape: number[] | number[][]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as number[];
    const channels = [shape.at(this.axis < 0 ? this.axis : this.axis)!];
    const ones = tf.initializers.ones();
    const zeros = tf.initializers.zeros();
    const { constraints, regularizers } = tf;
    const asConstraint = (found: unknown) => rebuilt<ReturnType<typeof constraints.nonNeg>>(found);
    const asRegularizer = (found: unknown) => rebuilt<ReturnType<typeof regularizers.l2>>(found);
    if (this.scale) {
      const { gammaRegularizer, gammaConstraint } = this.config;
      const [regularizer, constraint] = [asRegularizer(gammaRegularizer), asConstraint(gammaConstraint)];
      this.gamma = this.addWeight("gamma", channels, "float32", ones, regularizer, true, constraint);
    }
    if (this.center) {
      const { betaRegularizer, betaConstraint } = this.config;
      const [regularizer, constraint] = [asRegularizer(betaRegularizer), asConstraint(betaConstraint)];
      this.beta = this.addWeight("beta", channels, "float32", zeros, regularizer, true, constraint);
    }
    this.movingMean = this.addWeight("moving_mean", channels, "float32", zeros, undefined, false);
    this.movingVariance = this.addWeight("moving_variance", channels, "float32", ones, undefined, false);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }

  override call(inputs: Tensor | Tensor[], kwargs: { training?: boolean }): Tensor {
    return tf.tidy(() => {
      const x = onlyTensor(inputs);
      const axis = this.axis < 0 ? this.axis + x.rank : this.axis;
      if (axis === x.rank - 1) return this.normalize(x, kwargs.training ?? false);
      const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
      const back = x.shape.map((_, i) => (i === axis ? x.rank - 1 : i < axis ? i : i - 1));
      return this.normalize(x.transpose([...order, axis]), kwargs.training ?? false).transpose(back);
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...(this.config as serialization.ConfigDict), ...super.getConfig() };
  }

  private normalize(x: Tensor, training: boolean): Tensor {
    const channels = [x.shape[x.rank - 1]!];
    const gamma = this.gamma?.read() ?? tf.ones(channels);
    const beta = this.beta?.read() ?? tf.zeros(channels);
    const mean = this.movingMean!.read() as Variable;
    const variance = this.movingVariance!.read() as Variable;
    const context = stepContext();
    // As in Keras, a frozen layer runs in inference mode.
    if (!training || !this.trainable || context === null) {
      type Channels = Tensor1D;
      return tf.batchNorm(x, mean as Channels, variance as Channels, beta as Channels, gamma as Channels, this.epsilon);
    }
    const batch = batchNormTrain({ x, gamma, beta }, this.epsilon);
    const attributes = { decay: this.momentum };
    const towards = (average: Tensor, value: Tensor): Tensor =>
      runUpdate("EmaUpdate", { inputs: { average, value }, attributes })[0]!;
    context.update(mean, towards(context.pending(mean), batch.mean));
    context.update(variance, towards(context.pending(variance), batch.variance));
    return batch.y;
  }
}

/** tfjs-layers keeps deserialization of regularizers and constraints to itself; a config may hold either form. */
function rebuilt<T>(found: unknown): T | undefined {
  if (found === null || found === undefined) return undefined;
  if (typeof (found as { apply?: unknown }).apply === "function") return found as T;
  const { className, config } = found as { className: string; config: object };
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[className];
  return entry === undefined ? undefined : (entry[1](entry[0], config as never) as T);
}
