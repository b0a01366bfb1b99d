/**
 * What an architecture is: a name, a source and a function that builds a `tf.LayersModel` from image size, channels,
 * classes and a seed. Models take `[n, size, size, channels]` NHWC float32 and return class probabilities
 * `[n, classes]` (softmax). Equal options give equal layer names and equal weights, whatever was built before.
 */
import { OptionsError, parseOptions } from "@fer/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { z } from "zod";
import { SeededLayers } from "./seeded-layers.js";

/** Shape of the data, and the seed of the initial weights. */
export const ArchitectureOptions = z.strictObject({
  size: z.number().int().positive().default(48).describe("Height and width of the images in pixels"),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .default(1)
    .describe("Channels of the images: 1 grey, 3 RGB"),
  classes: z.number().int().min(2).default(7).describe("Number of expressions, the width of the softmax output"),
  seed: z.number().int().nonnegative().default(1).describe("Seed of the initial weights; each layer derives its own"),
});
export type ArchitectureOptions = z.infer<typeof ArchitectureOptions>;

/** Options of an architecture's own, by name. */
type NetShape = Readonly<Record<string, z.ZodType>>;
type NetInput<Net extends NetShape> = { [Key in keyof Net]?: z.input<Net[Key]> };
type NetOutput<Net extends NetShape> = { [Key in keyof Net]: z.output<Net[Key]> };

/** What the author of an architecture writes down. */
export interface ArchitectureDefinition<Net extends NetShape = NetShape> {
  /** Name in options, files and the command line. */
  name: string;
  /** One line: what it is and when to take it. */
  title: string;
  /** Paper or project that it comes from. */
  source: string;
  /** Smallest image side that still leaves a pixel after the last pool. */
  minimumSize: number;
  /** Weights of a 48x48x1 model with 7 classes, running statistics included. A test holds it to that. */
  parameters: number;
  /** Options of its own, each with a default. */
  net?: Net;
  /** Stacks the layers. Take them from `layers`, which names and seeds them. */
  build(options: ArchitectureOptions & NetOutput<Net>, layers: SeededLayers): LayersModel;
}

/** A defined architecture: options are checked before anything is built. */
export interface Architecture<Net extends NetShape = NetShape> extends Omit<
  ArchitectureDefinition<Net>,
  "build" | "net"
> {
  /** Schema of the options of its own. */
  net: z.ZodObject<Net>;
  /** Builds the model; left-out options take their defaults (48x48x1, 7 classes, seed 1). */
  build(options?: z.input<typeof ArchitectureOptions> & NetInput<Net>): LayersModel;
}

/**
 * Defines an architecture of one's own; pass the result to a trainer by value.
 *
 * @throws {@link OptionsError} from `build`, when an option is out of range or the images are too small.
 *
 * @example
 * ```ts
 * import { defineArchitecture } from "@fer/model";
 *
 * const linear = defineArchitecture({
 *   name: "linear",
 *   title: "Softmax regression on pixels",
 *   source: "own work",
 *   minimumSize: 1,
 *   parameters: 48 * 48 * 7 + 7,
 *   build: ({ classes, ...shape }, layers) =>
 *     layers.sequential("linear", {
 *       ...shape,
 *       layers: [layers.flatten(), layers.dense(classes, { activation: "softmax" })],
 *     }),
 * });
 * console.log(linear.build({ seed: 7 }).countParams()); // 16135
 * ```
 */
export function defineArchitecture<Net extends NetShape = {}>(
  definition: ArchitectureDefinition<Net>,
): Architecture<Net> {
  const net = z.strictObject((definition.net ?? {}) as Net);
  const all = z.strictObject({ ...ArchitectureOptions.shape, ...net.shape });
  return {
    ...definition,
    net,
    build(input) {
      const about = { schema: all, subject: definition.name };
      const options = parseOptions(input ?? {}, about) as ArchitectureOptions & NetOutput<Net>;
      if (options.size < definition.minimumSize) {
        throw new OptionsError({
          code: "IMAGE_TOO_SMALL",
          subject: definition.name,
          found: `images of ${options.size}x${options.size}`,
          expected: `at least ${definition.minimumSize}x${definition.minimumSize}`,
          fix: "Assemble a set of larger images, or choose another architecture",
          context: { size: options.size, minimumSize: definition.minimumSize },
        });
      }
      return definition.build(options, new SeededLayers(options.seed));
    },
  };
}
