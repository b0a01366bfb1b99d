/** All commands in the order of the help. Their files load only when they run. */
import type { Command } from "../command.js";

/** A command before it is loaded. */
export interface CommandEntry {
  /** One line for `fer --help`. */
  summary: string;
  load(): Promise<{ default: Command }>;
  /** Its options are a section of the config file that is called as the command, or a list of such. */
  section?: "one" | "list";
  /** `found`: reads the config file of this folder, or the one that is named; `named`: only one that is named. */
  config?: "found" | "named";
}

export const COMMANDS = {
  init: { summary: "Write a commented fer.config.ts to begin with", load: () => import("./init.js") },
  datasets: {
    summary: "List the datasets that can be read, and how to get them",
    config: "named",
    load: () => import("./datasets.js"),
  },
  download: {
    summary: "Get the pictures of a dataset that is a list of addresses",
    load: () => import("./download.js"),
  },
  extract: {
    summary: "Read an official dataset folder into an image folder",
    section: "list",
    config: "found",
    load: () => import("./extract.js"),
  },
  inspect: {
    summary: "Verify what was made; find twins, label conflicts and bad pictures",
    load: () => import("./inspect.js"),
  },
  assemble: {
    summary: "Turn image folders into .npy sets for training and testing",
    section: "one",
    config: "found",
    load: () => import("./assemble.js"),
  },
  train: { summary: "Train a model on a set", section: "one", config: "found", load: () => import("./train.js") },
  sweep: { summary: "Train with options drawn from a space, ranked by validation", load: () => import("./sweep.js") },
  evaluate: { summary: "Measure a trained model on a set", section: "list", load: () => import("./evaluate.js") },
  mislabelled: {
    summary: "List the samples of a set whose label looks wrong",
    load: () => import("./mislabelled.js"),
  },
  compare: { summary: "Tell what differs between runs beyond chance", load: () => import("./compare.js") },
  cross: { summary: "Measure every model on every set", load: () => import("./cross.js") },
  reproduce: {
    summary: "Train a run again from its record, and tell whether the same comes out",
    load: () => import("./reproduce.js"),
  },
  predict: { summary: "Name the expression on images", load: () => import("./predict.js") },
  serve: { summary: "Name expressions over HTTP", load: () => import("./serve.js") },
  view: { summary: "Look at datasets, sets and runs in the browser", load: () => import("./view.js") },
  report: { summary: "Write charts and report.html of a run", load: () => import("./report.js") },
  pipeline: {
    summary: "Run all stages of a config file",
    config: "found",
    load: () => import("./pipeline.js"),
  },
  export: { summary: "Write an image folder in a format of other tools", load: () => import("./export.js") },
  abaw: { summary: "Write and score predictions of the ABAW challenges", load: () => import("./abaw.js") },
  architectures: {
    summary: "List the networks there are, what they cost, and how fast each trains here",
    load: () => import("./architectures.js"),
  },
  engines: {
    summary: "Show what can train here, on which device, and how to get more",
    load: () => import("./engines.js"),
  },
  setup: { summary: "Get the fast TensorFlow engine", load: () => import("./setup.js") },
  doctor: { summary: "Tell what is missing here, and what to do", load: () => import("./doctor.js") },
  completion: { summary: "Print what completes commands and flags in a shell", load: () => import("./completion.js") },
} satisfies Record<string, CommandEntry>;

/** Name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** Commands whose options are a section of the config file, in the order of the pipeline. */
export type SectionName = {
  [Name in CommandName]: (typeof COMMANDS)[Name] extends { section: string } ? Name : never;
}[CommandName];

/** The names of {@link SectionName}. */
export const SECTIONS = Object.entries<CommandEntry>(COMMANDS).flatMap(([name, { section }]) =>
  section === undefined ? [] : [name as SectionName],
);
