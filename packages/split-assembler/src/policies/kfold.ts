/**
 * `kfold`: stratified folds of single samples, index for index those of scikit-learn's
 * `StratifiedKFold(folds, shuffle=True, random_state=seed).split(X, labels)` over the samples in the order of the set.
 * Groups are not looked at: where a person has several samples, they are on both sides (the leak report counts them).
 *
 * Each class is dealt out by a shuffled list of fold numbers; how often each number is in the list comes from dealing
 * all samples, sorted by class, round robin (sklearn/model_selection/_split.py, since 0.22).
 */
import { OptionsError } from "@fer/core";
import { foldCount, foldsOf, unnamed } from "./folds.js";
import { NumpyRandom } from "./numpy-random.js";
import type { FoldPolicy } from "./policy.js";
import { positionsByClass } from "./split-item.js";

export const kfold: FoldPolicy = {
  kind: "folds",
  name: "kfold",
  summary: "folds by seed, equal class shares in each, as scikit-learn's StratifiedKFold; groups are not looked at",
  uses: ["seed", "valShare", "folds"],
  fold(items, settings) {
    const folds = foldCount("kfold", { asked: settings.folds, count: items.length, what: "images" });
    const classes = [...positionsByClass(items).values()];
    if (classes.every((positions) => positions.length < folds)) {
      const most = Math.max(...classes.map((positions) => positions.length));
      throw new OptionsError({
        code: "TOO_MANY_FOLDS",
        subject: "split policy kfold",
        found: `${folds} folds, and the largest class has ${most} images`,
        expected: "a class with an image for every fold",
        fix: `Set folds (--folds) to ${most} or less`,
      });
    }
    const random = new NumpyRandom(settings.seed);
    const testFold = new Uint32Array(items.length);
    let dealt = 0;
    for (const positions of classes) {
      const counts = Array.from({ length: folds }, () => 0);
      for (let i = 0; i < positions.length; i++) counts[dealt++ % folds]! += 1;
      const numbers = Uint32Array.from(counts.flatMap((count, fold) => Array.from({ length: count }, () => fold)));
      for (const [i, fold] of random.shuffle(numbers).entries()) testFold[positions[i]!] = fold;
    }
    return foldsOf(items, { ...settings, testFold, names: unnamed(folds), apart: "samples" });
  },
};
