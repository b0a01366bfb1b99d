/** Server-sent events as state: what the server told last. */
import { useEffect, useState } from "preact/hooks";
import type { IndexAnswer, LiveRun } from "../protocol.js";
import { addressOf } from "./api.js";

/** Whether events come; the browser connects again by itself. */
export type Connection = "opening" | "open" | "lost";

/** The list as it is now; `null` until it has come. */
export function useLiveIndex(): { index: IndexAnswer | null; connection: Connection } {
  const [index, setIndex] = useState<IndexAnswer | null>(null);
  const connection = useEvents("api/live", {
    event: "index",
    tell: (json) => setIndex(JSON.parse(json) as IndexAnswer),
  });
  return { index, connection };
}

/** Runs as they are now, by path. */
export function useLiveRuns(paths: readonly string[]): { runs: Map<string, LiveRun>; connection: Connection } {
  const [runs, setRuns] = useState<Map<string, LiveRun>>(new Map());
  const connection = useEvents(addressOf("api/live", { path: paths }), {
    event: "run",
    tell(json) {
      const run = JSON.parse(json) as LiveRun;
      setRuns((before) => new Map(before).set(run.path, run));
    },
  });
  return { runs, connection };
}

function useEvents(address: string, { event, tell }: { event: string; tell: (json: string) => void }): Connection {
  const [connection, setConnection] = useState<Connection>("opening");
  useEffect(() => {
    const source = new EventSource(address);
    source.addEventListener("open", () => setConnection("open"));
    source.addEventListener("error", () => setConnection("lost"));
    source.addEventListener(event, (message) => tell((message as MessageEvent<string>).data));
    return () => source.close();
  }, [address, event]);
  return connection;
}
