/**
 * Image folders -> one ordered list of samples. The order (class, then key by code unit) and the names of sources and
 * groups do not depend on the order in which the folders are given.
 *
 *     source   <adapter>/<split>/<file_name>    a second folder of one adapter is <adapter>-2
 *     group    <group space>/<group>            datasets that share people share a space
 */
import { resolve } from "node:path";
import { DatasetError, type Expression, labelOf, OptionsError } from "@fer/core";
import {
  type DatasetInfo,
  type GroupKind,
  type ImageKind,
  type MetadataRow,
  OWN_GROUP_SPACE,
  readDatasetInfo,
  readMetadata,
  sourceNames,
} from "@fer/core/image-folder";
import { byKey, type SplitItem } from "../policies/split-item.js";
import type { SetInfo } from "@fer/core/set";
import { type Samples, SampleTable } from "./samples.js";

/** A sample of a merged set; `key` is its source. */
export interface MergedSample extends SplitItem {
  id: string;
  /** Path of the image file. */
  file: string;
  pixelHash: string;
  /** A number that the samples of the same pixels share. */
  pixels: number;
  /** 64-bit difference hash, hex. */
  dhash: string;
  /** Library that decoded it for the hashes. */
  decoder: string;
  dataset: string;
  hasVotes: boolean;
  /** Whether valence or arousal is known. */
  hasVa: boolean;
  /** The owner's votes or shares over the eight classes. */
  votes: readonly number[] | null;
  valence: number | null;
  arousal: number | null;
}

/** What {@link mergeFolders} returns. */
export interface MergedFolders {
  /** By class, then by key. */
  samples: Samples;
  dropped: SetInfo["dropped"];
  sources: SetInfo["sources"];
  /** Descriptions of the image folders, in the order of `sources`. */
  infos: readonly DatasetInfo[];
  groupKind: GroupKind;
  imageKind: ImageKind;
}

/** What must be known of options to merge. */
export interface MergeOptions {
  classes: 7 | 8;
  wholeImage: boolean;
  /** Expressions that are taken for another one, or left out. */
  map: Readonly<Partial<Record<Expression, Expression | "none">>>;
}

/** From the kind that says least about who is in an image to the one that says most. */
const GROUP_KINDS: readonly GroupKind[] = ["none", "photo", "clip", "video", "subject"];

/**
 * Reads and merges image folders.
 *
 * @throws OptionsError for no folder or one given twice; DatasetError for empty folders and uncropped photos
 */
export async function mergeFolders(folders: readonly string[], options: MergeOptions): Promise<MergedFolders> {
  const datasets = named(
    await Promise.all(folders.map(async (folder) => ({ folder, info: await readDatasetInfo(folder) }))),
  );
  refuseSharedName(datasets);
  const capacity = datasets.reduce((sum, { info }) => sum + info.total, 0);
  const table = new SampleTable(
    datasets.map(({ folder, ...dataset }) => ({ folder: resolve(folder), ...dataset })),
    capacity,
  );
  const dropped: Record<string, number> = {};
  for (const [source, { folder, info }] of datasets.entries()) {
    let images = 0;
    for await (const { split, row } of readMetadata(folder, info)) {
      images += 1;
      const expression = options.map[row.expression] ?? row.expression;
      if (expression === "none" || labelOf(expression) >= options.classes) {
        dropped[row.expression] = (dropped[row.expression] ?? 0) + 1;
        continue;
      }
      if (!options.wholeImage) refusePhoto({ folder, info }, row);
      table.add({ source, split, row, label: labelOf(expression) });
    }
    if (images === 0) {
      throw new DatasetError({
        code: "EMPTY_FOLDER",
        subject: folder,
        found: `the image folder of ${info.adapter} has no image`,
        expected: "at least two classes with images",
        fix: "Read its skipped.jsonl, which says why nothing was taken",
      });
    }
  }
  return {
    samples: table.sorted(),
    dropped,
    sources: datasets.map(({ info }) => ({
      adapter: info.adapter,
      form: info.form,
      groupSpace: info.groupSpace,
      fingerprint: info.fingerprint,
    })),
    infos: datasets.map(({ info }) => info),
    groupKind: GROUP_KINDS.find((kind) => datasets.some(({ info }) => info.groupKind === kind))!,
    imageKind: datasets.some(({ info }) => info.imageKind === "photo") ? "photo" : "crop",
  };
}

interface Dataset {
  folder: string;
  info: DatasetInfo;
}

function named(datasets: readonly Dataset[]): (Dataset & { prefix: string })[] {
  if (datasets.length === 0) {
    throw new OptionsError({
      code: "NO_FOLDERS",
      subject: "assemble",
      found: "no image folder was given",
      expected: "one or more folders written by the extractors",
      fix: "Pass them, for example data/ckplus",
    });
  }
  const order = (dataset: Dataset): string =>
    [dataset.info.adapter, dataset.info.form, dataset.info.fingerprint].join("\0");
  const sorted = datasets.map((dataset) => ({ ...dataset, key: order(dataset) })).sort(byKey);
  const names = sourceNames(sorted.map(({ info }) => info));
  return sorted.map((dataset, i) => {
    const previous = sorted[i - 1];
    if (previous?.key === dataset.key) {
      throw new OptionsError({
        code: "SAME_FOLDER",
        subject: "assemble",
        found: `"${previous.folder}" and "${dataset.folder}" hold the same data`,
        expected: "each dataset once",
        fix: "Leave one of them out",
      });
    }
    return { folder: dataset.folder, info: dataset.info, prefix: names[i]! };
  });
}

/** Own datasets that were read from folders of one name have one group space, and nobody said that they share people. */
function refuseSharedName(datasets: readonly Dataset[]): void {
  const first = new Map<string, string>();
  for (const { folder, info } of datasets) {
    if (!info.groupSpace.startsWith(OWN_GROUP_SPACE) || info.groupKind === "none") continue;
    const other = first.get(info.groupSpace);
    if (other === undefined) first.set(info.groupSpace, folder);
    else {
      throw new OptionsError({
        code: "SAME_GROUP_SPACE",
        subject: "assemble",
        found: `"${other}" and "${folder}" were both read from a folder called "${info.groupSpace.slice(OWN_GROUP_SPACE.length)}", and nothing says whether they show the same people`,
        expected: "a group space of its own for each, or the same on purpose",
        fix: "Extract them again with --group-space: two names, or one name where p1 is the same person in both",
      });
    }
  }
}

function refusePhoto({ folder, info }: Dataset, row: MetadataRow): void {
  if (info.imageKind !== "photo" || row.box !== null) return;
  throw new DatasetError({
    code: "NOT_CROPPED",
    subject: folder,
    found: `the images of ${info.adapter} (${info.form}) are photos from which no face was cut out, the first is "${row.file_name}"`,
    expected: "images of one face each",
    fix: "Extract with a face box, or set wholeImage (--whole-image) to take the photos as they are",
    context: { adapter: info.adapter, form: info.form },
  });
}
