import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { writeJson, writeOut } from '../output.ts';
import { screenWidth } from '../terminal.ts';
import { safeText, textTable } from '../text-table.ts';
import { wrapped } from '../wrapped.ts';

/** `lmpower workloads [ID|FILE]`: the built-in workloads, or the prompts of one. */
export function workloadsCommand(_context: CommandContext): Command {
  return new Command('workloads')
    .description('the built-in sets of prompts; with an id or a file, its prompts')
    .argument('[workload]', 'a built-in id or a JSON file')
    .option('--json', 'one JSON document')
    .action(async (wanted: string | undefined, flags: { json?: true }) => {
      const { builtInWorkloads, loadWorkload } = await import('../../orchestrator/workload.ts');
      const workloads = wanted === undefined ? await builtInWorkloads() : [await loadWorkload(wanted)];
      if (flags.json === true) return writeJson({ schemaVersion: 1, workloads });
      const lines = wanted === undefined ? listLines(workloads) : workloads.flatMap(promptLines);
      return writeOut(`${lines.join('\n')}\n`);
    });
}

type Workloads = Awaited<ReturnType<typeof import('../../orchestrator/workload.ts').builtInWorkloads>>;

function listLines(workloads: Workloads): string[] {
  return textTable(
    workloads,
    [
      { heading: 'id', align: 'left', expendable: 0, cell: (w) => w.id },
      { heading: 'prompts', align: 'right', expendable: 1, cell: (w) => String(w.prompts.length) },
      { heading: 'sha256', align: 'left', expendable: 2, cell: (w) => w.sha256.slice(0, 12) },
      { heading: 'title', align: 'left', expendable: 0, cell: (w) => w.title },
    ],
    screenWidth(),
  );
}

function promptLines({ id, prompts, title, version }: Workloads[number]): string[] {
  return [
    ...wrapped(`${id} v${version}: ${safeText(title)}`, screenWidth()),
    ...prompts.flatMap((prompt) => [
      '',
      `${safeText(prompt.id)} · ${safeText(prompt.category)} · at most ${prompt.maxOutput_tok} tokens`,
      ...prompt.text
        .split('\n')
        .flatMap((line) => wrapped(safeText(line), screenWidth() - 2).map((one) => `  ${one.trimStart()}`)),
    ]),
  ];
}
