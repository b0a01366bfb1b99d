/** What `fer assemble` says about a set. */
import { formatCount } from "@fer/core";
import { missingClasses, PARTS, type SetInfo } from "@fer/core/set";
import { table } from "../output/table.js";

/** Counts by class and part, image settings, and the leak report. */
export function renderSet(info: Omit<SetInfo, "fingerprint">, folder: string): string {
  const parts = PARTS.filter((part) => info.parts[part] !== undefined);
  const rows = info.classes.map((name) => [name, ...parts.map((part) => info.parts[part]!.perClass[name] ?? 0)]);
  const counts = parts.map((part) => info.parts[part]!.count);
  const groups = parts.map((part) => info.parts[part]!.groups);
  const { size, channels, dtype, fit } = info.image;
  const { exact, near, groups: shared, conflicts } = info.leaks;
  const dropped = Object.entries(info.dropped).map(([name, count]) => `${formatCount(count)} ${name}`);
  return [
    `set ${info.name} in ${folder}: images [n, ${size}, ${size}, ${channels}] ${dtype} (${fit}), policy ${info.policy}`,
    "",
    table(
      ["class", ...parts],
      [...rows, ["total", ...counts], ...(info.groupKind === "none" ? [] : [[`${info.groupKind}s`, ...groups]])],
    ),
    "",
    ...(info.folds === undefined ? [] : [foldTable(info.folds), ""]),
    ...missingClasses(info),
    ...protocolLines(info),
    ...originLines(info),
    ...(info.targets === undefined
      ? []
      : [`beside the labels: ${info.targets.map((target) => TARGET_NAMES[target]).join(", ")}`]),
    ...(info.oversampled === undefined
      ? []
      : [
          `rows of train with classes equally often: ${formatCount(info.oversampled)} (${info.name}_train_oversampled.npy)`,
        ]),
    ...(dropped.length > 0 ? [`left out: ${dropped.join(", ")}`] : []),
    ...(info.thinned === undefined
      ? []
      : [
          `taken out of train as twins of val or test: ${formatCount(info.thinned.exact)} identical, ${formatCount(info.thinned.near)} near-identical (${info.name}_dropped.jsonl)`,
        ]),
    ...(info.sharedPictures ?? []).map(
      ({ datasets, pictures, allOf }) =>
        `${datasets.join(" and ")} have ${formatCount(pictures)} pictures in common${allOf === undefined ? "" : `, all of ${allOf.join(" and of ")}`}`,
    ),
    ...(info.against ?? []).map(
      ({ set, exact, near: almost, groups }) =>
        `of val and test, ${set} trains on ${formatCount(exact)} identical images, ${almost == null ? "near ones not known" : `${formatCount(almost)} near-identical`}, and ${formatCount(groups)} groups`,
    ),
    `between the parts: ${formatCount(exact)} identical images, ${near === null ? "near ones not looked for" : `${formatCount(near)} near-identical`}, ${formatCount(shared)} shared groups; ${formatCount(conflicts)} images with two labels`,
  ].join("\n");
}

function protocolLines({ protocol }: Pick<SetInfo, "protocol">): string[] {
  if (protocol === undefined) return [];
  const { name, title, metric, paper, status, details } = protocol;
  const counts = {
    match: "counts as its owner's",
    differs: "other counts than its owner's",
    unknown: "counts not fixed",
  };
  return [`protocol ${name} (${title}; ${metric}; ${paper}): ${counts[status]}`, ...details.map((line) => `  ${line}`)];
}

const TARGET_NAMES = { votes: "votes", va: "valence and arousal (va)" } as const;

/** Which datasets and owner's parts the parts are made of, and what is in none of them. */
function originLines({
  parts,
  leftOut = {},
  map,
  excluded,
  limit,
  cap,
}: Partial<SetInfo> & Pick<SetInfo, "parts">): string[] {
  const counts = (from: Record<string, number>): string =>
    Object.entries(from)
      .map(([origin, count]) => `${formatCount(count)} of ${origin}`)
      .join(", ");
  return [
    ...PARTS.flatMap((part) => {
      const from = parts[part]?.from;
      return from === undefined ? [] : [`${part}: ${counts(from)}`];
    }),
    ...(Object.keys(leftOut).length === 0 ? [] : [`in no part: ${counts(leftOut)}`]),
    ...(map === undefined
      ? []
      : [
          `taken as: ${Object.entries(map)
            .map((pair) => pair.join(" as "))
            .join(", ")}`,
        ]),
    ...(excluded === undefined ? [] : [`excluded by a list: ${formatCount(excluded)}`]),
    ...(limit === undefined ? [] : [`beyond the limits: ${formatCount(limit.leftOut)}`]),
    ...(cap === undefined
      ? []
      : [`beyond ${formatCount(cap.most)} training images of a class: ${counts(cap.leftOut)}`]),
  ];
}

/** Images of each fold by part, who is tested where folds have names, and what stands on both sides. */
function foldTable(folds: NonNullable<SetInfo["folds"]>): string {
  const hasVal = folds.some(({ val }) => val !== null);
  const rows = folds.map(({ name, train, val, test, leaks }, index) => [
    name ?? `fold ${index + 1}`,
    train.count,
    ...(hasVal ? [val?.count ?? 0] : []),
    test.count,
    test.groups,
    leaks.exact + (leaks.near ?? 0),
    leaks.groups,
  ]);
  const parts = ["train", ...(hasVal ? ["val"] : []), "test"];
  return table(["fold", ...parts, "groups tested", "twins in train", "shared groups"], rows);
}
