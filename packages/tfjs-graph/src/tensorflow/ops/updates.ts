/**
 * Updates on resource variables: TensorFlow's fused `ResourceApply...` ops change weight and slots in place. Where
 * there is none for an op, or a new value is not simply the variable's next one (a constraint follows), the update is
 * computed as a value.
 */
import type { GraphNode, Value } from "../../capture/graph.js";
import { updateOps } from "../../ops/updates/index.js";
import type { Arithmetic } from "../../ops/updates/update-op.js";
import { attr, type Ref } from "../graph-def.js";
import type { Lowering, Rule, Rules, VariableRef } from "../lowering.js";

const arithmetic = (to: Lowering): Arithmetic<Ref> => {
  const binary = (op: string) => (a: Ref, b: Ref) => to.op({ op, type: "float32" }, [a, b]);
  return {
    add: binary("AddV2"),
    sub: binary("Sub"),
    mul: binary("Mul"),
    div: binary("RealDiv"),
    sqrt: (a) => to.op({ op: "Sqrt", type: "float32" }, [a]),
    number: (value) => to.builder.number(value),
  };
};

/** A fused op: its inputs between the handles and the control dependencies, and its attributes. */
interface Fused {
  op: string;
  inputs: Ref[];
  attributes?: Record<string, Uint8Array>;
}

/** What a fused op is made from: inputs by name, and the attributes of the update. */
interface Given {
  ref(name: string): Ref;
  number(value: number): Ref;
  attributes: Record<string, number>;
  to: Lowering;
}

const fused: Record<string, (given: Given) => Fused> = {
  SgdUpdate: ({ ref }) => ({
    op: "ResourceApplyGradientDescent",
    inputs: [ref("learningRate"), ref("gradient")],
  }),
  SgdMomentumUpdate: ({ ref, number, attributes: { momentum, nesterov } }) => ({
    op: "ResourceApplyKerasMomentum",
    inputs: [ref("learningRate"), ref("gradient"), number(momentum!)],
    attributes: { use_nesterov: attr.bool(Boolean(nesterov)) },
  }),
  // The step size carries the bias correction already: powers of 0 switch the op's own off.
  AdamUpdate: ({ ref, number, attributes: { beta1, beta2, epsilon } }) => ({
    op: "ResourceApplyAdam",
    inputs: [number(0), number(0), ref("stepSize"), number(beta1!), number(beta2!), number(epsilon!), ref("gradient")],
    attributes: { use_nesterov: attr.bool(false) },
  }),
  AverageUpdate: (given) => averaging(given.ref("averageShare"), given),
  EmaUpdate: (given) => averaging(given.number(1 - given.attributes.decay!), given),
};

/** An average descends by a share of its distance from the value. */
const averaging = (share: Ref, { ref, to }: Given): Fused => ({
  op: "ResourceApplyGradientDescent",
  inputs: [share, arithmetic(to).sub(ref("average"), ref("value"))],
});

/** The variables behind the states of an update, when all its outputs are their next values. */
function inPlace(node: GraphNode, to: Lowering): VariableRef[] | null {
  const { states } = updateOps[node.op]!;
  const variables = states.map((name, i) => to.updated(node.inputs[name]!, node.outputs[i]!));
  return variables.every((variable) => variable !== undefined) ? (variables as VariableRef[]) : null;
}

const update: Rule = (node, to) => {
  const { next } = updateOps[node.op]!;
  const attributes = node.attributes as Record<string, number>;
  const ref = (name: string): Ref => to.ref(node.inputs[name]!, "float32");
  const variables = inPlace(node, to);
  const make = fused[node.op];
  if (variables === null || make === undefined) {
    const inputs = Object.fromEntries(Object.keys(node.inputs).map((name) => [name, ref(name)]));
    next(arithmetic(to), { ...inputs, ...attributes }).forEach((state, i) => to.set(node.outputs[i]!, state));
    return;
  }
  const { op, inputs, attributes: more } = make({ ref, number: (value) => to.builder.number(value), attributes, to });
  const decay = decayFirst(node, { variable: variables[0]!, to });
  const after = new Set([...decay, ...variables.flatMap((variable) => variable.after)]);
  const handles = variables.map(({ handle }) => handle);
  const operator = { op, type: "float32", attributes: { use_locking: attr.bool(false), ...more } } as const;
  const made = to.op(operator, [...handles, ...inputs, ...after]);
  node.outputs.forEach((next, i) => to.setWritten(next, { update: made, handle: handles[i]! }));
};

/** Decoupled decay of a weight before its update; gives what the update has to wait for. */
function decayFirst(node: GraphNode, { variable, to }: { variable: VariableRef; to: Lowering }): Ref[] {
  const { weightDecay = 0 } = node.attributes as { weightDecay?: number };
  if (weightDecay === 0) return [];
  const rate = arithmetic(to).mul(to.ref(node.inputs.learningRate!), to.builder.number(weightDecay));
  const inputs = [variable.handle, rate, to.ref(node.inputs.weight!), ...variable.after];
  const attributes = { use_locking: attr.bool(false) };
  return [`^${to.op({ op: "ResourceApplyGradientDescent", type: "float32", attributes }, inputs)}`];
}

export const updates: Rules = Object.fromEntries(Object.keys(updateOps).map((op) => [op, update]));

/** Writes the new value of a variable that no update op has written yet. */
export function assign(next: Value, { variable, to }: { variable: VariableRef; to: Lowering }): void {
  if (to.isWritten(next)) return;
  const inputs = [variable.handle, to.ref(next, "float32"), ...variable.after];
  to.updates.push(to.builder.node({ op: "AssignVariableOp", attributes: { dtype: attr.type("float32") } }, inputs));
}
