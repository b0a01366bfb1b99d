/**
 * AffectNet+ (2024): a json with labels, soft labels and landmarks beside each 224x224 crop. Any key may be absent or
 * null; two spellings of the keys are in use. The human-labelled part and the other are never mixed.
 */
import type { Form, SampleInput, SkippedInput } from "../../adapter.js";
import { labelOf } from "@fer/core";
import { type Folder, base, stem } from "../../tree/folder.js";
import { parseSidecar, sidecarObject } from "../../files/json.js";
import { unlistedImages } from "../../readers/unlisted.js";
import type { Split } from "@fer/core/image-folder";
import { CODES, MANUAL_TOTALS, affect, landmarks, readCode } from "./codes.js";
import type { AffectNetOptions } from "./options.js";

/** Folder of a part below the root, and its split. */
const PARTS: Record<AffectNetOptions["part"], readonly (readonly [RegExp, Split])[]> = {
  manual: [
    [/(^|\/)human_annotated\/train_set$/i, "train"],
    [/(^|\/)human_annotated\/val(id|idation)?_set$/i, "val"],
  ],
  automatic: [[/(^|\/)no_human_annotated$/i, "all"]],
};

/** The form. */
export const plus: Form<AffectNetOptions> = {
  name: "affectnet-plus",
  tree: `human_annotated/train_set/images/<id>.jpg, annotations/<id>.json
human_annotated/validation_set/images, annotations
no_human_annotated/images, annotations`,
  expected: ({ part }) => (part === "manual" ? MANUAL_TOTALS : []),
  detect: (folder, options) => (parts(folder, options).length > 0 ? folder : undefined),
  async *read(folder, options, tally) {
    for (const { dir, split } of parts(folder, options)) {
      const seen = new Set<string>();
      for (const file of jsonFiles(folder, dir)) {
        tally.rows();
        yield await readItem(folder, dir, file, split, seen);
      }
      yield* unlistedImages(folder, `${dir}/images`, seen);
    }
  },
};

async function readItem(
  folder: Folder,
  dir: string,
  file: string,
  split: Split,
  seen: Set<string>,
): Promise<SampleInput | SkippedInput> {
  const sidecar = parseSidecar(await folder.text(file), file);
  const { path: image, problem } = folder.find(`${dir}/images/${stem(file)}.jpg`, `${dir}/images`);
  if (image !== undefined) seen.add(image);
  const label = sidecar.get("human-label");
  if (label === undefined || label === null) return { source: file, reason: "unlabelled", detail: "no human-label" };
  const expression = readCode(String(label), file);
  if (typeof expression !== "string") return expression;
  if (image === undefined) return { source: file, reason: "missing-file", detail: problem };
  const meta = sidecarObject(sidecar.get("meta-data") ?? sidecar.get("metadata"));
  const points = meta?.get("landmark-68");
  return {
    id: stem(image),
    image: { file: image },
    expression,
    split,
    source: file,
    rawLabel: String(label),
    votes: softLabel(sidecar.get("soft-label")),
    valence: affect(meta?.get("valence")),
    arousal: affect(meta?.get("arousal")),
    landmarks: Array.isArray(points) ? landmarks(points.map(Number)) : null,
  };
}

/** Eight numbers in AffectNet's order, put into canonical order. */
function softLabel(value: unknown): number[] | null {
  if (!Array.isArray(value) || value.length !== CODES.length || !value.every(Number.isFinite)) return null;
  const votes = CODES.map(() => 0);
  for (const [code, expression] of CODES.entries()) votes[labelOf(expression)] = value[code] as number;
  return votes;
}

function parts(folder: Folder, { part }: AffectNetOptions): { dir: string; split: Split }[] {
  return PARTS[part].flatMap(([name, split]) => {
    const [dir] = folder.findFolders((path) => name.test(path) && jsonFiles(folder, path).length > 0);
    return dir === undefined ? [] : [{ dir, split }];
  });
}

const jsonFiles = (folder: Folder, dir: string) =>
  folder.under(`${dir}/annotations`).filter((file) => /\.json$/i.test(base(file)));
