/** Wilson's score interval of a share (Wilson 1927), which holds for few samples and near 0 and 1. */

/** 97.5 % quantile of the normal distribution, for an interval of 95 %. */
const Z = 1.959963984540054;

/** The 95 % interval of a share seen in `count` independent draws, [low, high] in [0, 1]. */
export function wilsonInterval(share: number, count: number): [low: number, high: number] {
  if (count === 0) return [0, 1];
  const scale = 1 / (1 + Z ** 2 / count);
  const centre = share + Z ** 2 / (2 * count);
  const spread = Z * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  return [Math.max(0, scale * (centre - spread)), Math.min(1, scale * (centre + spread))];
}
