import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

/** Makes much garbage, some of which survives, and says how large the space for young objects has become. */
const PROGRAM = `
import { getHeapSpaceStatistics } from 'node:v8';
import { keepHeapSmall } from '${new URL('../../dist/src/recording/small-heap.js', import.meta.url)}';
const size_MB = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size / 2 ** 20;
function litter() {
  let kept = [];
  for (let i = 0; i < 2e6; i++) { kept.push({ i, pair: [i] }); if (kept.length > 20_000) kept = []; }
  return size_MB();
}
const [one, other] = [keepHeapSmall(), keepHeapSmall()];
const held = litter();
one(); one();
const stillHeld = litter();
other();
console.log(JSON.stringify([held, stillHeld, litter()]));
`;

describe('keepHeapSmall', () => {
  test('the space for young objects does not grow while anybody holds it, and grows again after', () => {
    const args = ['--input-type=module', '--eval', PROGRAM];
    const [held, stillHeld, free] = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    // Pages of one collection may not be given back yet when they are counted: a few megabytes, where growth is to 32.
    expect(held).toBeLessThan(free / 2);
    expect(stillHeld).toBeLessThan(free / 2);
  });
});
