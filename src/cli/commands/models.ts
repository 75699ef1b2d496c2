import { Command } from 'commander';
import type { Model } from '../../core/run.ts';
import type { CommandContext } from '../context.ts';
import { secondsFlag } from '../flags.ts';
import { writeJson, writeOut } from '../output.ts';
import { screenWidth } from '../terminal.ts';
import { type Column, textTable } from '../text-table.ts';

interface ModelFlags {
  readonly backend: string;
  readonly url?: string;
  readonly token?: string;
  readonly timeout: number;
  readonly json?: true;
}

const B_PER_GB = 1e9;

const COLUMNS: readonly Column<Model>[] = [
  { heading: 'model', align: 'left', expendable: 0, cell: (m) => m.key },
  { heading: 'quant', align: 'left', expendable: 0, cell: (m) => m.quantization ?? '–' },
  { heading: 'params', align: 'right', expendable: 2, cell: (m) => m.params ?? '–' },
  {
    heading: 'GB',
    align: 'right',
    expendable: 1,
    cell: (m) => (m.size_B === null ? '–' : (m.size_B / B_PER_GB).toFixed(1)),
  },
  { heading: 'context', align: 'right', expendable: 3, cell: (m) => String(m.maxContext_tok ?? '–') },
  { heading: 'format', align: 'left', expendable: 4, cell: (m) => m.format ?? '–' },
  {
    heading: 'state',
    align: 'left',
    expendable: 0,
    cell: (m) => (m.remote ? 'on another machine' : m.loaded.length > 0 ? 'loaded' : ''),
  },
];

/** `lmpower models`: what the server has. */
export function modelsCommand(_context: CommandContext): Command {
  return new Command('models')
    .description('the models that the server has, and which of them is loaded')
    .option('--backend <id>', 'auto, lmstudio, lmstudio-rest, llama-server, ollama or openai', 'auto')
    .option('--url <url>', 'address of the server; default: found by itself')
    .option('--token <token>', 'API token; better given as LM_API_TOKEN')
    .option('--timeout <s>', 'longest silence of the server', secondsFlag('--timeout', 30), 30)
    .option('--json', 'one JSON document')
    .action(async (flags: ModelFlags) => {
      const models = await listModels(flags);
      if (flags.json === true) return writeJson({ schemaVersion: 1, models });
      const lines =
        models.length === 0 ? ['The server has no models.'] : textTable(models, COLUMNS, screenWidth());
      return writeOut(`${lines.join('\n')}\n`);
    });
}

async function listModels(flags: ModelFlags): Promise<Model[]> {
  const [{ detectBackend }, { systemClock }] = await Promise.all([
    import('../../backends/index.ts'),
    import('../../core/clock.ts'),
  ]);
  const token = flags.token ?? process.env['LM_API_TOKEN'] ?? null;
  const backend = await detectBackend(flags.backend, {
    url: flags.url ?? null,
    token,
    clock: systemClock,
    timeout_s: flags.timeout,
  });
  try {
    return await backend.models();
  } finally {
    await backend.close();
  }
}
