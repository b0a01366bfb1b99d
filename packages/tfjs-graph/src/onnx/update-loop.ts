/**
 * An update as one loop over memory, in place: the source of the loop is written from the formula of the op, so that
 * it runs as fast as one written by hand. Intermediate values are doubles.
 */
import { updateOps } from "../ops/updates/index.js";
import type { Arithmetic, UpdateOp } from "../ops/updates/update-op.js";

/** Memory of the operands; scalars have one element. */
type UpdateOperands = Readonly<Record<string, Float32Array>>;
export type UpdateLoop = (operands: UpdateOperands) => void;

/** The loop of an op with its attributes, for operands of these names. */
export function updateLoop(
  op: string,
  { attributes, operands }: { attributes: Readonly<Record<string, unknown>>; operands: readonly string[] },
): UpdateLoop {
  const source = loopSource(updateOps[op]!, { attributes, operands });
  // The names are those of the op, and the numbers are written out: nothing of a caller's gets into the source.
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
  return new Function(`{ ${operands.join(", ")} }`, source) as UpdateLoop;
}

function loopSource(
  { states, scalars, next }: UpdateOp,
  { attributes, operands }: { attributes: Readonly<Record<string, unknown>>; operands: readonly string[] },
): string {
  const lines: string[] = [];
  const name = (expression: string): string => {
    lines.push(`const t${lines.length} = ${expression};`);
    return `t${lines.length - 1}`;
  };
  const arithmetic: Arithmetic<string> = {
    add: (a, b) => name(`${a} + ${b}`),
    sub: (a, b) => name(`${a} - ${b}`),
    mul: (a, b) => name(`${a} * ${b}`),
    div: (a, b) => name(`${a} / ${b}`),
    sqrt: (a) => name(`Math.sqrt(${a})`),
    number: (value) => name(String(value)),
  };
  const elements = operands.map((key) => [key, name(scalars.includes(key) ? `${key}[0]` : `${key}[i]`)] as const);
  const made = next(arithmetic, { ...Object.fromEntries(elements), ...attributes });
  const writes = states.map((state, i) => `${state}[i] = ${made[i]};`);
  return `for (let i = 0; i < ${states[0]}.length; i++) {\n${[...lines, ...writes].join("\n")}\n}`;
}
