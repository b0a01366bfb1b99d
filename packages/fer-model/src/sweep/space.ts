/** What a sweep varies: options of the trainer by name, each with its choices or its range, and how values are drawn. */
import { keyedRandom, OptionsError } from "@fer/core";
import { z } from "zod";

const Choices = z.array(z.json()).min(1).describe("Values, each as likely as another");

const Range = z
  .strictObject({
    min: z.number(),
    max: z.number(),
    log: z.boolean().default(false).describe("Draw the logarithm evenly, as for learning rates"),
    integer: z.boolean().default(false).describe("Round to whole numbers"),
  })
  .describe("A range, both ends included");

/** By the name of an option, with a dot for an option of an option: `learningRate`, `net.width`, `schedule.name`. */
export const SweepSpace = z
  .record(
    z.string().regex(/^[A-Za-z]\w*(\.\w+)*$/, "the name of an option, such as net.width"),
    z.union([Choices, Range]),
  )
  .refine((space) => Object.keys(space).length > 0, "at least one option");
export type SweepSpace = z.infer<typeof SweepSpace>;

/** Values by the names of the space. */
export type Drawn = Readonly<Record<string, unknown>>;

/**
 * What a trial varies. A value follows from the seed, the trial and its name alone: more trials, or another option in the
 * space, change nothing of the others.
 *
 * @throws OptionsError for a range whose ends are the wrong way round, and a logarithm of what is not above 0.
 */
export function drawTrial(space: SweepSpace, { seed, trial }: { seed: number; trial: number }): Drawn {
  return Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => {
      const share = keyedRandom(seed, "sweep", trial, name)();
      if (Array.isArray(dimension)) return [name, dimension[Math.floor(share * dimension.length)]];
      return [name, within(name, { ...dimension, share })];
    }),
  );
}

function within(name: string, { min, max, log, integer, share }: z.infer<typeof Range> & { share: number }): number {
  if (min > max || (log && min <= 0)) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: `space: ${name}`,
      found: `a range from ${min} to ${max}${log ? ", drawn by its logarithm" : ""}`,
      expected: log ? "numbers above 0, the smaller one first" : "the smaller number first",
    });
  }
  // whole numbers are as likely as each other, the two ends among them
  const [low, high] = integer && !log ? [min - 0.5, max + 0.5] : [min, max];
  const value = log ? Math.exp(Math.log(low) + share * Math.log(high / low)) : low + share * (high - low);
  return integer ? Math.min(max, Math.max(min, Math.round(value))) : Number(value.toPrecision(4));
}

/**
 * Options with the drawn values in their places. A drawn name, such as that of an optimizer, leaves nothing of the options
 * of another one.
 */
export function withDrawn(options: Readonly<Record<string, unknown>>, drawn: Drawn): Record<string, unknown> {
  const result = structuredClone(options) as Record<string, unknown>;
  // What names a choice comes before the options of it.
  const names = Object.keys(drawn).sort((a, b) => Number(isName(b)) - Number(isName(a)));
  for (const name of names) {
    const path = name.split(".");
    const last = path.pop()!;
    let at = result;
    for (const key of path) {
      const inner = { ...(at[key] as Record<string, unknown> | undefined) };
      at = at[key] = last === "name" && inner["name"] !== drawn[name] ? {} : inner;
    }
    at[last] = drawn[name];
  }
  return result;
}

const isName = (path: string): boolean => path.endsWith(".name");
