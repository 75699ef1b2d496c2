/** One at a time, in the order of asking. */
export interface Turns {
  /** Resolves with the way to give the turn back. Rejects where the signal ended the wait. */
  take(signal: AbortSignal): Promise<() => void>;
  readonly busy: () => boolean;
  readonly waiting: () => number;
}

export function createTurns(): Turns {
  let last = Promise.resolve();
  let taken = false;
  let waiting = 0;
  return {
    busy: () => taken,
    waiting: () => waiting,
    take: async (signal) => {
      const before = last;
      let giveBack = (): void => undefined;
      last = new Promise((resolve) => {
        giveBack = resolve;
      });
      waiting += 1;
      await before;
      waiting -= 1;
      if (signal.aborted) {
        giveBack();
        throw signal.reason;
      }
      taken = true;
      return () => {
        taken = false;
        giveBack();
      };
    },
  };
}
