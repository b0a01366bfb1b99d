/** What a config file holds: a section for each command that takes its options from it. */
import type { z } from "zod";
import type { CommandDefinition } from "../command.js";
import type { COMMANDS, SectionName } from "../commands/index.js";

/** A config file. Relative paths start at its folder. */
export type FerConfig = {
  /** For JSON files: path or address of `fer.schema.json`. */
  $schema?: string;
} & { [Name in SectionName]?: SectionsOf<(typeof COMMANDS)[Name]> };

type SectionsOf<Entry> = Entry extends { section: "list" } ? SectionOf<Entry>[] : SectionOf<Entry>;

/** The options of a command, and beside them what it takes by reference. */
type SectionOf<Entry> = Entry extends {
  load(): Promise<{ default: CommandDefinition<infer Options, infer Values, infer Derived> }>;
}
  ? Beside<MayLack<z.input<Options>, Derived>, z.input<Values>>
  : never;

/** The other sections tell these keys. */
type MayLack<Options, Derived extends string> = Omit<Options, Derived> & {
  [Key in Derived & keyof Options]?: Options[Key];
};

/** A key of both takes either. (zod gives an object without keys the type of any key.) */
type Beside<Options, Values> = string extends keyof Values
  ? Options
  : Omit<Options, keyof Values> & {
      [Key in keyof Values]: Values[Key] | (Key extends keyof Options ? NonNullable<Options[Key]> : never);
    };
