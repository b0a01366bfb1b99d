/** All augmentations. A new one is a file beside these and a line here and in `options.ts`. */
export { augment } from "./augment.js";
export type { Affine, Augmentation, Picture } from "./augmentation.js";
export { erase } from "./erase.js";
export { flip } from "./flip.js";
export { light } from "./light.js";
export { AugmentationOptions, augmentationsOf } from "./options.js";
export { rotate } from "./rotate.js";
export { shift } from "./shift.js";
export { zoom } from "./zoom.js";
