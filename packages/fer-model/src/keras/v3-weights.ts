/**
 * Weights in the layout of Keras 3 (`model.save_weights("x.weights.h5")`, `model.weights.h5` in a `.keras` archive),
 * which Keras 2.12 and later write too:
 *
 *     /layers/<class>/vars/0, 1, ...          the class in snake case, numbered: conv2d, conv2d_1, batch_normalization
 *     /layers/<class>/layers/...              a nested model
 *     /layers/<class>/cell/vars/0, ...        what a wrapper or a recurrent layer holds
 *
 * Names of layers are not in it: they are counted in the order of the architecture.
 */
import { FormatError } from "@fer/core/errors";
import type { Group } from "h5wasm";
import type { StoredLayer } from "./h5-weights.js";
import { memberOf } from "./hdf5.js";
import type { KerasLayer } from "./translator.js";

/** A group of an open file; names are for messages. */
interface Place {
  group: Group;
  path: string;
  file: string;
}

/** What layers hold that have layers of their own, in the order in which Keras counts their weights. */
const HELD = ["cell", "forward_layer", "backward_layer", "layer"];

/** State of random numbers, not weights. */
const SEED = "seed_generator";

/** The layers of an open file; `undefined` where it has another layout. @throws {@link FormatError} */
export function readV3Layers(
  group: Group,
  { layers, name }: { layers: readonly KerasLayer[]; name: string },
): StoredLayer[] | undefined {
  const root = { group, path: "", file: name };
  return within(root, "layers") === null ? undefined : storedLayers(root, layers);
}

function storedLayers(parent: Place, layers: readonly KerasLayer[]): StoredLayer[] {
  const list = within(parent, "layers");
  const counts = new Map<string, number>();
  const read = new Set<string>();
  const stored = layers.map((layer): StoredLayer => {
    const kind = snakeCase(layer.className);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const key = count === 0 ? kind : `${kind}_${count}`;
    read.add(key);
    const place = list === null ? null : within(list, key);
    if (place === null) return { layer: layer.name, weights: [] };
    if (layer.layers === undefined) return { layer: layer.name, weights: weightsIn(place) };
    return { layer: layer.name, weights: [], layers: storedLayers(place, layer.layers) };
  });
  if (list !== null) checkAllRead(list, read);
  return stored;
}

function weightsIn(place: Place): StoredLayer["weights"] {
  const { group, path, file } = place;
  const vars = within(place, "vars");
  const weights = (vars?.group.keys() ?? []).flatMap((_, at) => {
    const item = memberOf(vars!.group, { path: String(at), file });
    return item?.kind === "tensor" ? [{ name: `${path}/vars/${at}`, tensor: item.tensor }] : [];
  });
  checkAllRead(place, new Set(["vars", SEED, ...HELD]));
  const held = HELD.filter((key) => group.keys().includes(key)).map((key) => within(place, key));
  return [...weights, ...held.flatMap((inner) => (inner === null ? [] : weightsIn(inner)))];
}

/** Nothing that a file has is left out without a word. */
function checkAllRead(place: Place, read: ReadonlySet<string>): void {
  for (const key of place.group.keys().filter((name) => !read.has(name))) {
    const inner = within(place, key);
    if (inner === null || !holdsWeights(inner)) continue;
    throw new FormatError({
      code: "WEIGHTS_DO_NOT_FIT",
      subject: place.file,
      found: `weights under "${inner.path}"`,
      expected: "weights of the layers of the architecture",
      fix: "Pass the architecture that was saved with these weights; those of a class of one's own have names in a .h5",
    });
  }
}

function holdsWeights(place: Place): boolean {
  return place.group.keys().some((key) => {
    const item = memberOf(place.group, { path: key, file: place.file });
    if (item?.kind === "tensor") return true;
    return item?.kind === "group" && key !== SEED && holdsWeights({ ...place, group: item.group });
  });
}

/** A group below; `null` where there is none. */
function within({ group, path, file }: Place, key: string): Place | null {
  const item = memberOf(group, { path: key, file });
  return item?.kind === "group" ? { group: item.group, path: path === "" ? key : `${path}/${key}`, file } : null;
}

/** As Keras names it: BatchNormalization is batch_normalization, Conv2D conv2d, ReLU re_lu. */
export const snakeCase = (name: string): string =>
  name
    .replaceAll(/\W+/g, "")
    .replaceAll(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
