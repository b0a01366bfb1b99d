import type { Box } from "../image-folder/schema.js";

/**
 * How much of what two boxes cover together both of them cover: intersection over union, [0, 1].
 *
 * @example
 * ```ts
 * import { overlapOf } from "@fer/core/pixels";
 *
 * const box = { x: 0, y: 0, width: 2, height: 2 };
 * console.log(overlapOf(box, { ...box, x: 1 }).toFixed(2)); // 0.33
 * ```
 */
export function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
