/**
 * Images of a set that stand in train and in val or test: the same pixels before any resize, or, of the images as the set
 * has them, difference hashes that are near. In a set of folds, any two images of different groups.
 */
import { dhash, greyBytes, nearIndex } from "@fer/core";
import type { AssembledSet, Part, PartReader } from "@fer/core/set";
import { setImmediate } from "node:timers/promises";
import type { TwinPair, TwinsAnswer } from "../protocol.js";

/** Pairs that are shown. */
const SHOWN = 200;
/** Images that are read at a time. */
const CHUNK = 256;

interface Image {
  part: Part;
  row: number;
  source: string;
  group: string | null;
  label: string;
  pixels: string;
  hash: string;
}

/** Pairs, near ones first, since they want to be looked at. */
export async function twinsOf(set: AssembledSet): Promise<TwinsAnswer> {
  const parts = set.parts.filter((part) => part !== "full");
  const images: Image[] = [];
  for (const part of parts) for await (const image of imagesOf(set.part(part))) images.push(image);
  const isHeldOut = ({ part }: Image): boolean => part === "val" || part === "test";
  const [trained, heldOut] =
    set.folds > 0 ? [images, images] : [images.filter((each) => !isHeldOut(each)), images.filter(isHeldOut)];
  const index = nearIndex(trained.map(({ hash }) => hash));
  const byPixels = new Map<string, Image[]>();
  for (const image of trained) byPixels.set(image.pixels, [...(byPixels.get(image.pixels) ?? []), image]);
  const near: TwinPair[] = [];
  const exact: TwinPair[] = [];
  for (const image of heldOut) {
    // Of folds each pair once, and none of one person, who is on one side of every fold.
    const isOther = (other: Image): boolean =>
      set.folds === 0 || (other.row < image.row && (other.group === null || other.group !== image.group));
    const same = (byPixels.get(image.pixels) ?? []).filter(isOther);
    for (const other of same.slice(0, 1)) exact.push(pairOf("exact", { train: other, heldOut: image }));
    if (same.length > 0) continue;
    const other = index
      .near(image.hash)
      .map((at) => trained[at]!)
      .find((each) => isOther(each) && each.pixels !== image.pixels);
    if (other !== undefined) near.push(pairOf("near", { train: other, heldOut: image }));
  }
  const pairs = [...near, ...exact];
  return { near: near.length, exact: exact.length, pairs: pairs.slice(0, SHOWN) };
}

async function* imagesOf(part: PartReader): AsyncGenerator<Image> {
  const labels = await part.labels();
  const [height, width, channels] = part.shape;
  let row = 0;
  let chunk: Uint8Array = new Uint8Array();
  for await (const { source, group, pixel_hash: pixels } of part.rows()) {
    if (row % CHUNK === 0) {
      await setImmediate();
      chunk = await part.read(Uint32Array.from({ length: Math.min(CHUNK, part.count - row) }, (_, i) => row + i));
    }
    const from = (row % CHUNK) * part.rowLength;
    const image = chunk.subarray(from, from + part.rowLength);
    const hash = dhash({ width, height, data: channels === 1 ? image : greyBytes(image) });
    yield { part: part.name, row, source, group, label: part.classes[labels[row]!]!, pixels, hash };
    row += 1;
  }
}

function pairOf(kind: TwinPair["kind"], { train, heldOut }: { train: Image; heldOut: Image }): TwinPair {
  const side = ({ part, row, source, label }: Image): TwinPair["train"] => ({ part, row, source, label });
  return { kind, train: side(train), heldOut: side(heldOut) };
}
