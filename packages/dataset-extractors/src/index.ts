export { DatasetError, EngineError, FerError, FormatError, OptionsError, nearest, unknownName } from "./errors.js";
export type { FerErrorParts } from "./errors.js";
export { BASIC_EXPRESSIONS, EXPRESSIONS, Expression, expressionNamed, labelOf } from "./expressions.js";
