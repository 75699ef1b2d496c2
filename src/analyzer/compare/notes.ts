import { severityOf, sortCodes } from '../../core/codes.ts';
import type { ComparedArm, ComparisonNote, Design, SignedRank } from '../../core/comparison.ts';
import type { RunDocument } from '../../core/result.ts';
import { type Arm, rowsOf } from './arm.ts';
import { digestOf, type Obstacle } from './comparable.ts';
import { DF_LEAST, type Judgement } from './judge.ts';

/** Mean powers further apart than this: offset and non-linearity of the sensor no longer cancel. Source: METHOD §5. */
const POWER_RATIO_MOST = 2;
/** Level of the second opinion, the same as that of the first. */
const P_MOST = 0.05;
/** Sources whose vendor says 'should not be used for comparison between devices'. Source: man powermetrics. */
const APPLE_ESTIMATES: ReadonlySet<string> = new Set(['powermetrics', 'macmon']);

export interface NoteFacts {
  readonly arms: readonly [Arm, Arm];
  readonly compared: readonly [ComparedArm, ComparedArm];
  readonly design: Design;
  readonly judgement: Judgement;
  readonly signedRank: SignedRank | null;
  /** Trials whose energy is not above 0. */
  readonly inNoise: number;
  /** Obstacles that were passed over on purpose. */
  readonly passed: readonly Obstacle[];
}

/** What to know before the verdict is believed, the gravest first. */
export function notesOf(facts: NoteFacts): ComparisonNote[] {
  return [
    ...passedNotes(facts),
    ...designNotes(facts),
    ...trialNotes(facts),
    ...facts.arms.flatMap(doubtNotes),
    ...opinionNotes(facts),
    ...powerNotes(facts),
    ...machineNotes(facts),
    ...settingNotes(facts),
  ];
}

function passedNotes({ passed }: NoteFacts): ComparisonNote[] {
  return passed.map(({ what, reference, candidate }) => ({
    id: 'ACROSS',
    message: `compared across a different ${what}: ${reference} and ${candidate}`,
  }));
}

function designNotes({ design }: NoteFacts): ComparisonNote[] {
  if (design === 'separate')
    return [
      {
        id: 'DRIFT_CONFOUNDED',
        message:
          'two runs: what changed between them (temperature, background work) cannot be told from the models; lmpower run --model A --model B --interleave can',
      },
    ];
  if (design === 'grouped')
    return [
      {
        id: 'GROUPED_ORDER',
        message:
          'one model after the other: the interval is wide because drift resembles the change; --interleave narrows it',
      },
    ];
  return [];
}

function trialNotes({ compared, inNoise, judgement }: NoteFacts): ComparisonNote[] {
  const left = compared.filter(({ left_out }) => left_out > 0);
  return [
    ...(inNoise === 0
      ? []
      : [
          {
            id: 'LOST_IN_NOISE' as const,
            message: `${inNoise} trials have an energy that is not above 0: no verdict on the others alone; compare --by gross, or record with a longer --baseline`,
          },
        ]),
    ...fewNotes(judgement),
    ...left.map(({ model, left_out, n }) => ({
      id: 'LEFT_OUT' as const,
      message: `${model}: ${left_out} of ${n + left_out} trials have no energy above 0 and are left out; lmpower analyze says why`,
    })),
  ];
}

function fewNotes({ ci95, df }: Judgement): ComparisonNote[] {
  if (df >= DF_LEAST) return [];
  const message =
    ci95 === null
      ? 'too few trials of the same prompts for an interval: repeat with --trials 12'
      : `no verdict on ${df} degrees of freedom, fewer than ${DF_LEAST}: repeat with --trials 12`;
  return [{ id: 'FEW_TRIALS', message }];
}

/** Codes of the headline's trials that cast doubt, with how many trials carry each. */
function doubtNotes(arm: Arm): ComparisonNote[] {
  const codes = rowsOf(arm, arm.document.headline).flatMap((row) => row.codes);
  const doubts = sortCodes(codes).filter((code) => severityOf(code) === 'doubt');
  if (doubts.length === 0) return [];
  const counted = doubts.map((code) => `${code} ×${codes.filter((one) => one === code).length}`);
  return [{ id: 'DOUBTFUL', message: `${arm.model}: ${counted.join(', ')}; lmpower explain CODE` }];
}

