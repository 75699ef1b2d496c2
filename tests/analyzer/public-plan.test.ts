import { expect, test } from 'vitest';
import { publicPlan } from '../../src/analyzer/public-plan.ts';
import { documentOf, measuredRecording } from '../support/documents.ts';
import { planOf } from '../support/recording.ts';

test.each([
  ["command:curl 'http://user:secret@plug/power'", 'command:…'],
  ['command[unit=W,scope=wall]:read-plug --token secret\nsleep 1', 'command[unit=W,scope=wall]:…'],
])('what reads a meter of one’s own stays at home: %j', (name, shown) => {
  expect(publicPlan(planOf({ samplers: ['powermetrics', name] })).samplers).toEqual(['powermetrics', shown]);
});

test('other plans are the same object', () => {
  const plan = planOf({ samplers: ['auto', 'replay:powermetrics:command:x@0'] });
  expect(publicPlan(plan)).toBe(plan);
});

test('no document holds the command', () => {
  const recording = measuredRecording();
  const plan = planOf({ ...recording.run.plan, samplers: ['command:secret'] });
  expect(JSON.stringify(documentOf({ run: { ...recording.run, plan } }))).not.toContain('secret');
});
