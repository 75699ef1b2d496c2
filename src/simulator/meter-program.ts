/** The stand-in powermetrics as a program: `node meter-program.js <feed port> <settings JSON> <powermetrics arguments>`. */
import { realpathSync } from 'node:fs';
import { argv, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../core/clock.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import { createCadence, DEFAULT_CADENCE } from './cadence.ts';
import { DEFAULT_MACHINE } from './machine.ts';
import { runMeter } from './meter.ts';
import { parseMeterFlags } from './meter-flags.ts';
import { createPhysics, type PhysicsSettings } from './physics.ts';
import { connectSteps } from './step-feed.ts';

/** EX_USAGE. Source: sysexits(3). */
const WRONG_USAGE = 64;

/** The leading arguments that make the program a meter of this lab. */
export function meterLeading(program: string, port: number, settings: PhysicsSettings): string[] {
  return [program, String(port), JSON.stringify(settings)];
}

/**
 * Runs until the count of frames is reached, the pipe closes, or the feed does. Signals keep their default action:
 * a handler could not run while a full pipe holds the program up.
 * @throws {LmpowerError} USAGE for arguments that powermetrics would refuse.
 */
export async function meterProgram(args: readonly string[]): Promise<void> {
  const [port = '', settingsJson = '', ...flags] = args;
  const request = parseMeterFlags(flags);
  const physics = createPhysics(parseSettings(settingsJson));
  const feed = await connectSteps(Number(port), physics.apply);
  const cadence = createCadence({
    ...DEFAULT_CADENCE,
    seed: physics.settings.seed,
    interval_ms: request.interval_ms,
  });
  const { caughtUp, closed: signal } = feed;
  await runMeter({
    request,
    physics,
    cadence,
    machine: DEFAULT_MACHINE,
    clock: systemClock,
    stdout,
    caughtUp,
    signal,
  });
  feed.close();
}

/** Written by the lab itself; only its outline is checked here, the rest by the physics. */
function parseSettings(json: string): Partial<PhysicsSettings> {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'object' && value !== null) return value;
  throw new LmpowerError('USAGE', 'the physics settings must be a JSON object');
}

function isMain(): boolean {
  const started = argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url);
}

if (isMain()) {
  meterProgram(argv.slice(2)).catch((thrown: unknown) => {
    const error = asLmpowerError(thrown);
    stderr.write(`powermetrics: ${error.message}\n`);
    process.exitCode = error.code === 'USAGE' ? WRONG_USAGE : 1;
  });
}
