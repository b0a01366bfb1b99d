/** A run: its curves while it trains and after, what it was trained with, how well it does. */
import type { RunAnswer } from "../protocol.js";
import { addressOf, useAnswer } from "./api.js";
import { Curves, LastEpoch } from "./curves.js";
import { Facts } from "./data-table.js";
import { Await, Frame, Lost, Problem, StateWord } from "./frame.js";
import { useLiveRuns } from "./use-live.js";

export function RunPage({ path }: { path: string }) {
  const { runs, connection } = useLiveRuns([path]);
  const live = runs.get(path);
  // What else is known changes where its state does.
  const answer = useAnswer<RunAnswer>(addressOf("api/run", { path, state: live?.state }));
  const sections = [
    ["Curves", "curves"],
    ["Settings", "settings"],
  ] as const;
  return (
    <Frame
      title={path}
      sections={sections}
      lead={<p class="lead">{live !== undefined && <StateWord state={live.state} />}</p>}
    >
      <Lost connection={connection} />
      {live !== undefined && live.problem !== null && <Problem message={live.problem} />}
      <section aria-labelledby="curves">
        <h2 id="curves">Curves</h2>
        {live !== undefined && <LastEpoch runs={[live]} />}
        {live === undefined ? (
          <p class="soft" role="status">
            Reading …
          </p>
        ) : (
          <Curves runs={[live]} />
        )}
      </section>
      <Await answer={answer}>
        {({ facts }) => (
          <section aria-labelledby="settings">
            <h2 id="settings">Settings</h2>
            <Facts rows={facts} />
          </section>
        )}
      </Await>
    </Frame>
  );
}
