export { AssembledSet } from "./assembled-set.js";
export type { FoldRows } from "./fold-rows.js";
export { setFingerprint } from "./fingerprint.js";
export { readOneHotLabels } from "./labels.js";
export { missingClasses } from "./missing-classes.js";
export { openSet, readSetInfo } from "./open-set.js";
export type { OpenSetOptions } from "./open-set.js";
export { PartReader } from "./part-reader.js";
export type { PartSource } from "./part-reader.js";
export { Fit, FOLD_PARTS, FoldInfo, LeakReport, Part, PartInfo, PARTS, SampleRow, SetInfo } from "./schema.js";
export { TARGETS } from "./schema.js";
export { targetColumns } from "./targets.js";
export type { FoldPartName, Target } from "./schema.js";
export {
  droppedFile,
  foldFile,
  infoFile,
  manifestName,
  oversampledFile,
  partFiles,
  setFiles,
  targetFile,
} from "./set-files.js";
export { acceptedFingerprint, verifySet } from "./verify-set.js";
export type { VerifySetOptions } from "./verify-set.js";
