/** Which pictures show the same photo, told by their pixels. */
export { photosOf } from "./photos-of.js";
export type { Photos, SketchedPictures } from "./photos-of.js";
export { SKETCH_BYTES, sketchOf } from "./sketch.js";
export { sketchFiles } from "./sketch-files.js";
