/**
 * Optimizer updates inside the graph, as their formulas in `ops/` of this package. Everything follows the layout of
 * the weight, whose slots are kept in the same one.
 */
import type { GraphNode, Value } from "../../capture/graph.js";
import type { AdamUpdateOptions } from "../../ops/adam-update.js";
import type { SgdUpdateOptions } from "../../ops/sgd-update.js";
import { attributesOf, type Lowering, type LoweringRule } from "../lowering.js";

/** Inputs of an update by name, tensors in the layout of `state`. */
function operands(node: GraphNode, lowering: Lowering, state: string): (name: string) => string {
  const { layout } = lowering.value(node.inputs[state]!);
  return (name) => {
    const value = node.inputs[name] as Value;
    return value.shape.length === 0 ? lowering.plain(value) : lowering.in(value, layout);
  };
}

function setAll(node: GraphNode, lowering: Lowering, state: string, names: string[]): void {
  const { layout } = lowering.value(node.inputs[state]!);
  names.forEach((name, i) => lowering.set(node.outputs[i]!, name, layout));
}

function decayed({ graph }: Lowering, weight: string, learningRate: string, weightDecay: number): string {
  if (weightDecay === 0) return weight;
  const share = graph.op("Mul", [learningRate, graph.scalar(weightDecay)]);
  return graph.op("Sub", [weight, graph.op("Mul", [weight, share])]);
}

/** `from + (to - from) * share` */
function towards({ graph }: Lowering, from: string, to: string, share: number): string {
  return graph.op("Add", [from, graph.op("Mul", [graph.op("Sub", [to, from]), graph.scalar(share)])]);
}

export const sgdUpdate: LoweringRule = (node, lowering) => {
  const { weightDecay } = attributesOf<{ weightDecay: number }>(node);
  const { graph } = lowering;
  const input = operands(node, lowering, "weight");
  const move = graph.op("Mul", [input("gradient"), input("learningRate")]);
  const weight = decayed(lowering, input("weight"), input("learningRate"), weightDecay);
  setAll(node, lowering, "weight", [graph.op("Sub", [weight, move])]);
};

export const sgdMomentumUpdate: LoweringRule = (node, lowering) => {
  const { momentum, nesterov, weightDecay } = attributesOf<SgdUpdateOptions>(node);
  const { graph } = lowering;
  const input = operands(node, lowering, "weight");
  const push = graph.op("Mul", [input("gradient"), input("learningRate")]);
  const rolled = (velocity: string): string =>
    graph.op("Sub", [graph.op("Mul", [velocity, graph.scalar(momentum)]), push]);
  const velocity = rolled(input("velocity"));
  const move = nesterov ? rolled(velocity) : velocity;
  const weight = decayed(lowering, input("weight"), input("learningRate"), weightDecay);
  setAll(node, lowering, "weight", [graph.op("Add", [weight, move]), velocity]);
};

export const adamUpdate: LoweringRule = (node, lowering) => {
  const { beta1, beta2, epsilon, weightDecay } = attributesOf<AdamUpdateOptions>(node);
  const { graph } = lowering;
  const input = operands(node, lowering, "weight");
  const gradient = input("gradient");
  const m = towards(lowering, input("m"), gradient, 1 - beta1);
  const v = towards(lowering, input("v"), graph.op("Mul", [gradient, gradient]), 1 - beta2);
  const root = graph.op("Add", [graph.op("Sqrt", [v]), graph.scalar(epsilon)]);
  const move = graph.op("Div", [graph.op("Mul", [m, input("stepSize")]), root]);
  const weight = decayed(lowering, input("weight"), input("learningRate"), weightDecay);
  setAll(node, lowering, "weight", [graph.op("Sub", [weight, move]), m, v]);
};

export const emaUpdate: LoweringRule = (node, lowering) => {
  const { decay } = attributesOf<{ decay: number }>(node);
  const input = operands(node, lowering, "average");
  setAll(node, lowering, "average", [towards(lowering, input("average"), input("value"), 1 - decay)]);
};
