/** The majority-class baseline: always predicts the most frequent class of the training part. */

/**
 * @param trainLabels Class indices of the training part.
 * @param count Number of samples to predict.
 * @returns `[count]` class indices; the first of equally frequent classes.
 */
export function majorityBaseline(trainLabels: ArrayLike<number>, count: number, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (let i = 0; i < trainLabels.length; i++) counts[trainLabels[i]!]!++;
  let most = 0;
  for (let label = 1; label < classes; label++) if (counts[label]! > counts[most]!) most = label;
  return new Int32Array(count).fill(most);
}
