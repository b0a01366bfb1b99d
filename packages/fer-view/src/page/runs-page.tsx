/** Several runs together: their curves in one place, and what differs between them. */
import type { CompareAnswer } from "../protocol.js";
import { addressOf, useAnswer } from "./api.js";
import { Comparison } from "./comparison.js";
import { Curves, LastEpoch } from "./curves.js";
import { DataTable } from "./data-table.js";
import { Await, Frame, Lost, Section, StateWord } from "./frame.js";
import { useLiveRuns } from "./use-live.js";

export function RunsPage({ paths }: { paths: readonly string[] }) {
  const { runs, connection } = useLiveRuns(paths);
  const compared = useAnswer<CompareAnswer>(addressOf("api/compare", { path: paths }));
  const all = paths.flatMap((path) => runs.get(path) ?? []);
  return (
    <Frame title={`${paths.length} runs together`}>
      <Lost connection={connection} />
      <Section id="which" title="Which">
        <DataTable
          columns={[{ title: "run" }, { title: "state" }, { title: "epochs", number: true }]}
          rows={all.map(({ path, state, curves, problem }) => [
            <a href={addressOf("run", { path })}>{path}</a>,
            problem ?? <StateWord state={state} />,
            curves.map(({ rows }) => rows.length).join(", "),
          ])}
        />
      </Section>
      <Section id="curves" title="Curves">
        <LastEpoch runs={all} />
        <Curves runs={all} />
      </Section>
      <Section id="difference" title="What differs beyond chance">
        <Await answer={compared}>{(found) => <Comparison found={found} />}</Await>
      </Section>
    </Frame>
  );
}
