import { describe, expect, it } from "vitest";
import { z } from "zod";
import { flagDescription, flagNotation } from "../../dist/options/flag-help.js";
import { flagsFrom } from "../../dist/options/flags.js";

/** One key of every shape that options may have. */
const Shapes = z.strictObject({
  setName: z.string().describe("Name"),
  file: z.string().nullable().default(null).describe("File"),
  epochs: z.number().int().min(1).default(100).describe("Passes"),
  shuffle: z.boolean().default(true).describe("Shuffle"),
  engine: z.enum(["auto", "wasm"]).default("auto").describe("Engine"),
  clipNorm: z.number().positive().nullable().default(null).describe("Clip"),
  channels: z.literal([1, 3]).default(1).describe("Channels"),
  workers: z
    .union([z.number().int(), z.literal("auto")])
    .default("auto")
    .describe("Workers"),
  classes: z
    .array(z.enum(["happy", "sad"]))
    .default([])
    .describe("Classes"),
  map: z
    .record(z.string(), z.enum(["happy", "sad"]))
    .optional()
    .describe("Map"),
  augment: z
    .strictObject({ flip: z.boolean().default(true).describe("Flip") })
    .nullable()
    .default({ flip: false })
    .describe("Augmentation"),
  optimizer: z
    .discriminatedUnion("name", [
      z.strictObject({ name: z.literal("sgd"), momentum: z.number().default(0.9).describe("Momentum") }),
      z.strictObject({ name: z.literal("adam"), beta1: z.number().default(0.9).describe("First decay") }),
    ])
    .default({ name: "adam", beta1: 0.8 })
    .describe("Optimizer"),
  options: z
    .strictObject({ frames: z.number().default(2).describe("Frames") })
    .prefault({})
    .describe("Of the adapter"),
});

describe("flagsFrom", () => {
  it("makes a flag of every shape, with description, choices and default", () => {
    const flags = flagsFrom(Shapes, { paths: ["file"] });
    expect(flags.map((flag) => `${flagNotation(flag)}  ${flagDescription(flag)}`).join("\n")).toMatchInlineSnapshot(`
      "--set-name <value>  Name (required)
      --file <path>  File ("none" for null; default: none)
      --epochs <n>  Passes (default: 100)
      --shuffle  Shuffle (default: true)
      --engine <name>  Engine (choices: auto, wasm; default: auto)
      --clip-norm <n>  Clip ("none" for null; default: none)
      --channels <name>  Channels (choices: 1, 3; default: 1)
      --workers <value>  Workers (or: auto; default: auto)
      --classes <a,b>  Classes (choices: happy, sad)
      --map <key=value,..>  Map (choices: happy, sad)
      --no-augment  Turn off: Augmentation
      --augment-flip  Flip (default: false)
      --optimizer <name>  Optimizer (choices: sgd, adam; default: adam)
      --optimizer-momentum <n>  Momentum (sgd) (default: 0.9)
      --optimizer-beta1 <n>  First decay (adam) (default: 0.8)
      --options-frames <n>  Frames (default: 2)"
    `);
  });

  it("puts nested keys under a heading of their own", () => {
    const flags = flagsFrom(Shapes, { paths: ["file"] });
    expect(flags.find((flag) => flag.name === "augment-flip")?.group).toBe("Augment (augmentation)");
  });

  it("gives the keys of an object that is flat no prefix and no heading", () => {
    const [flag] = flagsFrom(Shapes, { flat: ["options"] }).slice(-1);
    expect(flag).toMatchObject({ path: ["options", "frames"], name: "frames", default: 2, group: null });
  });

  it("refuses a key that it has no notation for", () => {
    const Odd = z.strictObject({ any: z.unknown().describe("Any") });
    expect(() => flagsFrom(Odd)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: no flag can be made for "any": give it a simpler schema]`,
    );
  });
});
