#!/usr/bin/env node
import { readFileSync, writeSync } from 'node:fs';
import { type Elevation, ElevationRefused, elevate } from './elevation.ts';

// Only node: built-ins are loaded up to here, so that nothing from a package ever runs with root's rights.
const argv = process.argv.slice(2);

// Whoever writes learns from the write itself that it failed; a closed pipe or terminal must not end a run.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${toolVersion()}\n`);
} else {
  const elevation = elevatedOrEnd();
  const { runProgram } = await import('./program.ts');
  process.exit(await runProgram(argv, { version: toolVersion(), elevation }));
}

function elevatedOrEnd(): Elevation {
  try {
    return elevate(argv);
  } catch (error) {
    if (!(error instanceof ElevationRefused)) throw error;
    // Written at once: nothing else is loaded.
    writeSync(process.stderr.fd, `lmpower: ${error.message}\n  → ${error.remedy}\n`);
    process.exit(error.exitCode);
  }
}

function toolVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
