/**
 * Optimizer updates on resource variables: TensorFlow's fused `ResourceApply...` ops change weight and slots in place.
 * Where a new value is not simply the variable's next one (a constraint follows), the update is computed as a value.
 */
import type { GraphNode, Value } from "../../capture/graph.js";
import { attr, type Ref } from "../graph-def.js";
import type { Lowering, Rule, Rules, VariableRef } from "../lowering.js";

const float = attr.type("float32");

/** The variables behind the first inputs of an update, when all its outputs are their next values. */
function inPlace(node: GraphNode, names: string[], to: Lowering): VariableRef[] | null {
  const variables = names.map((name, i) => to.updated(node.inputs[name]!, node.outputs[i]!));
  return variables.every((variable) => variable !== undefined) ? (variables as VariableRef[]) : null;
}

/** Decoupled decay of a variable before its update; gives what the update has to wait for. */
function decay(node: GraphNode, variable: VariableRef, to: Lowering): Ref[] {
  const weightDecay = node.attributes.weightDecay as number;
  if (weightDecay === 0) return [];
  const rate = to.op("Mul", [to.ref(node.inputs.learningRate!), to.builder.number(weightDecay)], {}, "float32");
  const inputs = [variable.handle, rate, to.ref(node.inputs.weight!), ...variable.after];
  return [`^${to.op("ResourceApplyGradientDescent", inputs, { use_locking: attr.bool(false) }, "float32")}`];
}

function apply(
  op: string,
  node: GraphNode,
  variables: VariableRef[],
  inputs: Ref[],
  extra: Record<string, Uint8Array>,
  to: Lowering,
): void {
  const after = [...decay(node, variables[0]!, to), ...variables.flatMap((variable) => variable.after)];
  const handles = variables.map(({ handle }) => handle);
  const attributes = { use_locking: attr.bool(false), ...extra };
  const update = to.op(op, [...handles, ...inputs, ...new Set(after)], attributes, "float32");
  node.outputs.forEach((next, i) => to.setWritten(next, update, handles[i]!));
}

/** Small expressions over float32 references. */
function arithmetic(to: Lowering) {
  const binary = (op: string) => (a: Ref, b: Ref) => to.op(op, [a, b], {}, "float32");
  return {
    add: binary("AddV2"),
    sub: binary("Sub"),
    mul: binary("Mul"),
    div: binary("RealDiv"),
    number: (v: number) => to.builder.number(v),
  };
}

function decayedValue(node: GraphNode, to: Lowering): Ref {
  const { sub, mul, number } = arithmetic(to);
  const weight = to.ref(node.inputs.weight!, "float32");
  const weightDecay = node.attributes.weightDecay as number;
  if (weightDecay === 0) return weight;
  return sub(weight, mul(weight, mul(to.ref(node.inputs.learningRate!), number(weightDecay))));
}

const sgd: Rule = (node, to) => {
  const [rate, gradient] = [to.ref(node.inputs.learningRate!), to.ref(node.inputs.gradient!, "float32")];
  const variables = inPlace(node, ["weight"], to);
  if (variables !== null) return apply("ResourceApplyGradientDescent", node, variables, [rate, gradient], {}, to);
  const { sub, mul } = arithmetic(to);
  to.set(node.outputs[0]!, sub(decayedValue(node, to), mul(gradient, rate)));
};

const sgdMomentum: Rule = (node, to) => {
  const { momentum, nesterov } = node.attributes as unknown as { momentum: number; nesterov: boolean };
  const [rate, gradient] = [to.ref(node.inputs.learningRate!), to.ref(node.inputs.gradient!, "float32")];
  const { add, sub, mul, number } = arithmetic(to);
  const variables = inPlace(node, ["weight", "velocity"], to);
  if (variables !== null) {
    const inputs = [rate, gradient, number(momentum)];
    return apply("ResourceApplyKerasMomentum", node, variables, inputs, { use_nesterov: attr.bool(nesterov) }, to);
  }
  const push = mul(gradient, rate);
  const velocity = sub(mul(to.ref(node.inputs.velocity!), number(momentum)), push);
  const move = nesterov ? sub(mul(velocity, number(momentum)), push) : velocity;
  to.set(node.outputs[0]!, add(decayedValue(node, to), move));
  to.set(node.outputs[1]!, velocity);
};

const adam: Rule = (node, to) => {
  const { beta1, beta2, epsilon } = node.attributes as unknown as { beta1: number; beta2: number; epsilon: number };
  const [stepSize, gradient] = [to.ref(node.inputs.stepSize!), to.ref(node.inputs.gradient!, "float32")];
  const { add, sub, mul, div, number } = arithmetic(to);
  const variables = inPlace(node, ["weight", "m", "v"], to);
  if (variables !== null) {
    // The step size carries the bias correction already: powers of 0 switch the op's own off.
    const inputs = [number(0), number(0), stepSize, number(beta1), number(beta2), number(epsilon), gradient];
    return apply("ResourceApplyAdam", node, variables, inputs, { use_nesterov: attr.bool(false) }, to);
  }
  const [oldM, oldV] = [to.ref(node.inputs.m!), to.ref(node.inputs.v!)];
  const m = add(oldM, mul(sub(gradient, oldM), number(1 - beta1)));
  const v = add(oldV, mul(sub(mul(gradient, gradient), oldV), number(1 - beta2)));
  const root = to.op("Sqrt", [v], {}, "float32");
  to.set(node.outputs[0]!, sub(decayedValue(node, to), div(mul(m, stepSize), add(root, number(epsilon)))));
  to.set(node.outputs[1]!, m);
  to.set(node.outputs[2]!, v);
};

const ema: Rule = (node, to) => {
  const { average, value } = node.inputs as Record<string, Value>;
  const { sub, mul, number } = arithmetic(to);
  const share = number(1 - (node.attributes.decay as number));
  const distance = sub(to.ref(average!, "float32"), to.ref(value!, "float32"));
  const variables = inPlace(node, ["average"], to);
  if (variables === null) return to.set(node.outputs[0]!, sub(to.ref(average!, "float32"), mul(distance, share)));
  const inputs = [variables[0]!.handle, share, distance, ...variables[0]!.after];
  const update = to.op("ResourceApplyGradientDescent", inputs, { use_locking: attr.bool(false) }, "float32");
  to.setWritten(node.outputs[0]!, update, variables[0]!.handle);
};

export const updates: Rules = { SgdUpdate: sgd, SgdMomentumUpdate: sgdMomentum, AdamUpdate: adam, EmaUpdate: ema };

/** Writes the new value of a variable that no update op has written yet. */
export function assign(next: Value, variable: VariableRef, to: Lowering): void {
  if (to.isWritten(next)) return;
  const inputs = [variable.handle, to.ref(next, "float32"), ...variable.after];
  to.updates.push(to.builder.node("AssignVariableOp", inputs, { dtype: float }));
}
