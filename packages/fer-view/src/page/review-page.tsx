/** The review of labels that look wrong: one face at a time, by keys or buttons; what is said stands in a table at once. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReviewAnswer, Verdict } from "../protocol.js";
import { addressOf, ask, useAnswer } from "./api.js";
import { Bars } from "./face-dialog.js";
import { FaceImage } from "./faces.js";
import { Await, Frame, Problem } from "./frame.js";
import { count, percent } from "./numbers.js";

/** How many times as probable as the label another class must be. */
const ODDS = [15, 5, 2, 1];

export function ReviewPage({ path }: { path: string }) {
  const [odds, setOdds] = useState(ODDS[0]!);
  const answer = useAnswer<ReviewAnswer>(addressOf("api/review", { path, odds }));
  return (
    <Frame
      title={`Labels of ${path}`}
      lead={
        <p class="soft">
          Faces of <a href={addressOf("run", { path })}>{path}</a>, whose network was not trained on them and says
          something else than their label. Many labels are right all the same.
        </p>
      }
    >
      <div class="row">
        <label>
          Another class is at least{" "}
          <select value={odds} onChange={(event) => setOdds(Number(event.currentTarget.value))}>
            {ODDS.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>{" "}
          times as probable
        </label>
      </div>
      <Await answer={answer}>{(value) => <Review key={odds} path={path} found={value} />}</Await>
    </Frame>
  );
}

type Said = ReadonlyMap<number, Verdict | null>;

function Review({ path, found }: { path: string; found: ReviewAnswer }) {
  const { items, classes, set, table } = found;
  const [place, setPlace] = useState(() =>
    Math.max(
      0,
      items.findIndex(({ said }) => said === null),
    ),
  );
  const [said, setSaid] = useState<Said>(new Map(items.map((item) => [item.at, item.said])));
  const [problem, setProblem] = useState<string | null>(null);
  const [news, setNews] = useState("");
  const item = items[place];
  const move = (by: number): void => setPlace((at) => Math.min(items.length - 1, Math.max(0, at + by)));

  const say = async (verdict: Verdict | null): Promise<void> => {
    if (item === undefined) return;
    const body = JSON.stringify({
      path,
      at: item.at,
      verdict: verdict?.verdict ?? null,
      corrected: verdict?.corrected,
    });
    try {
      await ask("api/verdict", { method: "POST", headers: { "content-type": "application/json" }, body });
    } catch (error) {
      setProblem((error as Error).message);
      return;
    }
    setProblem(null);
    setSaid((before) => new Map(before).set(item.at, verdict));
    setNews(`${item.id}: ${inWords(verdict)}`);
    if (verdict !== null) move(1);
  };

  const keys: Record<string, () => void> = {
    k: () => void say({ verdict: "keep", corrected: null }),
    x: () => void say({ verdict: "exclude", corrected: null }),
    u: () => void say(null),
    ArrowRight: () => move(1),
    ArrowLeft: () => move(-1),
    ...Object.fromEntries(
      classes.map((name, at) => [
        String(at + 1),
        () =>
          void say(
            name === item?.truth ? { verdict: "keep", corrected: null } : { verdict: "exclude", corrected: name },
          ),
      ]),
    ),
  };
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { target, ctrlKey, metaKey, altKey } = event;
      if (ctrlKey || metaKey || altKey || (target instanceof HTMLElement && target.closest("select, input, textarea")))
        return;
      const key = current.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (key === undefined) return;
      event.preventDefault();
      key();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);

  if (item === undefined) return <p>No label looks wrong.</p>;
  const verdict = said.get(item.at) ?? null;
  const done = [...said.values()].filter((each) => each !== null).length;
  return (
    <>
      <p class="soft">
        {count(done)} of {count(items.length)} looked at. What you say stands in <b>{table}</b> at once;{" "}
        <code>fer assemble --exclude {table}</code> leaves the excluded ones out.
      </p>
      <p class="hidden" role="status">
        {news}
      </p>
      {problem !== null && <Problem message={problem} />}
      <section aria-labelledby="face">
        <h2 id="face">
          Face {place + 1} of {items.length}
        </h2>
        <div class="near">
          <FaceImage set={set} face={item.face} alt={`Face labelled ${item.truth}`} />
          <div>
            <p>
              Its label is <b>{item.truth}</b>, to which the network gives{" "}
              {percent(item.probabilities[classes.indexOf(item.truth)])}; it says <b>{item.suggested}</b>.
            </p>
            <p class="soft path">{item.source}</p>
            <p>
              <b>{inWords(verdict)}</b>
            </p>
            <Bars classes={classes} sample={item} />
          </div>
        </div>
        <div class="row" role="group" aria-label="What is said of the label">
          <button type="button" class="main" aria-keyshortcuts="k" onClick={keys["k"]}>
            Right: keep it (K)
          </button>
          <button type="button" aria-keyshortcuts="x" onClick={keys["x"]}>
            Wrong: exclude it (X)
          </button>
          <button type="button" aria-keyshortcuts="u" disabled={verdict === null} onClick={keys["u"]}>
            Take it back (U)
          </button>
        </div>
        <div class="row" role="group" aria-label="What the label should be">
          <span class="soft">It should be</span>
          {classes.map((name, at) => (
            <button key={name} type="button" aria-keyshortcuts={String(at + 1)} onClick={keys[String(at + 1)]}>
              {name} ({at + 1})
            </button>
          ))}
        </div>
        <div class="row" role="group" aria-label="Other faces">
          <button type="button" aria-keyshortcuts="ArrowLeft" disabled={place === 0} onClick={() => move(-1)}>
            Back (←)
          </button>
          <button
            type="button"
            aria-keyshortcuts="ArrowRight"
            disabled={place === items.length - 1}
            onClick={() => move(1)}
          >
            On (→)
          </button>
        </div>
      </section>
    </>
  );
}

function inWords(verdict: Verdict | null): string {
  if (verdict === null) return "Nothing is said of it yet.";
  if (verdict.verdict === "keep") return "The label is right.";
  return verdict.corrected === null ? "The label is wrong." : `The label should be ${verdict.corrected}.`;
}
