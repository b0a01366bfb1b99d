/**
 * What a protocol is: what two labs must have done alike for their numbers to be the same quantity. Data; a set that is
 * made by one carries its name, and so does every run that is trained on it.
 */
import type { Target } from "@fer/core/set";

/** Options that a protocol fixes. */
type ProtocolOptions = Partial<
  Record<"classes" | "folds", number> & Record<"split", string> & Record<"allowMissing", boolean>
>;

export interface Protocol {
  name: string;
  /** One line for `--help` and the set's description. */
  title: string;
  /** Name of the adapter whose data it is about. */
  dataset: string;
  /** Options of the extraction that it fixes. */
  extraction?: Readonly<Record<string, unknown>>;
  /** Options of the assembler that it fixes. */
  options: ProtocolOptions;
  /** Parts of the owner that must be there. */
  ownerParts: readonly string[];
  /** What must be known of the samples beside their class. */
  needs?: readonly Target[];
  /** Images by class in each part, canonical order; `null` where they depend on the choice of frames. */
  counts: Readonly<Record<string, readonly number[]>> | null;
  /** People in the data; only where the protocol counts them. */
  people?: number;
  /** The metric that is reported, and who set it. */
  metric: "accuracy" | "balancedAccuracy" | "macroF1";
  paper: string;
}
