import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { cachedModel, type ModelName } from './models.ts';

/** The built server; `npm run test:engine` builds it first. */
export const ENGINE = resolve(import.meta.dirname, '../dist/main.js');

export interface EngineServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server process of its own, so that its processor time is its own; any free port. */
export async function startEngine(
  names: readonly ModelName[],
  flags: readonly string[] = [],
): Promise<EngineServer> {
  if (!existsSync(ENGINE)) throw new Error(`${ENGINE} is missing: npm run test:engine`);
  const models: string[] = [];
  for (const name of names) models.push(`${name}=${await cachedModel(name)}`);
  const child = spawn(process.execPath, [ENGINE, ...flags, ...models], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [url] = await Promise.race([
    once(lines, 'line'),
    ended.then(([code]) => {
      throw new Error(`the engine ended with ${code}`);
    }),
  ]);
  return {
    url: String(url),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
