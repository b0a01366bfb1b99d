export { AssembledSet } from "./assembled-set.js";
export { setFingerprint } from "./fingerprint.js";
export { readOneHotLabels } from "./labels.js";
export { openSet, readSetInfo } from "./open-set.js";
export type { OpenSetOptions } from "./open-set.js";
export { PartReader } from "./part-reader.js";
export { Fit, LeakReport, Part, PartInfo, PARTS, SampleRow, SetInfo } from "./schema.js";
export { infoFile, manifestName, partFiles } from "./set-files.js";
