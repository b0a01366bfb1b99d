/** `from-file` and `folds-from-file`: the split of a list (`splitFile`). What it does not name is left out, and counted. */
import { type FerErrorParts, OptionsError } from "@fer/core";
import type { Part } from "@fer/core/set";
import { carve } from "./folds.js";
import type { FoldPolicy, FoldPositions, PartPolicy, SplitSettings } from "./policy.js";
import type { Items } from "./split-item.js";
import { positionsOf } from "./split-list.js";

export const fromFile: PartPolicy = {
  kind: "parts",
  name: "from-file",
  summary: "the parts that a list names (splitFile)",
  uses: ["splitFile", "valShare", "seed"],
  carves: true,
  assign(items, settings) {
    const [fold] = listed(items, { ...settings, policy: "from-file" });
    const parts = Array.from(items.keys(), (): readonly Part[] => []);
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
  fold: (items, settings) => listed(items, { ...settings, policy: "folds-from-file" }),
};

function listed(
  items: Items,
  { policy, list, valShare, seed, groupKind }: SplitSettings & { policy: "from-file" | "folds-from-file" },
): readonly FoldPositions[] {
  const refused = (parts: Pick<FerErrorParts, "found" | "expected" | "fix">): OptionsError =>
    new OptionsError({ code: "BAD_SPLIT_LIST", subject: `split policy ${policy}`, ...parts });
  if (list == null) {
    throw refused({
      found: "there is no list",
      expected: "a file that says what is where",
      fix: "Set splitFile (--split-file)",
    });
  }
  if (list.isFolded !== (policy === "folds-from-file")) {
    throw refused({
      found: `${list.file} lists ${list.isFolded ? "folds" : "parts"}`,
      expected: list.isFolded ? "one split" : "folds",
      fix: `Use the policy ${list.isFolded ? "folds-from-file" : "from-file"}`,
    });
  }
  return positionsOf(list, items).map((fold) => {
    if (valShare === 0) return fold;
    if (fold.val.length > 0)
      throw refused({
        found: `${list.file} lists val, and valShare is ${valShare}`,
        expected: "one of them",
        fix: "Leave valShare (--val-share) out",
      });
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
