/** The list of all that lies in the folder; runs can be ticked to be looked at together. */
import { useState } from "preact/hooks";
import { type Entry, MOST_RUNS } from "../protocol.js";
import { addressOf } from "./api.js";
import { Frame, Lost, Section, StateWord } from "./frame.js";
import { count, percent } from "./numbers.js";
import { useLiveIndex } from "./use-live.js";

const PAGE_OF: Record<Entry["kind"], string> = { run: "run", set: "set", "image-folder": "dataset" };

export function ListPage() {
  const { index, connection } = useLiveIndex();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  if (index === null)
    return (
      <Frame title="fer view" isList>
        <p class="soft" role="status">
          {connection === "lost" ? "The server does not answer: fer view has ended." : "Looking through the folder …"}
        </p>
      </Frame>
    );
  const of = (kind: Entry["kind"]): Entry[] => index.entries.filter((entry) => entry.kind === kind);
  const choose = (path: string, isChosen: boolean): void => {
    const next = new Set(chosen);
    if (isChosen) next.add(path);
    else next.delete(path);
    setChosen(next);
  };
  const runs = of("run");
  const together = runs.filter(({ path }) => chosen.has(path)).map(({ path }) => path);
  return (
    <Frame title={index.folder} isList lead={<p class="soft">{inWords(index.entries)}</p>}>
      <Lost connection={connection} />
      {index.entries.length === 0 && (
        <p>Nothing of fer extract, fer assemble or fer train is in this folder or below it yet.</p>
      )}
      {runs.length > 0 && (
        <Section id="runs" title="Runs">
          {runs.length > 1 && (
            <div class="row">
              <span class="soft">
                {together.length < 2 ? "Tick two runs or more" : `${together.length} ticked, ${MOST_RUNS} at most`}
              </span>
              {together.length >= 2 && together.length <= MOST_RUNS && (
                <a class="button" href={addressOf("runs", { path: together })}>
                  Look at them together
                </a>
              )}
            </div>
          )}
          <Entries entries={runs} {...(runs.length > 1 ? { chosen, choose } : {})} />
        </Section>
      )}
      {of("set").length > 0 && (
        <Section id="sets" title="Sets">
          <Entries entries={of("set")} />
        </Section>
      )}
      {of("image-folder").length > 0 && (
        <Section id="datasets" title="Datasets">
          <Entries entries={of("image-folder")} />
        </Section>
      )}
      {index.notes.map((note) => (
        <p key={note} class="soft">
          {note}
        </p>
      ))}
    </Frame>
  );
}

interface EntriesProps {
  entries: readonly Entry[];
  chosen?: ReadonlySet<string>;
  choose?: (path: string, isChosen: boolean) => void;
}

function Entries({ entries, chosen, choose }: EntriesProps) {
  const hasScores = entries.some(({ kind }) => kind === "run");
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            {chosen !== undefined && (
              <th scope="col">
                <span class="hidden">together</span>
              </th>
            )}
            <th scope="col">name</th>
            {hasScores && <th scope="col">state</th>}
            {hasScores && (
              <th scope="col" class="number">
                accuracy
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {entries.map(({ kind, path, state, facts, accuracy, problem }) => (
            <tr key={path}>
              {chosen !== undefined && (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`${path} with others`}
                    checked={chosen.has(path)}
                    onChange={(event) => choose?.(path, event.currentTarget.checked)}
                  />
                </td>
              )}
              <th scope="row" class="path">
                <a href={addressOf(PAGE_OF[kind], { path })}>{path}</a>
                <small>{problem ?? facts}</small>
              </th>
              {hasScores && (
                <td>
                  <StateWord state={state} />
                </td>
              )}
              {hasScores && <td class="number">{percent(accuracy)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inWords(entries: readonly Entry[]): string {
  const words = { run: ["run", "runs"], set: ["set", "sets"], "image-folder": ["dataset", "datasets"] } as const;
  const counts = (Object.keys(words) as Entry["kind"][]).flatMap((kind) => {
    const n = entries.filter((entry) => entry.kind === kind).length;
    return n === 0 ? [] : [`${count(n)} ${words[kind][n === 1 ? 0 : 1]}`];
  });
  return counts.length === 0 ? "empty" : counts.join(", ");
}
