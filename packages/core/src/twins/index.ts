/** How alike pictures look, without all else of this package: for threads, which load what they import each for itself. */
export { dhash, DIFFERENCE_CELLS, differenceBytes } from "./dhash.js";
