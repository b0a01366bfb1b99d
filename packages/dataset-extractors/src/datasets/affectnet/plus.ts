/**
 * AffectNet+ (2024): a json with labels, soft labels and landmarks beside each 224x224 crop. Any key may be absent or
 * null; two spellings of the keys are in use. The human-labelled part and the other are never mixed.
 */
import { labelOf } from "@fer/core";
import type { Form } from "../../definition.js";
import { parseSidecar, sidecarObject } from "../../files/json.js";
import { listed, type RowReading } from "../../readers/listed.js";
import type { Folder } from "../../tree/folder.js";
import { fileName, fileStem } from "../../tree/names.js";
import type { Split } from "@fer/core/image-folder";
import { CODES, MANUAL_TOTALS, affect, landmarks } from "./codes.js";
import { codeOfItem, ofOneItem, pictureOf } from "./items.js";
import type { AffectNetOptions } from "./options.js";

/** Folder of a part below the root, and its split. */
const PARTS: Record<AffectNetOptions["part"], readonly (readonly [RegExp, Split])[]> = {
  manual: [
    [/(^|\/)human_annotated\/train_set$/i, "train"],
    [/(^|\/)human_annotated\/val(id|idation)?_set$/i, "val"],
  ],
  automatic: [[/(^|\/)no_human_annotated$/i, "all"]],
};

export const plus: Form<AffectNetOptions> = {
  name: "affectnet-plus",
  tree: `human_annotated/train_set/images/<id>.jpg, annotations/<id>.json
human_annotated/validation_set/images, annotations
no_human_annotated/images, annotations`,
  expected: ({ part }) => (part === "manual" ? MANUAL_TOTALS : []),
  detect: (folder, options) => (parts(folder, options).length > 0 ? folder : undefined),
  async *read(folder, options) {
    for (const { dir, split } of parts(folder, options)) {
      yield* listed(folder, {
        rows: () => jsonFiles(folder, dir).map((source) => ({ source })),
        picture: ({ source }) => pictureOf(folder, { dir: `${dir}/images`, id: fileStem(source) }),
        read: ({ source }) => readItem(folder, { source, split }),
      });
    }
    const part = options.part === "manual" ? "automatic" : "manual";
    for (const { dir } of parts(folder, { ...options, part }))
      yield { source: dir, reason: "not-chosen", detail: `the ${options.part} part is read (--part)` };
  },
};

async function readItem(folder: Folder, { source, split }: { source: string; split: Split }): Promise<RowReading> {
  const { value: sidecar, problem } = await ofOneItem(async () => parseSidecar(await folder.text(source), source));
  if (sidecar === undefined) return { reason: "invalid", detail: problem };
  const label = sidecar.get("human-label");
  if (label === undefined || label === null) return { reason: "unlabelled", detail: "no human-label" };
  const expression = codeOfItem(label, source);
  if (typeof expression !== "string") return expression;
  const meta = sidecarObject(sidecar.get("meta-data") ?? sidecar.get("metadata"));
  const points = meta?.get("landmark-68");
  return {
    expression,
    split,
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
  folder.under(`${dir}/annotations`).filter((file) => /\.json$/i.test(fileName(file)));
