/** A run: its curves while it trains and after, how well it does, where it errs, what it was trained with. */
import { useState } from "preact/hooks";
import type { LiveRun, RunAnswer, TestedAnswer } from "../protocol.js";
import { addressOf, type Answer, useAnswer } from "./api.js";
import { Calibration } from "./calibration.js";
import { Confusion } from "./confusion.js";
import { Curves, LastEpoch } from "./curves.js";
import { Facts } from "./data-table.js";
import { Gallery } from "./faces.js";
import { Await, Frame, Lost, Problem, Section, StateWord, Waiting } from "./frame.js";
import { ClassTable, FoldTable, ScoreTable } from "./score-tables.js";
import { Shares } from "./shares.js";
import { useLiveRuns } from "./use-live.js";

export function RunPage({ path }: { path: string }) {
  const { runs, connection } = useLiveRuns([path]);
  const live = runs.get(path);
  // What else is known changes where its state does: it is asked for once that is known, or no event comes.
  const isAsked = live !== undefined || connection === "lost";
  const answer = useAnswer<RunAnswer>(isAsked ? addressOf("api/run", { path, state: live?.state }) : null);
  const run = answer.state === "here" ? answer.value : null;
  const problem = live?.problem ?? run?.problem ?? null;
  const hasTest = run?.hasPredictions === true;
  const tested = useAnswer<TestedAnswer>(hasTest ? addressOf("api/tested", { path }) : null);
  const sections = [
    ["Curves", "curves"],
    ...(run !== null && run.rows.length > 0 ? [["Scores", "scores"]] : []),
    ...(run?.metrics == null ? [] : [["Confusion", "confusion"]]),
    ...(hasTest
      ? [
          ["Mistakes", "mistakes"],
          ["Calibration", "calibration"],
          ["Datasets and people", "shares"],
        ]
      : []),
    ["Settings", "settings"],
  ] as [string, string][];
  return (
    <Frame title={path} sections={sections} lead={<Lead live={live} run={run} />}>
      <Lost connection={connection} />
      {problem !== null && <Problem message={problem} />}
      <Section id="curves" title="Curves">
        {live !== undefined && <LastEpoch runs={[live]} />}
        {live === undefined ? <Waiting /> : <Curves runs={[live]} />}
      </Section>
      <Await answer={answer}>{(value) => <Known run={value} tested={hasTest ? tested : null} />}</Await>
    </Frame>
  );
}

const Lead = ({ live, run }: { live: LiveRun | undefined; run: RunAnswer | null }) => (
  <div class="row">
    {live !== undefined && <StateWord state={run?.state === "unreadable" ? run.state : live.state} />}
    {run?.set != null && <a href={addressOf("set", { path: run.set })}>its set</a>}
    {run?.hasPredictions === true && run.set !== null && (
      <a href={addressOf("review", { path: run.path })}>review labels</a>
    )}
    {run?.hasReport === true && <a href={addressOf("report.html", { path: run.path })}>its report</a>}
  </div>
);

function Known({ run, tested }: { run: RunAnswer; tested: Answer<TestedAnswer> | null }) {
  const { path, facts, metrics, scores, rows } = run;
  return (
    <>
      {rows.length > 0 && (
        <Section id="scores" title="Scores">
          <ScoreTable scores={scores} rows={rows} />
          {metrics !== null && <ClassTable metrics={metrics} />}
          {metrics !== null && <FoldTable metrics={metrics} scores={scores} />}
        </Section>
      )}
      {metrics !== null && (
        <Section id="confusion" title="Confusion">
          <Confusion path={path} metrics={metrics} hasFaces={run.hasPredictions} />
        </Section>
      )}
      {tested !== null && (
        <Await answer={tested}>
          {(answer) => (
            <>
              {answer.set === null && (
                <p class="soft">
                  The set that it was tested on is not in this folder, so its faces cannot be shown. Look at a folder
                  that holds both.
                </p>
              )}
              <Mistakes path={path} classes={answer.classes} />
              <Section id="calibration" title="Calibration">
                <Calibration bins={answer.calibration} error={metrics?.certainty?.calibrationError ?? null} />
              </Section>
              <DatasetsAndPeople path={path} tested={answer} />
            </>
          )}
        </Await>
      )}
      <Section id="settings" title="Settings">
        <Facts rows={facts} />
      </Section>
    </>
  );
}

const ORDERS = {
  sure: "surest of what is wrong",
  worst: "least sure of what is right",
} as const;

function Mistakes({ path, classes }: { path: string; classes: readonly string[] }) {
  const [order, setOrder] = useState<keyof typeof ORDERS>("sure");
  return (
    <Section id="mistakes" title="Mistakes">
      <div class="row" role="group" aria-label="Which mistakes come first">
        {(Object.keys(ORDERS) as (keyof typeof ORDERS)[]).map((each) => (
          <button key={each} type="button" aria-pressed={order === each} onClick={() => setOrder(each)}>
            {ORDERS[each]}
          </button>
        ))}
      </div>
      <Gallery path={path} classes={classes} query={{ which: "wrong", order }} label="Mistakes" />
    </Section>
  );
}

function DatasetsAndPeople({ path, tested }: { path: string; tested: TestedAnswer }) {
  const [open, setOpen] = useState<{ key: "source" | "group"; name: string } | null>(null);
  const { sources, groups, groupCount, classes } = tested;
  const more = groups.length < groupCount ? `, the worst ${groups.length} of ${groupCount}` : "";
  return (
    <Section id="shares" title="Datasets and people">
      {sources.length === 0 && groups.length === 0 && (
        <p class="soft">Its set does not say where its images are from.</p>
      )}
      {sources.length > 0 && (
        <Shares
          caption="By dataset"
          what="dataset"
          shares={sources}
          onOpen={(name) => setOpen({ key: "source", name })}
        />
      )}
      {groups.length > 0 && (
        <Shares
          caption={`By person or clip${more}`}
          what="person or clip"
          shares={groups}
          onOpen={(name) => setOpen({ key: "group", name })}
        />
      )}
      {open !== null && (
        <section aria-labelledby="of">
          <h3 id="of">Mistakes of {open.name}</h3>
          <Gallery
            path={path}
            classes={classes}
            query={{ [open.key]: open.name, which: "wrong", order: "sure" }}
            label={`Mistakes of ${open.name}`}
          />
        </section>
      )}
    </Section>
  );
}
