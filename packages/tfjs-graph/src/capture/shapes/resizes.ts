/**
 * `ResizeNearestNeighbor` and `ResizeBilinear` (images) {size: [h, w], alignCorners, halfPixelCenters}, and their
 * gradients (images, dy) {alignCorners, halfPixelCenters}.
 */
import { one, type ShapeRule, type ShapeRules } from "./rule.js";

const resize: ShapeRule = ({ images }, { size, alignCorners, halfPixelCenters }) => {
  const [n, , , c] = images!.shape;
  const attributes = { size, alignCorners: alignCorners ?? false, halfPixelCenters: halfPixelCenters ?? false };
  return one({ shape: [n!, size[0], size[1], c!], dtype: "float32" }, attributes);
};

const gradient: ShapeRule = ({ images }, { alignCorners, halfPixelCenters }) =>
  one(
    { shape: images!.shape, dtype: "float32" },
    {
      alignCorners: alignCorners ?? false,
      halfPixelCenters: halfPixelCenters ?? false,
    },
  );

export const resizes: ShapeRules = {
  ResizeNearestNeighbor: resize,
  ResizeBilinear: resize,
  ResizeNearestNeighborGrad: gradient,
  ResizeBilinearGrad: gradient,
};
