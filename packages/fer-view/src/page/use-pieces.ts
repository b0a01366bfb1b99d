/** A long list that comes piece by piece. */
import { useEffect, useRef, useState } from "preact/hooks";
import { addressOf, ask, type Query } from "./api.js";

/** Items that come at a time. */
const STEP = 24;

export interface Pieces<T> {
  /** What has come; `null` until something has. */
  found: T | null;
  /** Why nothing more comes. */
  problem: string | null;
  /** Asks for the piece that begins there. */
  load: (from: number) => void;
}

/**
 * Asks for the first piece, and for it again where the query becomes another one; an answer to an earlier query is dropped.
 *
 * @param options.join Puts a piece behind what has come.
 */
export function usePieces<T>(
  route: string,
  { query, join }: { query: Query; join: (before: T, more: T) => T },
): Pieces<T> {
  const [found, setFound] = useState<T | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const address = addressOf(route, { ...query, count: STEP });
  const asked = useRef("");
  asked.current = address;
  const load = async (from: number): Promise<void> => {
    try {
      const more = await ask<T>(`${address}&from=${from}`);
      if (asked.current !== address) return;
      setFound((before) => (from === 0 || before === null ? more : join(before, more)));
      setProblem(null);
    } catch (error) {
      if (asked.current === address) setProblem((error as Error).message);
    }
  };
  useEffect(() => void load(0), [address]);
  return { found, problem, load: (from) => void load(from) };
}
