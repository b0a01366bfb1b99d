/** What a set must have to be trained on: several classes, none missing, no empty part. */
import { DatasetError, EXPRESSIONS } from "@fer/core";
import type { PartInfo } from "@fer/core/set";
import { distinctOf, type Items } from "./policies/split-item.js";

/** What is looked at of a sample. */
interface Assigned {
  label: number;
  group: string | null;
}

/** Refuses a set that cannot be trained on: no sample, one class, or a class without any. */
export function checkClasses(
  samples: Items<{ label: number }>,
  { classes, allowMissing }: { classes: number; allowMissing: boolean },
): void {
  const present = distinctOf(samples, ({ label }) => label);
  const names = (labels: Iterable<number>): string =>
    [...labels]
      .sort((a, b) => a - b)
      .map((label) => EXPRESSIONS[label])
      .join(", ");
  if (present.size <= 1) {
    throw new DatasetError({
      code: "ONE_CLASS",
      subject: "assemble",
      found: present.size === 0 ? "no image is left" : `all ${samples.length} images are ${names(present)}`,
      expected: "images of at least two classes",
      fix: "Check the class folders or the map that the dataset was extracted with",
    });
  }
  const missing = Array.from({ length: classes }, (_, label) => label).filter((label) => !present.has(label));
  if (missing.length === 0 || allowMissing) return;
  throw new DatasetError({
    code: "MISSING_CLASS",
    subject: "assemble",
    found: `no image shows ${names(missing)}`,
    expected: `images of all ${classes} classes`,
    fix:
      missing.join() === "7"
        ? "Assemble with 7 classes, or add a dataset that has contempt"
        : "Add a dataset that has them, or set allowMissing (--allow-missing)",
    context: { missing: missing.map((label) => EXPRESSIONS[label]) },
  });
}

/** Samples, classes and groups of some samples. */
export function countSamples(samples: Iterable<Assigned>, classes: number): PartInfo {
  const perClass = Object.fromEntries(EXPRESSIONS.slice(0, classes).map((expression) => [expression, 0]));
  const groups = new Set<string>();
  let count = 0;
  for (const { label, group } of samples) {
    count += 1;
    perClass[EXPRESSIONS[label]!]! += 1;
    if (group !== null) groups.add(group);
  }
  return { count, perClass, groups: groups.size };
}

/** Refuses a part without samples, of a set of `total`. @throws DatasetError `EMPTY_PART` */
export function checkNotEmpty(part: string, { count, total }: { count: number; total: number }): void {
  if (count > 0) return;
  throw new DatasetError({
    code: "EMPTY_PART",
    subject: "assemble",
    found: `no image falls into the part ${part}`,
    expected: `some of the ${total} images`,
    fix: part.endsWith("train")
      ? "Add data, or use another policy"
      : "Add data, raise its share, or set the share to 0",
  });
}

/** Refuses a train part that lacks a class that the data have. */
export function checkTrain(part: string, { train, whole }: Record<"train" | "whole", PartInfo>): void {
  const missing = Object.keys(whole.perClass).filter((name) => whole.perClass[name]! > 0 && train.perClass[name] === 0);
  if (missing.length === 0) return;
  throw new DatasetError({
    code: "CLASS_NOT_IN_TRAIN",
    subject: "assemble",
    found: `the part ${part} has no image of ${missing.join(", ")}`,
    expected: "all classes of the data in train",
    fix: "Add data, use another seed or policy, or set allowMissing (--allow-missing)",
  });
}
