/**
 * What an update is: the formula by which an optimizer changes a variable, written once over any arithmetic. Eager
 * tfjs, both lowerings, and the loop that changes memory in place on the host are all made from it.
 */

/** What a formula is written in: tensors, nodes of a graph, or the source of a loop. */
export interface Arithmetic<T> {
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  sqrt(a: T): T;
  number(value: number): T;
}

export interface UpdateOp {
  /** The inputs that change, in the order of the outputs. */
  states: readonly string[];
  /** Scalar inputs; those of neither kind have the shape of the first state. */
  scalars: readonly string[];
  /** Names of the numbers and switches of the formula. */
  attributes: readonly string[];
  /** New values of the states, element by element, from inputs and attributes by name. */
  next<T>(a: Arithmetic<T>, given: Readonly<Record<string, unknown>>): T[];
}

/** An update whose formula reads these inputs and attributes. */
export const defineUpdate = <Input extends string, Attributes extends object>(op: {
  states: readonly Input[];
  scalars: readonly Input[];
  attributes: readonly (keyof Attributes & string)[];
  next<T>(a: Arithmetic<T>, given: Record<Input, T> & Attributes): T[];
}): UpdateOp => op as unknown as UpdateOp;

/** `from + (to - from) * share` */
export const towards = <T>(a: Arithmetic<T>, { from, to, share }: { from: T; to: T; share: T }): T =>
  a.add(from, a.mul(a.sub(to, from), share));

/** Decoupled weight decay (Loshchilov and Hutter 2019): `weight - weight * (learningRate * weightDecay)`. */
export const decayed = <T>(
  a: Arithmetic<T>,
  { weight, learningRate, weightDecay }: { weight: T; learningRate: T; weightDecay: number },
): T => (weightDecay === 0 ? weight : a.sub(weight, a.mul(weight, a.mul(learningRate, a.number(weightDecay)))));
