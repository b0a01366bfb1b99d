/** All commands in the order of the help. Their files load only when they run. */
import type { Command } from "../define-command.js";

/** A command before it is loaded. */
export interface CommandEntry {
  /** One line for `fer --help`. */
  summary: string;
  load(): Promise<{ default: Command }>;
}

export const COMMANDS = {
  init: { summary: "Write a commented fer.config.ts to begin with", load: () => import("./init.js") },
  datasets: { summary: "List the datasets that can be read, and how to get them", load: () => import("./datasets.js") },
  download: {
    summary: "Get the pictures of a dataset that is a list of addresses",
    load: () => import("./download.js"),
  },
  extract: { summary: "Read an official dataset folder into an image folder", load: () => import("./extract.js") },
  inspect: {
    summary: "Look for twins, label conflicts and bad pictures",
    load: () => import("./inspect.js"),
  },
  assemble: {
    summary: "Turn image folders into .npy sets for training and testing",
    load: () => import("./assemble.js"),
  },
  train: { summary: "Train a model on a set", load: () => import("./train.js") },
  evaluate: { summary: "Measure a trained model on a set", load: () => import("./evaluate.js") },
  predict: { summary: "Name the expression on images", load: () => import("./predict.js") },
  report: { summary: "Write charts and report.html of a run", load: () => import("./report.js") },
  pipeline: {
    summary: "Do all stages of a fer.config file",
    load: () => import("./pipeline.js"),
  },
  export: { summary: "Write an image folder in a format of others", load: () => import("./export.js") },
  engines: {
    summary: "Show what can train here, on which device, and how to get more",
    load: () => import("./engines.js"),
  },
  setup: { summary: "Get the fast TensorFlow engine", load: () => import("./setup.js") },
} satisfies Record<string, CommandEntry>;

/** Name of a command. */
export type CommandName = keyof typeof COMMANDS;
