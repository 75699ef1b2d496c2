import type { Command } from 'commander';
import type { RunStore } from '../storage/store.ts';

/** The database that `--db` names, or the platform's own. Whoever opens it closes it. @throws {LmpowerError} STORE_* */
export async function openStoreOf(command: Command): Promise<RunStore> {
  const [{ openStore }, { defaultStorePath, readSurroundings }] = await Promise.all([
    import('../storage/store.ts'),
    import('../storage/locations.ts'),
  ]);
  const named: unknown = command.optsWithGlobals()['db'];
  return openStore(typeof named === 'string' ? named : defaultStorePath(readSurroundings()));
}

/** Opens the store, works with it, and closes it whatever happens. */
export async function withStore<T>(command: Command, work: (store: RunStore) => Promise<T> | T): Promise<T> {
  const store = await openStoreOf(command);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}
