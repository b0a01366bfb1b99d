/**
 * Options that architectures have of their own, each declared once: an architecture takes those that it knows with a
 * default of its own, and a trainer offers all of them as `net`.
 */
import { OptionsError, parseOptions } from "@fer/core";
import { z } from "zod";
import type { Architecture } from "./architecture.js";

/** An option without its default. */
export const netOptions = {
  width: z.number().int().positive().max(1024).describe("Channels of the first convolution; later ones have multiples"),
  depth: z.number().int().positive().max(64).describe("Residual blocks (resnet) or convolutions (vgg) in a stage"),
  squeezeExcitation: z.boolean().describe("Let each residual block weigh its channels by the whole picture (resnet)"),
  activation: z.enum(["relu", "silu"]).describe("What follows each batch norm"),
  dropout: z.number().min(0).lt(1).describe("Share of the last features that a step of training drops"),
};

/** What a trainer takes; left-out ones are the architecture's defaults. */
export const NetOptions = z.strictObject(netOptions).partial();
export type NetOptions = z.infer<typeof NetOptions>;

/** Nonlinearity after a batch norm. */
export type NetActivation = z.infer<typeof netOptions.activation>;

/**
 * The options of an architecture, with its defaults.
 *
 * @throws OptionsError for an option that it does not have.
 */
export function netOf({ name, net }: Pick<Architecture, "name" | "net">, given: NetOptions): NetOptions {
  const known = Object.keys(net.shape);
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: `architecture ${name}`,
      found: `the option ${unknown.map((key) => `net.${key}`).join(", ")}`,
      expected: known.length === 0 ? "none: it has no options of its own" : `of net: ${known.join(", ")}`,
      fix: "Leave it out, or choose another architecture; fer architectures lists their options",
    });
  }
  return parseOptions(given, { schema: net, subject: `architecture ${name}: net` }) as NetOptions;
}
