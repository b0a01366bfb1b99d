/**
 * A shape rule says what one op makes of its inputs: shapes and types of the outputs, and the attributes in the
 * normalized form that lowerings read. `attributes` of a call are what tfjs hands to the kernel.
 */
import type { Attributes, Value, ValueType } from "../graph.js";

export type Shape = readonly number[];

export interface Result {
  outputs: { shape: Shape; dtype: ValueType }[];
  /** Left out where the op has none. */
  attributes?: Attributes;
}

/** Raw kernel attributes; each rule knows the types of its own. */
// oxlint-disable-next-line typescript/no-explicit-any -- tfjs types kernel attributes per kernel, and calls them untyped
export type RawAttributes = Record<string, any>;

export type ShapeRule = (inputs: Record<string, Value>, attributes: RawAttributes) => Result;
export type ShapeRules = Record<string, ShapeRule>;

/** A result of one output. */
export const one = (output: { shape: Shape; dtype: ValueType }, attributes?: Attributes): Result => ({
  outputs: [output],
  ...(attributes === undefined ? {} : { attributes }),
});

/** A pair given as one number or two. */
export const pair = (value: number | readonly number[] | undefined, otherwise = 1): [number, number] =>
  value === undefined || value === null
    ? [otherwise, otherwise]
    : typeof value === "number"
      ? [value, value]
      : [value[0]!, value[1] ?? value[0]!];

export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The parts of a list input, in order. */
export const listOf = (inputs: Record<string, Value>): Value[] =>
  Object.keys(inputs)
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => inputs[key]!);
