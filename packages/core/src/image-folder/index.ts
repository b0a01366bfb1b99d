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
export { readDatasetInfo, readMetadata } from "./reader.js";
