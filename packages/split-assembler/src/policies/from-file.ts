/** `from-file` and `folds-from-file`: the split of a list (`splitFile`). What it does not name is left out, and counted. */
import { OptionsError } from "@fer/core";
import type { Part } from "@fer/core/set";
import { carve } from "./folds.js";
import type { FoldPolicy, FoldPositions, PartPolicy, SplitItem, SplitSettings } from "./policy.js";
import { positionsOf } from "./split-list.js";

export const fromFile: PartPolicy = {
  kind: "parts",
  name: "from-file",
  summary: "the parts that a list names (splitFile)",
  uses: ["splitFile", "valShare", "seed"],
  carves: true,
  assign(items, settings) {
    const [fold] = listed("from-file", items, settings);
    const parts = Array.from(items, (): readonly Part[] => []);
    for (const part of ["train", "val", "test"] as const) for (const i of fold![part]) parts[i] = [part];
    return parts;
  },
};

export const foldsFromFile: FoldPolicy = {
  kind: "folds",
  name: "folds-from-file",
  summary: "the folds that a list names (splitFile), such as index arrays of scikit-learn",
  uses: ["splitFile", "valShare", "seed"],
  carves: true,
  fold: (items, settings) => listed("folds-from-file", items, settings),
};

function listed(
  policy: "from-file" | "folds-from-file",
  items: readonly SplitItem[],
  settings: SplitSettings,
): readonly FoldPositions[] {
  const { list, valShare, seed, groupKind } = settings;
  const refused = (found: string, expected: string, fix: string): OptionsError =>
    new OptionsError({ code: "BAD_SPLIT_LIST", subject: `split policy ${policy}`, found, expected, fix });
  if (list == null) throw refused("there is no list", "a file that says what is where", "Set splitFile (--split-file)");
  if (list.isFolded !== (policy === "folds-from-file")) {
    throw refused(
      `${list.file} lists ${list.isFolded ? "folds" : "parts"}`,
      list.isFolded ? "one split" : "folds",
      `Use the policy ${list.isFolded ? "folds-from-file" : "from-file"}`,
    );
  }
  return positionsOf(list, items).map((fold) => {
    if (valShare === 0) return fold;
    if (fold.val.length > 0)
      throw refused(
        `${list.file} lists val, and valShare is ${valShare}`,
        "one of them",
        "Leave valShare (--val-share) out",
      );
    const apart = groupKind === "none" ? "samples" : "groups";
    const isVal = carve(items, { rest: fold.train, apart, seed, share: valShare });
    return {
      name: fold.name,
      test: fold.test,
      train: fold.train.filter((_, at) => isVal[at] === 0),
      val: fold.train.filter((_, at) => isVal[at] === 1),
    };
  });
}
