/** The last layer of a network, fitted to other classes. */
import { keyedRandom, OptionsError, symmetric } from "@fer/core";
import type { RunStart } from "@fer/core/run";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel } from "@tensorflow/tfjs";

interface HeadOptions {
  /** Classes of the network in the order of its output; `null` where they are not known. */
  from: readonly string[] | null;
  /** Classes that it shall have. */
  classes: readonly string[];
  /** Of new columns. */
  seed: number;
}

interface FittedHead {
  model: LayersModel;
  head: Pick<RunStart, "kept" | "added" | "dropped">;
}

/**
 * The network with one output a class: the columns of its last layer go to the classes of their names, new classes get
 * columns as Glorot draws them, and a bias of 0. A network that is not needed any more is disposed of.
 *
 * @throws OptionsError where the last layer with weights is neither dense nor a convolution with one channel a class.
 */
export async function fitHead(network: LayersModel, { from, classes, seed }: HeadOptions): Promise<FittedHead> {
  const known = from ?? [];
  const head = {
    kept: classes.filter((name) => known.includes(name)),
    added: classes.filter((name) => !known.includes(name)),
    dropped: known.filter((name) => !classes.includes(name)),
  };
  if (known.join("\n") === classes.join("\n")) return { model: network, head };
  try {
    const layer = lastLayer(network);
    const model = await resized(network, { layer: layer.name, classes: classes.length });
    const next = keyedRandom(seed, "head");
    const columns = classes.map((name) => known.indexOf(name));
    for (const [index, weight] of model.weights.entries()) {
      const values = network.weights[index]!.read().dataSync();
      const isHead = weight.originalName.startsWith(`${layer.name}/`);
      const fitted = isHead ? fittedColumns({ values, columns, shape: weight.shape as number[], next }) : values;
      tf.tidy(() => {
        weight.write(tf.tensor(fitted, weight.shape as number[]));
      });
    }
    return { model, head };
  } finally {
    network.dispose();
  }
}

/** The last layer that has weights: it must have one unit or channel a class. */
function lastLayer(network: LayersModel): LayersModel["layers"][number] {
  const layer = network.layers.findLast(({ weights }) => weights.length > 0);
  const width = network.outputs[0]?.shape.at(-1);
  const kernel = layer?.weights.find(({ originalName }) => originalName.endsWith("/kernel"));
  const isPlain = layer !== undefined && ["Dense", "Conv2D"].includes(layer.getClassName());
  if (isPlain && kernel?.shape.at(-1) === width) return layer;
  throw new OptionsError({
    code: "NO_HEAD",
    subject: `network ${network.name}`,
    found: `its last layer with weights is ${layer === undefined ? "missing" : `${layer.name} (${layer.getClassName()})`}`,
    expected: `a Dense or Conv2D layer with one output a class (${String(width)})`,
    fix: "Save the network with such a layer at its end",
  });
}

interface LayerConfig {
  name?: string;
  units?: number;
  filters?: number;
  layers?: { class_name: string; config: LayerConfig }[];
}

/** The same network with another width of a layer, and new weights. */
async function resized(
  network: LayersModel,
  { layer, classes }: { layer: string; classes: number },
): Promise<LayersModel> {
  const topology = structuredClone(network.toJSON(null, false)) as unknown as { config: LayerConfig };
  for (const { config } of topology.config.layers ?? []) {
    if (config.name !== layer) continue;
    if (config.units === undefined) config.filters = classes;
    else config.units = classes;
  }
  return tf.models.modelFromJSON({ modelTopology: topology } as never);
}

/** A kernel `[..., inputs, classes]` or a bias `[classes]`: column `columns[c]` of the old one, a new one for -1. */
function fittedColumns({
  values,
  columns,
  shape,
  next,
}: {
  values: ArrayLike<number>;
  columns: readonly number[];
  shape: readonly number[];
  next: () => number;
}): Float32Array {
  const rows = shape.slice(0, -1).reduce((product, side) => product * side, 1);
  const before = values.length / rows;
  const limit = shape.length === 1 ? 0 : Math.sqrt(6 / (rows + (rows / shape.at(-2)!) * columns.length));
  const out = new Float32Array(rows * columns.length);
  for (let row = 0; row < rows; row++) {
    for (const [c, column] of columns.entries()) {
      const drawn = symmetric(next) * limit;
      out[row * columns.length + c] = column < 0 ? drawn : values[row * before + column]!;
    }
  }
  return out;
}
