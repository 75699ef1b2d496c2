import { bootstrapInterval } from '../src/analyzer/bootstrap.ts';
import { type RatioItem, ratioInterval } from '../src/analyzer/ratio-interval.ts';
import { MS_PER_S, S_PER_NS } from '../src/core/units.ts';

/** `node dist/scripts/bench-bootstrap.js`: 10,000 draws over 1,000 trials of nine prompts; must stay below a second. */
const items: RatioItem[] = Array.from({ length: 1000 }, (_, i) => ({
  stratum: `p${i % 9}`,
  under: 100 + (i % 7),
  over: 200 + ((i * 7919) % 50),
}));
bootstrapInterval(items.slice(0, 90));
const start_ns = process.hrtime.bigint();
const interval = bootstrapInterval(items);
const took_ms = Number(process.hrtime.bigint() - start_ns) * S_PER_NS * MS_PER_S;
const text = (pair: readonly number[] | null): string =>
  pair?.map((end) => end.toFixed(5)).join(' … ') ?? '–';
process.stdout.write(
  `10,000 draws over 1,000 trials: ${took_ms.toFixed(0)} ms; ${text(interval)}; linearised ${text(ratioInterval(items))}\n`,
);
const few = items.slice(0, 10).map((item) => ({ ...item, stratum: 'p' }));
const fewStart_ns = process.hrtime.bigint();
for (let k = 0; k < 20; k++) bootstrapInterval(few);
const few_ms = (Number(process.hrtime.bigint() - fewStart_ns) * S_PER_NS * MS_PER_S) / 20;
process.stdout.write(`10,000 draws over 10 trials: ${few_ms.toFixed(1)} ms\n`);
process.exitCode = took_ms < MS_PER_S ? 0 : 1;
