/** What every page has: where one is, its heading, and what it says where an answer does not come. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { State } from "../protocol.js";
import type { Answer } from "./api.js";
import type { Connection } from "./use-live.js";

export interface FrameProps {
  title: string;
  /** Under the title. */
  lead?: ComponentChildren;
  /** Whether it is the list, which leads nowhere back. */
  isList?: boolean;
  /** Names and ids of sections. */
  sections?: readonly (readonly [name: string, id: string])[];
  children: ComponentChildren;
}

export function Frame({ title, lead, isList = false, sections = [], children }: FrameProps) {
  useEffect(() => {
    document.title = `${title} – fer view`;
  }, [title]);
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header>
        {!isList && (
          <nav aria-label="Way back">
            <ol>
              <li>
                <a href="./">All of the folder</a>
              </li>
              <li aria-current="page">{title}</li>
            </ol>
          </nav>
        )}
        <h1>{title}</h1>
        {lead}
        {sections.length > 0 && (
          <nav class="sections" aria-label="Sections">
            <ul>
              {sections.map(([name, id]) => (
                <li key={id}>
                  <a href={`#${id}`}>{name}</a>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer>Expressions are what a face shows, not what a person feels.</footer>
    </>
  );
}

const STATES: Record<State, string> = {
  finished: "finished",
  "at-work": "training now",
  interrupted: "interrupted",
  unreadable: "cannot be read",
};

/** How far an artifact is, in words beside a dot. */
export const StateWord = ({ state }: { state: State }) => <span class={`state ${state}`}>{STATES[state]}</span>;

/** A part of a page under its heading, whose id it is linked by. */
export const Section = ({ id, title, children }: { id: string; title: string; children: ComponentChildren }) => (
  <section aria-labelledby={id}>
    <h2 id={id}>{title}</h2>
    {children}
  </section>
);

/** What a reader must know first: `good`, a `note` or a `warning`. */
export const Caveats = ({ list }: { list: readonly { kind: string; text: string }[] }) => (
  <ul class="caveats">
    {list.map(({ kind, text }) => (
      <li key={text} class={kind}>
        {text}
      </li>
    ))}
  </ul>
);

/** Said until what was asked for is here. */
export const Waiting = ({ text = "Reading …" }: { text?: string | undefined }) => (
  <p class="soft" role="status">
    {text}
  </p>
);

/** An error in the place of what was asked for. */
export const Problem = ({ message }: { message: string }) => (
  <p class="error" role="alert">
    {message}
  </p>
);

/** Says where events no longer come. */
export const Lost = ({ connection }: { connection: Connection }) => (
  <p class="soft" role="status">
    {connection === "lost" ? "The connection is lost; what is shown may be old. Trying again …" : ""}
  </p>
);

export interface AwaitProps<T> {
  answer: Answer<T>;
  /** Said until it is here. */
  waiting?: string | undefined;
  children: (value: T) => ComponentChildren;
}

/** Shows an answer once it is here. */
export function Await<T>({ answer, waiting, children }: AwaitProps<T>) {
  if (answer.state === "failed") return <Problem message={answer.message} />;
  if (answer.state === "waiting") return <Waiting text={waiting} />;
  return <>{children(answer.value)}</>;
}
