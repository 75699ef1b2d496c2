import { analyze } from '../analyzer/analyze.ts';
import { type RecordingFault, recordingFaults } from '../analyzer/recording-faults.ts';
import type { ExitCode } from '../core/errors.ts';
import { METHOD_VERSION } from '../core/result.ts';
import type { RunStore } from '../storage/store.ts';
import { type Difference, firstDifference } from './first-difference.ts';
import { runText } from './run-text.ts';

/** How the stored document and the one computed now compare; `other-method`: they are not expected to agree. */
export type Agreement = 'identical' | 'different' | 'other-method' | 'missing';

export interface Verification {
  readonly schemaVersion: 1;
  readonly run: string;
  readonly agreement: Agreement;
  /** Of the stored document; null where there is none. */
  readonly storedMethod: number | null;
  readonly method: number;
  readonly difference: Difference | null;
  readonly faults: readonly RecordingFault[];
}

/** Computes a run anew from its raw samples and holds it against the stored document. @throws {LmpowerError} RUN_*, STORE_* */
export function verification(store: RunStore, ref: string): Verification {
  const run = store.resolve(ref);
  const recording = store.load(run);
  const stored = store.loadDocument(run);
  const computed = runText(analyze(recording));
  const storedMethod = stored === null ? null : methodOf(stored);
  const agreement = agreementOf(stored, computed, storedMethod);
  return {
    schemaVersion: 1,
    run,
    agreement,
    storedMethod,
    method: METHOD_VERSION,
    difference:
      agreement === 'different' || agreement === 'other-method' ? differenceOf(stored, computed) : null,
    faults: recordingFaults(recording),
  };
}

/** 4: the document cannot be had from the recording, or the recording contradicts itself. */
export function verificationExitCode({ agreement, faults }: Verification): ExitCode {
  return faults.length > 0 || agreement === 'different' || agreement === 'missing' ? 4 : 0;
}

export function verificationLines({
  agreement,
  difference,
  faults,
  method,
  run,
  storedMethod,
}: Verification): string[] {
  const words: Readonly<Record<Agreement, string>> = {
    identical: 'the stored document follows from the recording, byte for byte',
    different: 'the stored document does NOT follow from the recording',
    'other-method': `the stored document is of method version ${storedMethod}, this lmpower has ${method}: ${difference === null ? 'the numbers are the same' : 'numbers may differ'}`,
    missing: 'no document is stored: the run was cut off before it was analysed',
  };
  return [
    `${run}: ${words[agreement]}`,
    ...(difference === null
      ? []
      : [
          `  first difference: ${difference.path}: stored ${shown(difference.a)}, computed ${shown(difference.b)}`,
        ]),
    ...faults.map(({ what, where }) => `  ${where}: ${what}`),
    faults.length === 0 ? '  the recording is sound' : `  ${faults.length} faults in the recording`,
  ];
}

/** Who computed it is told apart by `agreement`; what follows is which number differs first, if any. */
function differenceOf(stored: string | null, computed: string): Difference | null {
  const [a, b] = [parsed(stored ?? ''), parsed(computed)];
  const isDocument =
    typeof a === 'object' && a !== null && typeof b === 'object' && b !== null && 'tool' in b;
  return firstDifference(isDocument ? { ...a, tool: b.tool } : a, b);
}

function agreementOf(stored: string | null, computed: string, storedMethod: number | null): Agreement {
  if (stored === null) return 'missing';
  if (stored === computed) return 'identical';
  return storedMethod !== null && storedMethod !== METHOD_VERSION ? 'other-method' : 'different';
}

function methodOf(text: string): number | null {
  const document = parsed(text);
  if (typeof document !== 'object' || document === null || !('tool' in document)) return null;
  const { tool } = document;
  if (typeof tool !== 'object' || tool === null || !('methodVersion' in tool)) return null;
  return typeof tool.methodVersion === 'number' ? tool.methodVersion : null;
}

/** Text that is not JSON stands for itself, so that it is shown as what differs. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

const SHOWN_CHARACTERS = 60;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
