import { describe, expect, it } from "vitest";
import { z } from "zod";
import { flagValue, optionsFrom } from "../../dist/options/flag-values.js";
import { flagsFrom } from "../../dist/options/flags.js";

const Options = z.strictObject({
  epochs: z.number().int().min(1).default(100).describe("Passes"),
  rate: z.number().min(0).lt(1).nullable().default(0.5).describe("Rate"),
  engine: z.enum(["auto", "wasm", "tensorflow"]).default("auto").describe("Engine"),
  workers: z
    .union([z.number().int(), z.literal("auto")])
    .default("auto")
    .describe("Workers"),
  sizes: z.array(z.number()).default([]).describe("Sizes"),
  seeds: z
    .union([z.number().int(), z.array(z.number().int())])
    .nullable()
    .default(null)
    .describe("Seeds"),
  map: z
    .record(z.string(), z.enum(["happy", "sad"]))
    .optional()
    .describe("Map"),
  optimizer: z
    .discriminatedUnion("name", [
      z.strictObject({ name: z.literal("sgd"), momentum: z.number().default(0.9).describe("Momentum") }),
      z.strictObject({ name: z.literal("adam"), beta1: z.number().default(0.9).describe("First decay") }),
    ])
    .default({ name: "adam", beta1: 0.8 })
    .describe("Optimizer"),
});
const flags = flagsFrom(Options);

/** Parses `["--rate", "0.2"]`-like pairs over a config section. */
function parse(pairs: [string, string][], base?: Record<string, unknown>) {
  const given = new Map(
    pairs.map(([name, text]) => {
      const flag = flags.find((each) => each.name === name)!;
      return [flag, flagValue(flag, [text])] as const;
    }),
  );
  return optionsFrom(Options, {
    subject: "fer train",
    flags,
    given,
    ...(base === undefined ? {} : { base, baseName: "fer.config.ts: train" }),
  });
}

describe("optionsFrom", () => {
  it("reads numbers, null, lists, records and mixed values from text", () => {
    const read = parse([
      ["epochs", "3"],
      ["rate", "none"],
      ["sizes", "1,2.5"],
      ["map", "0=happy,1=sad"],
      ["workers", "4"],
    ]);
    expect(read).toMatchObject({ epochs: 3, rate: null, sizes: [1, 2.5], map: { 0: "happy", 1: "sad" }, workers: 4 });
  });

  it("tells a number from a list of numbers where either may stand", () => {
    const seeds = (text: string) => parse([["seeds", text]]).seeds;
    expect(["3", "1,3", "3,4", "none"].map(seeds)).toEqual([3, [1, 3], [3, 4], null]);
    expect(() => parse([["seeds", "three"]])).toThrow('--seeds: received "three"');
  });

  it("lets flags win over the config file, and the config file over defaults", () => {
    expect(parse([["epochs", "3"]], { epochs: 7, rate: 0.1 })).toMatchObject({ epochs: 3, rate: 0.1, engine: "auto" });
  });

  it("drops what the config file says about another member of a union", () => {
    expect(parse([["optimizer", "sgd"]], { optimizer: { name: "adam", beta1: 0.7 } }).optimizer).toEqual({
      name: "sgd",
      momentum: 0.9,
    });
  });

  it("takes the default member of a union when only one of its keys is given", () => {
    expect(parse([["optimizer-beta1", "0.5"]]).optimizer).toEqual({ name: "adam", beta1: 0.5 });
  });

  it("names the flag or the place in the config file, what it holds, what is expected, and the nearest name", () => {
    const wrong: Record<string, [[string, string][], Record<string, unknown>?]> = {
      "an unknown choice": [[["engine", "tensorfow"]]],
      "a number out of range": [[["rate", "1.5"]]],
      "a fraction where a whole number is due": [[["epochs", "1.5"]]],
      "two wrong values at once": [
        [
          ["epochs", "0"],
          ["rate", "-1"],
        ],
      ],
      "an unknown key of the config file": [[], { epoch: 3 }],
      "a wrong type in the config file": [[], { epochs: "many" }],
      "a wrong value of a record": [[["map", "0=glad"]]],
      "an unknown member of a union": [[["optimizer", "adm"]]],
      "a union of numbers and names": [[["workers", "all"]]],
    };
    const messages = Object.entries(wrong).map(
      ([title, [pairs, base]]) => `${title}: ${messageOf(() => parse(pairs, base))}`,
    );
    expect(messages.join("\n")).toMatchInlineSnapshot(`
      "an unknown choice: --engine: received "tensorfow". Expected one of auto, wasm, tensorflow. Did you mean "tensorflow"?
      a number out of range: --rate: received 1.5. Expected less than 1.
      a fraction where a whole number is due: --epochs: received 1.5. Expected a whole number.
      two wrong values at once: --epochs: received 0. Expected at least 1. --rate: received -1 (expected at least 0).
      an unknown key of the config file: fer.config.ts: train: unknown option "epoch". Did you mean "epochs"?
      a wrong type in the config file: fer.config.ts: train.epochs: received "many". Expected a number.
      a wrong value of a record: --map: received "glad". Expected one of happy, sad. Did you mean "sad"?
      an unknown member of a union: --optimizer: received "adm". Expected one of sgd, adam. Did you mean "adam"?
      a union of numbers and names: --workers: received "all". Expected a number, or auto."
    `);
  });

  it("names the flag that holds a wrong value within options of its own, and no neighbour of it", () => {
    const nested = z.strictObject({
      options: z.strictObject({ frames: z.number().default(1), map: z.record(z.string(), z.enum(["happy"])) }),
    });
    const own = flagsFrom(nested, { flat: ["options"] });
    const given = new Map([[own.find(({ name }) => name === "map")!, { 1: "glad" }]]);
    const parsing = () => optionsFrom(nested, { subject: "fer extract", flags: own, given });
    expect(messageOf(parsing)).toMatchInlineSnapshot(`"--map: received "glad". Expected one of happy."`);
  });

  it("refuses text that is not a number, and an entry without a value", () => {
    expect(messageOf(() => parse([["epochs", "many"]]))).toMatchInlineSnapshot(
      `"--epochs: received "many". Expected a number."`,
    );
    expect(messageOf(() => parse([["sizes", "1,b"]]))).toMatchInlineSnapshot(
      `"--sizes: received "b". Expected a number."`,
    );
    expect(messageOf(() => parse([["map", "0"]]))).toMatchInlineSnapshot(
      `"--map: "0" has no "=". Expected entries such as 0=neutral, separated by commas."`,
    );
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
