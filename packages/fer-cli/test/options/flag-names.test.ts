import { expect, it } from "vitest";
import { COMMANDS } from "../../dist/commands/index.js";
import type { Command } from "../../dist/command.js";
import { commandFlags } from "../../dist/options/command-line.js";
import { withFlagNames } from "../../dist/options/flag-names.js";

const command = (await COMMANDS.train.load()).default as Command;
const flags = commandFlags(command, command.options);

it("calls the options of libraries as the command line does, and leaves all other words", () => {
  const said = {
    'Set classWeights to "none" if every class is as large': 'Set --class-weights to "none" if every class is as large',
    "Lower learningRate (try 0.001) or set clipNorm to 1": "Lower --learning-rate (try 0.001) or set --clip-norm to 1",
    "the policy does not use valShare, seed": "the policy does not use --val-share, seed",
    "baselines: false, report: true": "--no-baselines, --report",
    "pass --report (report: true)": "pass --report",
    "pass --val-share (valShare)": "pass --val-share",
    "optimizer.name and augmentation.flip": "--optimizer and --augmentation-flip",
    "data/valShare/a.png, valShares, --batchSize, my.batchSize":
      "data/valShare/a.png, valShares, --batchSize, my.batchSize",
    "to the set of epochs": "to the set of epochs",
  };
  expect(Object.keys(said).map((message) => withFlagNames(message, flags))).toEqual(Object.values(said));
});
