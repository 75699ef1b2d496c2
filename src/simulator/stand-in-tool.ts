import { realpathSync } from 'node:fs';
import { argv, stderr, stdout } from 'node:process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../core/clock.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Seconds } from '../core/units.ts';
import { createPhysics, type Physics, type PhysicsSettings } from './physics.ts';
import { connectSteps, type StepFeed } from './step-feed.ts';

/** What makes a program a tool of one lab. */
export interface ToolLab {
  readonly port: number;
  readonly settings: Partial<PhysicsSettings>;
  /** Since when the lab's energy counters count, on the boot's clock. */
  readonly origin_s: Seconds;
}

/** A stand-in for a vendor's tool while it runs. */
export interface StandInTool {
  readonly physics: Physics;
  readonly feed: StepFeed;
  readonly origin_s: Seconds;
  /** The arguments that the real tool would get. */
  readonly flags: readonly string[];
  readonly stdout: Writable;
  readonly clock: Clock;
}

/** The arguments that come before the tool's own. */
export function toolLeading(program: string, lab: ToolLab): string[] {
  return [program, String(lab.port), JSON.stringify({ settings: lab.settings, origin_s: lab.origin_s })];
}

/** Runs `tool` as the program of `moduleUrl`, if it is the one that was started; a refused argument ends it with its exit code. */
export function runAsProgram(
  moduleUrl: string,
  name: string,
  tool: (tool: StandInTool) => Promise<number>,
): void {
  const started = argv[1];
  if (started === undefined || realpathSync(started) !== fileURLToPath(moduleUrl)) return;
  runTool(argv.slice(2), tool).then(
    (code) => {
      process.exitCode = code;
    },
    (thrown: unknown) => {
      stderr.write(`${name}: ${asLmpowerError(thrown).message}\n`);
      process.exitCode = 1;
    },
  );
}

async function runTool(
  args: readonly string[],
  tool: (tool: StandInTool) => Promise<number>,
): Promise<number> {
  const [port = '', labJson = '', ...flags] = args;
  const { settings, origin_s } = parseLab(labJson);
  const physics = createPhysics(settings);
  const feed = await connectSteps(Number(port), physics.apply);
  try {
    return await tool({ physics, feed, origin_s, flags, stdout, clock: systemClock });
  } finally {
    feed.close();
  }
}

/**
 * Writes what `tick` makes, every `interval_s`, until the reader or the lab is gone. A tick comes after the feed has
 * caught up, so that every step before it counts.
 */
export async function writeTicks(
  tool: StandInTool,
  interval_s: Seconds,
  tick: (at_s: Seconds) => string,
): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort(new Error('the tool was told to end'));
  tool.stdout.on('error', end);
  tool.feed.closed.addEventListener('abort', end);
  try {
    while (!ended.signal.aborted) {
      const at_s = tool.clock.now_s();
      await writeTick(tool, at_s, tick);
      await tool.clock.sleep(at_s + interval_s - tool.clock.now_s(), ended.signal);
    }
  } catch (thrown) {
    if (!ended.signal.aborted && !tool.feed.closed.aborted) throw thrown;
  } finally {
    tool.feed.closed.removeEventListener('abort', end);
  }
}

/** One reading: what the sensors show at `at_s`. */
export async function writeTick(
  tool: StandInTool,
  at_s: Seconds,
  tick: (at_s: Seconds) => string,
): Promise<void> {
  await tool.feed.caughtUp();
  const text = tick(at_s);
  await new Promise<void>((resolve, reject) => {
    tool.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** As many ticks as asked for; 0: until the reader or the lab is gone. */
export async function writeSome(
  tool: StandInTool,
  { interval_s, lines }: { readonly interval_s: Seconds; readonly lines: number },
  tick: (at_s: Seconds) => string,
): Promise<void> {
  if (lines === 0) return writeTicks(tool, interval_s, tick);
  for (let line = 0; line < lines; line++) {
    if (line > 0) await tool.clock.sleep(interval_s);
    await writeTick(tool, tool.clock.now_s(), tick);
  }
}

/** The word after a flag; undefined where the flag is not given. */
export function flagOf(flags: readonly string[], name: string): string | undefined {
  const at = flags.indexOf(name);
  return at < 0 ? undefined : flags[at + 1];
}

/** Written by the lab itself; only its outline is checked here, the rest by the physics. */
function parseLab(json: string): Pick<ToolLab, 'settings' | 'origin_s'> {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'object' && value !== null && 'settings' in value && 'origin_s' in value) {
    const { settings, origin_s } = value;
    if (typeof settings === 'object' && settings !== null && typeof origin_s === 'number') {
      return { settings, origin_s };
    }
  }
  throw new LmpowerError(
    'USAGE',
    'the lab of a stand-in tool must be a JSON object with settings and origin_s',
  );
}
