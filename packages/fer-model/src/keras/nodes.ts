/**
 * How the layers of a functional model are connected. Keras 2 lists the input tensors of each call of a layer,
 * `[[["conv2d", 0, 0, {}]]]`; Keras 3 writes the call itself, `[{ args: [<tensor>], kwargs: {} }]`.
 *
 * tfjs reads the lists, and never comes back from a layer whose input does not exist: that is looked for here.
 */
import { z } from "zod";
import { Untranslatable } from "./untranslatable.js";

/** The output of a call: which layer, which of its calls, which of that call's outputs. */
export type TensorRef = [layer: string, node: number, tensor: number];

/** A layer of a functional model. */
export interface GraphLayer {
  name: string;
  /** Input layers and nested models have a node of their own before the first call. */
  kind: "input" | "model" | "layer";
  /** Input tensors of each call. */
  calls: TensorRef[][];
}

const Index = z.number().int().nonnegative();
const Ref = z.tuple([z.string(), Index, Index]);
const ListedInput = z.tuple([z.string(), Index, Index]).rest(z.unknown());
const KerasTensor = z.object({
  class_name: z.literal("__keras_tensor__"),
  config: z.looseObject({ keras_history: Ref }),
});
const Call = z.looseObject({ args: z.array(z.unknown()), kwargs: z.record(z.string(), z.unknown()).optional() });

/** The calls of a layer, from its `inbound_nodes`. */
export function callsOf(inbound: unknown): TensorRef[][] {
  return z
    .array(z.unknown())
    .parse(inbound ?? [])
    .map((node) => (Array.isArray(node) ? listedInputs(node) : calledWith(node)));
}

function listedInputs(node: readonly unknown[]): TensorRef[] {
  return node.map((input) => {
    const parsed = ListedInput.safeParse(input);
    if (!parsed.success) throw unreadable(input);
    const [layer, index, tensor, settings] = parsed.data;
    checkSettings(settings);
    return [layer, index, tensor];
  });
}

function calledWith(node: unknown): TensorRef[] {
  const call = Call.safeParse(node);
  if (!call.success) throw unreadable(node);
  checkSettings(call.data.kwargs);
  return call.data.args.flat().map((argument) => {
    const tensor = KerasTensor.safeParse(argument);
    if (tensor.success) return tensor.data.config.keras_history;
    throw new Untranslatable({
      found: `called with ${JSON.stringify(argument)} beside tensors, which TensorFlow.js does not have`,
      fix: "Use layers instead of operations on tensors (keras.layers.Rescaling for a factor), and save the model again",
    });
  });
}

/** At a prediction `training` is false anyway. */
function checkSettings(settings: unknown): void {
  for (const [key, value] of Object.entries((settings as Record<string, unknown> | undefined) ?? {})) {
    if (value === null || (key === "training" && value === false)) continue;
    throw new Untranslatable({
      found: `called with ${key}=${JSON.stringify(value)}, which TensorFlow.js does not have`,
      fix: "Call the layer without it, and save the model again",
    });
  }
}

const unreadable = (node: unknown): Untranslatable =>
  new Untranslatable({
    found: `connected by ${JSON.stringify(node)?.slice(0, 80)}, which is not a node of Keras 2 or 3`,
    fix: "Save the model again",
  });

/** The ends of a model: a tensor, a list of them, or (named inputs) a record. */
export function endsOf(value: unknown): TensorRef[] {
  if (Array.isArray(value) && typeof value[0] === "string") return [Ref.parse(value.slice(0, 3))];
  const ends = Array.isArray(value) ? value : Object.values((value as object | undefined) ?? {});
  return ends.flatMap(endsOf);
}

/**
 * Numbers the calls of nested models as Keras 2 and tfjs do, whose first node is the model's own; Keras 3 counts from
 * its first call. A reference beyond the calls tells the two apart.
 */
export function renumbered({ layers, ends }: { layers: readonly GraphLayer[]; ends: TensorRef[][] }): {
  layers: GraphLayer[];
  ends: TensorRef[][];
} {
  const refs = [...layers.flatMap(({ calls }) => calls.flat()), ...ends.flat()];
  const shifts = new Map(
    layers
      .filter(({ kind }) => kind === "model")
      .map(({ name, calls }) => {
        const last = Math.max(...refs.filter(([layer]) => layer === name).map(([, node]) => node), 0);
        return [name, last < calls.length ? 1 : 0];
      }),
  );
  const shifted = ([layer, node, tensor]: TensorRef): TensorRef => [layer, node + (shifts.get(layer) ?? 0), tensor];
  return {
    layers: layers.map((layer) => ({ ...layer, calls: layer.calls.map((call) => call.map(shifted)) })),
    ends: ends.map((list) => list.map(shifted)),
  };
}

/** The first layer (or end) whose input never comes to exist, and that input; `null` for a graph that is whole. */
export function danglingInput(
  layers: readonly GraphLayer[],
  ends: readonly TensorRef[],
): { layer: string | null; input: string } | null {
  const nodes = new Map(layers.map(({ name, kind }) => [name, kind === "layer" ? 0 : 1]));
  const exists = ([layer, node]: TensorRef): boolean => node < (nodes.get(layer) ?? 0);
  let waiting = layers.flatMap(({ name, calls }) => calls.map((inputs) => ({ name, inputs })));
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length;
    waiting = waiting.filter(({ name, inputs }) => {
      if (!inputs.every(exists)) return true;
      nodes.set(name, nodes.get(name)! + 1);
      return false;
    });
  }
  const [stuck] = waiting;
  if (stuck !== undefined) return { layer: stuck.name, input: stuck.inputs.find((input) => !exists(input))![0] };
  const end = ends.find((ref) => !exists(ref));
  return end === undefined ? null : { layer: null, input: end[0] };
}
