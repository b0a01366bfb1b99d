/**
 * The canonical facial expressions. Their order is the label order of every array and file of @fer:
 * the six basic expressions of Ekman and Friesen (1971) after neutral, and contempt last, so that a 7-class set
 * is a prefix of an 8-class one.
 */
import { z } from "zod";

/** Canonical names in label order: `EXPRESSIONS[label]`. */
export const EXPRESSIONS = ["neutral", "anger", "disgust", "fear", "happy", "sad", "surprise", "contempt"] as const;

/** One canonical expression. */
export const Expression = z.enum(EXPRESSIONS);
export type Expression = z.infer<typeof Expression>;

/** The seven classes of most datasets: all but contempt. */
export const BASIC_EXPRESSIONS = EXPRESSIONS.slice(0, 7) as readonly Exclude<Expression, "contempt">[];

/** Other spellings that dataset owners use for a whole name (folder, column, field), all in lower case. */
const ALIASES: Record<Expression, readonly string[]> = {
  neutral: ["ne"],
  anger: ["angry", "an"],
  disgust: ["disgusted", "di"],
  fear: ["fearful", "afraid", "fe"],
  happy: ["happiness", "ha"],
  sad: ["sadness", "sa"],
  surprise: ["surprised", "su"],
  contempt: ["contemptuous"],
};

const BY_NAME = new Map<string, Expression>(
  EXPRESSIONS.flatMap((name) => [name, ...ALIASES[name]].map((alias) => [alias, name] as const)),
);

/**
 * The expression with this name or alias (case-insensitive, the whole string), or `undefined`.
 * Never looks for a part of the string: "unhappy" is not an expression.
 *
 * @example
 * ```ts
 * import { expressionNamed } from "@fer/core";
 *
 * console.log(expressionNamed("Happiness"), expressionNamed("unhappy")); // happy undefined
 * ```
 */
export function expressionNamed(name: string): Expression | undefined {
  return BY_NAME.get(name.trim().toLowerCase());
}

/** Label (position in {@link EXPRESSIONS}) of an expression. */
export function labelOf(expression: Expression): number {
  return EXPRESSIONS.indexOf(expression);
}
