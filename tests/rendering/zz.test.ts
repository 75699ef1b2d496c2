import { test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { sampleRecording, rowsOf, SAMPLE_MODELS } from '../support/report-rows.ts';
import { htmlPage } from '../../src/rendering/html-page.ts';
import { REPORTS } from '../../reports/index.ts';
test('r', async () => {
const t0=performance.now();
const rows = rowsOf(sampleRecording());
const t1=performance.now();
for (const r of REPORTS) { const t=performance.now(); const s=r.build(rows); console.log(r.id, s===null?'null':JSON.stringify(s).length, (performance.now()-t).toFixed(0)+'ms', r.note?.(rows) ?? ''); }
const t2=performance.now();
const page = await htmlPage(rows);
console.log('analyze', (t1-t0)|0, 'page ms', (performance.now()-t2)|0, page.length);
writeFileSync('/tmp/shots/sample.html', page);
}, 60000);
