export {
  Box,
  DatasetInfo,
  GroupKind,
  ImageKind,
  MetadataRow,
  OWN_GROUP_SPACE,
  SKIP_REASONS,
  SkippedRow,
  SkipReason,
  Split,
  SPLITS,
  Verification,
} from "./schema.js";
export { sourceNames } from "./source-names.js";
export { parseDatasetInfo, readDatasetInfo, readDescription, readMetadata } from "./reader.js";
