export { DatasetError, EngineError, FerError, FormatError, OptionsError, nearest, unknownName } from "./errors.js";
export type { FerErrorParts } from "./errors.js";
export { BASIC_EXPRESSIONS, EXPRESSIONS, Expression, expressionNamed, labelOf } from "./expressions.js";
export {
  Expected,
  Sample,
  SampleImage,
  Skipped,
  countsByName,
  defineAdapter,
  parseAdapterOptions,
  safeId,
} from "./adapter.js";
export type {
  AdapterDefinition,
  DatasetAdapter,
  DetectedForm,
  ExpectedInput,
  Form,
  SampleInput,
  SkippedInput,
  Tally,
} from "./adapter.js";
export { Folder, base, compare, isImageName, stem } from "./formats/folder.js";
export type { Lookup } from "./formats/folder.js";
export type { Progress } from "./progress.js";
