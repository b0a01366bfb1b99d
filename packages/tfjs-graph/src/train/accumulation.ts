/**
 * One update from several batches: what earlier batches of an update leave to later ones.
 *
 *     sum = share * gradient                    first batch; share: its rows / rows of the update
 *     sum = sum + share * gradient              batches in between
 *     gradient of the update = sum + share * gradient      last batch
 *
 * So the sum is the gradient of the mean over all rows. Running statistics move on with each batch and reach their
 * weights with the last one: an update that fails on the way has changed nothing. Nothing is kept between two updates.
 */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { variableOf, type ModelWeight } from "../layers/rebuild.js";
import type { Batch } from "../step.js";
import { tf } from "../tf.js";

/** What a batch is to an update: all of it, or one of several. */
export type Part = "whole" | "first" | "middle" | "last";

export class Accumulation {
  /** By names of their own. */
  readonly variables: { name: string; variable: Variable }[] = [];
  /** In the order of the trainable weights. */
  private readonly sums: Variable[];
  /** By the running statistic that each stands for. */
  private readonly statistics: ReadonlyMap<Variable, Variable>;

  /** Variables on the current backend. */
  constructor(weights: readonly ModelWeight[]) {
    const variable = (name: string, shape: number[]): Variable => {
      const zeros = tf.zeros(shape);
      const made = tf.variable(zeros, false);
      zeros.dispose();
      this.variables.push({ name, variable: made });
      return made;
    };
    this.sums = weights.filter(({ trainable }) => trainable).map(({ name, shape }) => variable(`sums/${name}`, shape));
    this.statistics = new Map(
      weights
        .filter(({ name, trainable }) => !trainable && /\/moving_(mean|variance)$/.test(name))
        .map((weight) => [variableOf(weight), variable(`statistics/${weight.name}`, weight.shape)]),
    );
  }

  /** Where the running statistics stand before a part of an update, if not in their weights. */
  before(part: Part): ReadonlyMap<Variable, Variable> {
    return part === "whole" || part === "first" ? new Map() : this.statistics;
  }

  /** The gradients up to a part, and with it. */
  add(gradients: Tensor[], { part, share }: { part: Exclude<Part, "whole">; share: Scalar }): Tensor[] {
    return gradients.map((gradient, i) => {
      const own = gradient.mul(share);
      return part === "first" ? own : this.sums[i]!.add(own);
    });
  }

  /** What a part that is not the last leaves to the next. */
  leave(gradients: Tensor[], statistics: ReadonlyMap<Variable, Tensor>): [Variable, Tensor][] {
    return [
      ...[...statistics].map(([of, value]): [Variable, Tensor] => [this.statistics.get(of)!, value]),
      ...gradients.map((gradient, i): [Variable, Tensor] => [this.sums[i]!, gradient]),
    ];
  }

  dispose(): void {
    for (const { variable } of this.variables) variable.dispose();
  }
}

/** A part of a batch. */
export interface BatchPart {
  part: Part;
  batch: Required<Batch>;
  /** Of the rows. */
  share: number;
}

/** Cuts a batch into as many parts, whose sizes differ by one row at most; into fewer where it has fewer rows. */
export function partsOf({ inputs, labels, weights, count }: Required<Batch>, parts: number): BatchPart[] {
  const number = Math.min(parts, count);
  if (number === 1) return [{ part: "whole", batch: { inputs, labels, weights, count }, share: 1 }];
  return Array.from({ length: number }, (_, index) => {
    const [from, to] = [Math.floor((index * count) / number), Math.floor(((index + 1) * count) / number)];
    const rows = <T extends Uint8Array | Float32Array>(values: T): T =>
      values.subarray((from * values.length) / count, (to * values.length) / count) as T;
    return {
      part: index === 0 ? "first" : index === number - 1 ? "last" : "middle",
      batch: { inputs: rows(inputs), labels: rows(labels), weights: rows(weights), count: to - from },
      share: (to - from) / count,
    };
  });
}
