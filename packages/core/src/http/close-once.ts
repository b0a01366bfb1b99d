/** Stops a server when it is first asked to, and tells all who ask, and who wait for it, how that went. */
export function closeOnce(stop: () => Promise<boolean>): { closed: Promise<boolean>; close(): Promise<boolean> } {
  let stopped: Promise<boolean> | undefined;
  let whenClosed: (isWhole: Promise<boolean>) => void;
  const closed = new Promise<boolean>((resolve) => {
    whenClosed = resolve;
  });
  closed.catch(() => undefined);
  const close = (): Promise<boolean> => {
    if (stopped === undefined) {
      stopped = stop();
      whenClosed(stopped);
    }
    return stopped;
  };
  return { closed, close };
}