function opinionNotes({ judgement, signedRank }: NoteFacts): ComparisonNote[] {
  if (signedRank === null || judgement.ci95 === null) return [];
  const isReal = judgement.ci95[0] > 0 || judgement.ci95[1] < 0;
  const isRanked = signedRank.p < P_MOST;
  return isReal === isRanked
    ? []
    : [
        {
          id: 'SECOND_OPINION_DIFFERS',
          message: `the signed ranks ${isRanked ? 'see' : 'do not see'} a change (p = ${signedRank.p.toPrecision(2)}), the interval ${isReal ? 'does' : 'does not'}`,
        },
      ];
}

function powerNotes({ compared: [a, b] }: NoteFacts): ComparisonNote[] {
  if (a.meanPower_W === null || b.meanPower_W === null) return [];
  const low_W = Math.min(a.meanPower_W, b.meanPower_W);
  const high_W = Math.max(a.meanPower_W, b.meanPower_W);
  return high_W <= POWER_RATIO_MOST * low_W
    ? []
    : [
        {
          id: 'POWER_RATIO',
          message: `mean powers differ more than twofold (${low_W.toFixed(1)} and ${high_W.toFixed(1)} W): errors of the sensor no longer cancel`,
        },
      ];
}

function machineNotes({ arms: [a, b] }: NoteFacts): ComparisonNote[] {
  const simulated = [a, b].filter(({ document }) => document.simulated === true).length;
  const notes: ComparisonNote[] =
    simulated === 0
      ? []
      : [
          {
            id: 'SIMULATED',
            message:
              simulated === 2 ? 'the lab of lmpower, no machine' : 'one of the two is the lab of lmpower',
          },
        ];
  if (machineOf(a.document) === machineOf(b.document)) return notes;
  notes.push({
    id: 'OTHER_MACHINE',
    message: `different machines (${machineOf(a.document)} and ${machineOf(b.document)}): the scales of their sensors do not cancel`,
  });
  if (isAppleEstimate(a.document) || isAppleEstimate(b.document))
    notes.push({
      id: 'ESTIMATE_ACROSS_DEVICES',
      message:
        "Apple: 'average power values reported by powermetrics are estimated and may be inaccurate - hence they should not be used for any comparison between devices'",
    });
  return notes;
}

function settingNotes({ arms: [a, b] }: NoteFacts): ComparisonNote[] {
  if (a.document === b.document) return [];
  const differing = [
    ...differences(a.document.plan.inference, b.document.plan.inference),
    ...differences(a.document.plan.load, b.document.plan.load),
  ];
  const methods = [a.document.tool.methodVersion, b.document.tool.methodVersion];
  return [
    ...(a.model === b.model && (digestOf(a) === null || digestOf(b) === null)
      ? [
          {
            id: 'DIGEST_UNKNOWN' as const,
            message: `the runs do not say whether ${a.model} was the same file in both`,
          },
        ]
      : []),
    ...(differing.length === 0
      ? []
      : [{ id: 'SETTINGS_DIFFER' as const, message: `settings differ: ${differing.join(', ')}` }]),
    ...(methods[0] === methods[1]
      ? []
      : [
          {
            id: 'METHOD_DIFFERS' as const,
            message: `computed by method versions ${methods.join(' and ')}: give the ids of the runs, not files`,
          },
        ]),
  ];
}

function differences(a: object, b: object): string[] {
  const other = new Map(Object.entries(b));
  return Object.entries(a).flatMap(([name, value]) =>
    other.get(name) === value ? [] : [`${name} ${String(value)} and ${String(other.get(name))}`],
  );
}

function machineOf({ environment }: RunDocument): string {
  return [environment.machine, environment.chip].filter((word) => word !== null).join(' ') || 'unknown';
}

function isAppleEstimate({ domains, headline }: RunDocument): boolean {
  return APPLE_ESTIMATES.has(domains.find(({ id }) => id === headline)?.source ?? '');
}
