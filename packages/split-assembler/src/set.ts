/** The set as an artifact, for whoever reads one without making one: no image decoder is loaded. */
export {
  AssembledSet,
  Fit,
  FoldInfo,
  LeakReport,
  openSet,
  Part,
  PartInfo,
  PartReader,
  PARTS,
  SampleRow,
  SetInfo,
} from "@fer/core/set";
export type { FoldRows, OpenSetOptions } from "@fer/core/set";
