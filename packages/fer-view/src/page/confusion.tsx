/** The confusion matrix as a table whose cells open their faces. */
import { useState } from "preact/hooks";
import type { Metrics } from "@fer/core/run";
import { Gallery } from "./faces.js";
import { count, wholePercent } from "./numbers.js";

export interface ConfusionProps {
  path: string;
  metrics: Metrics;
  /** Whether its faces can be asked for. */
  hasFaces: boolean;
}

export function Confusion({ path, metrics, hasFaces }: ConfusionProps) {
  const [open, setOpen] = useState<{ truth: string; predicted: string } | null>(null);
  const { classes, confusionMatrix } = metrics;
  return (
    <>
      <div class="table" tabIndex={0} role="region" aria-label="Confusion matrix">
        <table class="confusion">
          <caption>
            Rows are labels, columns what the network says: the share of each row, and images.
            {hasFaces && " A cell shows its faces."}
          </caption>
          <thead>
            <tr>
              <th scope="col">label</th>
              {classes.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {confusionMatrix.map((row, label) => {
              const all = row.reduce((sum, n) => sum + n, 0);
              const truth = classes[label]!;
              return (
                <tr key={truth}>
                  <th scope="row">
                    {truth} <small>({count(all)})</small>
                  </th>
                  {row.map((n, other) => {
                    const predicted = classes[other]!;
                    const share = all === 0 ? 0 : n / all;
                    const isOpen = open?.truth === truth && open.predicted === predicted;
                    const words = (
                      <>
                        <b>{n === 0 ? "·" : wholePercent(share)}</b>
                        {n > 0 && <small>{count(n)}</small>}
                      </>
                    );
                    return (
                      <td key={predicted} class={other === label ? "hit" : ""} style={{ "--share": share }}>
                        {hasFaces && n > 0 ? (
                          <button
                            type="button"
                            aria-pressed={isOpen}
                            aria-label={`${truth} ${other === label ? "seen so" : `taken for ${predicted}`}: ${wholePercent(share)}, ${n} images`}
                            onClick={() => setOpen(isOpen ? null : { truth, predicted })}
                          >
                            {words}
                          </button>
                        ) : (
                          <span>{words}</span>
                        )}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {open !== null && (
        <section aria-labelledby="cell">
          <h3 id="cell">
            {open.truth === open.predicted ? `${open.truth}, seen so` : `${open.truth}, taken for ${open.predicted}`}
          </h3>
          <Gallery path={path} classes={classes} query={{ ...open, order: "sure" }} label="Faces of the cell" />
        </section>
      )}
    </>
  );
}
