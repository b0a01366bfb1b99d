export { Assembler } from "./assembler.js";
export { NpyImageWriter } from "./npy/image-writer.js";
export { writeOneHotLabels } from "./npy/labels.js";
export { AssemblerOptions } from "./options.js";
export type { AssemblerInput } from "./options.js";
export { inspectSet } from "./inspect-set.js";
export type { SetFindings } from "./inspect-set.js";
export { policies, POLICY_NAMES } from "./policies/index.js";
export { PROTOCOL_NAMES, protocols } from "./protocols/protocols.js";
export type { Protocol } from "./protocols/protocol.js";
export type { ProtocolName } from "./protocols/protocols.js";
export type { PolicyName } from "./policies/index.js";
export type {
  FoldPolicy,
  FoldPositions,
  PartPolicy,
  SplitItem,
  SplitPolicy,
  SplitSettings,
} from "./policies/policy.js";
export { AssembledSet, openSet } from "@fer/core/set";
