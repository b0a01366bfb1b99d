/**
 * Models within a model, written out as the layers that they are made of. Keras 2 numbers the calls of a nested model
 * from one and Keras 3 from zero (it looks for a node that is not there without end), so no file with one opens in both.
 *
 * A nested model that is called several times shares its layers between the calls: call `i` of it repeats the calls of
 * each of its layers, after those of call `i - 1`.
 */

/** A layer or model as tfjs and Keras write it. */
export interface LayerJson {
  class_name: string;
  config: Record<string, unknown>;
  name?: string;
  inbound_nodes?: Input[][];
}

/** An input of a call: layer, its node, that node's output, settings of the call. */
type Input = [layer: string, node: number, tensor: number, settings?: object];

/** A layer of the model that was written out. */
interface InlinedLayer extends LayerJson {
  name: string;
  inbound_nodes: Input[][];
  /** Names that lead to it through the nested models. */
  path: string[];
}

/** A functional model without models in it. */
export interface InlinedModel {
  layers: InlinedLayer[];
  inputs: Input[];
  outputs: Input[];
}

const layersOf = ({ config }: LayerJson): LayerJson[] | undefined => config["layers"] as LayerJson[] | undefined;

/** Whether a model has models in it. */
export const isNested = (model: LayerJson): boolean =>
  layersOf(model)?.some((layer) => layersOf(layer) !== undefined) ?? false;

/** Writes a model out; a Sequential must say its input layer. */
export function inlineModels(model: LayerJson, taken: Set<string> = new Set()): InlinedModel {
  const { layers, inputs, outputs } = model.class_name === "Sequential" ? chained(model) : connected(model);
  const nested = new Map<string, { inner: InlinedModel; calls: Input[][]; names: Map<string, string> }>();
  for (const layer of layers) if (layersOf(layer) === undefined) taken.add(layer.name);

  /** The tensor that an input means when nested models are gone. */
  const resolve = ([layer, node, tensor, settings = {}]: Input): Input => {
    const within = nested.get(layer);
    if (within === undefined) return [layer, node, tensor, settings];
    // The first node is the model's own.
    return translate(within, { call: node - 1, input: within.inner.outputs[tensor]! });
  };
  const translate = (
    { inner, calls, names }: { inner: InlinedModel; calls: Input[][]; names: Map<string, string> },
    { call, input: [layer, node, tensor, settings = {}] }: { call: number; input: Input },
  ): Input => {
    const at = inner.inputs.findIndex(([name]) => name === layer);
    if (at !== -1) return resolve(calls[call]![at]!);
    const own = inner.layers.find(({ name }) => name === layer)!.inbound_nodes.length;
    return [names.get(layer)!, call * own + node, tensor, settings];
  };

  const out: (() => InlinedLayer)[] = layers.flatMap((layer) => {
    if (layersOf(layer) === undefined) {
      return [() => ({ ...layer, inbound_nodes: layer.inbound_nodes.map((call) => call.map(resolve)) })];
    }
    const inner = inlineModels(layer);
    const own = inner.layers.filter(({ name }) => inner.inputs.every(([input]) => input !== name));
    const names = new Map(own.map(({ name }) => [name, freeName(name, { within: layer.name, taken })]));
    const within = { inner, calls: layer.inbound_nodes, names };
    nested.set(layer.name, within);
    return own.map(({ name, class_name, config, inbound_nodes, path }) => () => ({
      class_name,
      config: { ...config, name: names.get(name)! },
      name: names.get(name)!,
      inbound_nodes: layer.inbound_nodes.flatMap((_, call) =>
        inbound_nodes.map((inputs) => inputs.map((input) => translate(within, { call, input }))),
      ),
      path: [layer.name, ...path],
    }));
  });
  return { layers: out.map((write) => write()), inputs, outputs: outputs.map(resolve) };
}

function connected(model: LayerJson): InlinedModel {
  const layers = layersOf(model)!.map((layer) => {
    const name = layer.name ?? String(layer.config["name"]);
    return Object.assign({}, layer, { name, inbound_nodes: layer.inbound_nodes ?? [], path: [name] });
  });
  const { input_layers, output_layers } = model.config as { input_layers: Input[]; output_layers: Input[] };
  return { layers, inputs: input_layers, outputs: output_layers };
}

/** A Sequential as a functional model. */
function chained(model: LayerJson): InlinedModel {
  let before: Input | undefined;
  const layers = layersOf(model)!.map((layer) => {
    const name = String(layer.config["name"]);
    const inbound_nodes = before === undefined ? [] : [[before]];
    before = [name, layersOf(layer) === undefined ? 0 : 1, 0, {}];
    return Object.assign({}, layer, { name, inbound_nodes, path: [name] });
  });
  return { layers, inputs: [[layers[0]!.name, 0, 0]], outputs: [before!] };
}

function freeName(name: string, { within, taken }: { within: string; taken: Set<string> }): string {
  let free = taken.has(name) ? `${within}_${name}` : name;
  for (let count = 1; taken.has(free); count++) free = `${within}_${name}_${count}`;
  taken.add(free);
  return free;
}
