/** What a run is known to say about a part of a set, so that a test part is not read again. */
import { type Metrics, RunFolder } from "@fer/core/run";
import { acceptedFingerprint, type AssembledSet, type Part } from "@fer/core/set";

/**
 * An earlier evaluation of a run on the same data; `null` where there is none.
 *
 * @throws FormatError where the run is not as it was written.
 */
export async function keptEvaluation(
  folder: string,
  { set, part }: { set: AssembledSet; part: Part },
): Promise<Metrics | null> {
  const { name, info } = set;
  if ((await acceptedFingerprint(set)) !== info.fingerprint) return null;
  const evaluations = await (await RunFolder.open(folder)).evaluations();
  const found = evaluations.find(({ file }) => file === `${name}-${part}.json`);
  return found?.metrics.set.fingerprint === info.fingerprint ? found.metrics : null;
}
