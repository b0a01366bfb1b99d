/**
 * Options that several commands share. Apart from what they are options of, so that threads, which load what they import
 * each for itself, need no zod.
 */
export { DecoderName } from "./image/decoder-name.js";
export { Workers } from "./threads/workers.js";
