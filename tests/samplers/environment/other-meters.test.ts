import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KernelFiles } from '../../../samplers/environment/kernel-files.ts';
import { otherMeters, programsOfProc, programsOfPs } from '../../../samplers/environment/other-meters.ts';
import { procTree } from '../../support/proc-tree.ts';

const SELF = 500;
/** lmpower 500 with its meter, its guard 510 with root's meter, and somebody's shell 900. */
const PS = `
    1     0 /sbin/launchd
  500     1 /usr/local/bin/node
  501   500 /opt/homebrew/bin/macmon
  510   500 /usr/local/bin/node
  511   510 /usr/bin/powermetrics
  900     1 -zsh
  901   900 /usr/bin/powermetrics
  902   900 /Applications/My Tools/macmon
`;

describe('otherMeters', () => {
  test("a second powermetrics is found by ps, our own and our guard's are not", () => {
    const found = otherMeters(programsOfPs(PS), {
      sources: ['powermetrics', 'macmon', 'battery'],
      self: SELF,
    });
    expect(found).toEqual([
      { source: 'powermetrics', pid: 901, name: 'powermetrics' },
      { source: 'macmon', pid: 902, name: 'macmon' },
    ]);
  });

  test('only tools of sources that are read count', () => {
    expect(otherMeters(programsOfPs(PS), { sources: ['nvidia-smi'], self: SELF })).toEqual([]);
    expect(otherMeters(programsOfPs(PS), { sources: ['command:wall', 'powercap'], self: SELF })).toEqual([]);
  });

  test('/proc tells programs by name, and those of an interpreter by their script', () => {
    const tree = procTree();
    tree.process(SELF, { parent: 1, name: 'node' });
    tree.process(601, { parent: SELF, name: 'nvidia-smi' });
    tree.process(700, { parent: 1, name: 'odd) S 1 (name' });
    tree.process(701, { parent: 700, name: 'nvidia-smi' });
    tree.process(702, { parent: 1, name: 'python3.12' });
    writeFileSync(
      join(tree.root, '702/cmdline'),
      'python3\0-u\0/opt/rocm/bin/amd-smi\0metric\0--watch\x001\0',
    );
    mkdirSync(join(tree.root, '703'));
    const running = programsOfProc(new KernelFiles(tree.root));
    expect(otherMeters(running, { sources: ['nvidia-smi', 'amd-smi'], self: SELF })).toEqual([
      { source: 'nvidia-smi', pid: 701, name: 'nvidia-smi' },
      { source: 'amd-smi', pid: 702, name: 'amd-smi' },
    ]);
  });
});
