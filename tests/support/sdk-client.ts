import { LMStudioClient } from '@lmstudio/sdk';
import { onTestFinished } from 'vitest';
import type { LabModel } from '../../src/simulator/lmstudio/catalog.ts';
import { DEFAULT_CATALOG } from '../../src/simulator/lmstudio/catalog.ts';
import type { LmStudioStandIn, LmStudioStandInOptions } from '../../src/simulator/lmstudio/server.ts';
import { startLmStudioStandIn } from '../../src/simulator/lmstudio/server.ts';
import { PowerSteps } from '../../src/simulator/power-step.ts';
import { eagerClock } from './eager-clock.ts';

/** The default models, so fast that a test on the real clock takes milliseconds. */
export const QUICK_MODELS: readonly LabModel[] = DEFAULT_CATALOG.map((model) => ({
  ...model,
  load_s: 0.01,
  prefillTokPerS: 50_000,
  decodeTokPerS: 2000,
}));

export interface OpenLab {
  readonly standIn: LmStudioStandIn;
  readonly steps: PowerSteps;
}

/** A stand-in in virtual time unless told otherwise; closed when the test has finished. */
export async function openLab(options: Partial<LmStudioStandInOptions> = {}): Promise<OpenLab> {
  const steps = new PowerSteps();
  const standIn = await startLmStudioStandIn({ steps, clock: eagerClock(), ...options });
  onTestFinished(() => standIn.close());
  return { standIn, steps };
}

export interface SdkClient {
  readonly client: LMStudioClient;
  /** What the SDK warned about, oldest first. */
  readonly warnings: readonly string[];
  /** Settles with the next warning. */
  warned(): Promise<string>;
}

/** The real SDK, its sockets closed before the stand-in's. */
export function connectSdk(
  { wsUrl }: LmStudioStandIn,
  options: { readonly apiToken?: string } = {},
): SdkClient {
  const warnings: string[] = [];
  const waiting: ((warning: string) => void)[] = [];
  const warn = (...parts: readonly unknown[]): void => {
    const warning = parts.map(String).join(' ');
    warnings.push(warning);
    for (const resolve of waiting.splice(0)) resolve(warning);
  };
  const quiet = (): void => undefined;
  const client = new LMStudioClient({
    baseUrl: wsUrl,
    verboseErrorMessages: false,
    logger: { debug: quiet, info: quiet, warn, error: warn },
    ...options,
  });
  // Not waited for: it waits itself for open channels, which only the end of the stand-in ends.
  onTestFinished(() => void client[Symbol.asyncDispose]().catch(quiet));
  return { client, warnings, warned: () => new Promise((resolve) => waiting.push(resolve)) };
}

/** Whether a promise is still open after the event loop has come round many times. */
export async function staysOpen(promise: Promise<unknown>): Promise<boolean> {
  let open = true;
  const settle = (): void => {
    open = false;
  };
  promise.then(settle, settle);
  for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  return open;
}
