import type { CodeId } from './codes.ts';

/**
 * What brings a quality code about, in a sentence: the middle of 'meaning, cause, remedy', whose ends stand in `CODES`.
 * Partial, so that a new code compiles before its cause is written; a test asks for every one.
 */
export const CODE_CAUSES: Readonly<Partial<Record<CodeId, string>>> = {
  NOT_BRACKETED:
    'The meter was started late or ended early: an edge of the request lies outside all readings, so that its first or last part would have to be guessed.',
  GAP: 'Frames of the meter were lost or came broken, or the machine was too busy to read them in time.',
  COVERAGE_LOW: 'So much is missing from the readings that the rest cannot stand for the whole.',
  FEW_SAMPLES: 'The answer was shorter than five readings of this meter; grade D.',
  PARTS_UNRESOLVED:
    'Prefill of a short prompt takes milliseconds, a reading hundreds: the energy of the request is sound, its split into parts is not.',
  DURATION_MISMATCH:
    'The widths that the meter states and the clock of this machine went apart by more than the clocks could.',
  COUNTER_RESET:
    'The counter went back by more than a wrap-around explains: a driver was reloaded, a board was reset.',
  COUNTER_DISAGREES: 'The source states energy and power, and the one is not the other times the time.',
  BATCHED_COUNTER:
    'Some systems publish every few seconds whatever is asked; the readings between hold nothing new.',
  STALE_READING: 'The source was read more often than it updates, or it hung.',
  ZERO_UNDER_LOAD: 'The counter of this system version stands still, or the rail is not wired to it.',
  WINDOW_SKEW: 'The GPU part of a reading covers another time than the rest of it.',
  RAIL_MISSING: 'The tool left a rail out of some frames, as it does when the part sleeps.',
  IMPLAUSIBLE_POWER:
    'A reading is far above what any machine of this class draws: a broken frame or a wrong unit.',
  UNIT_SUSPECT:
    'A driver changed its unit, or the source of a composed meter states another than it was declared with.',
  SECOND_SAMPLER:
    'Some tools reset what they read, so that two programs each get a part; others slow each other down.',
  SAMPLER_STALLED: 'The tool hung, or the machine gave it no time.',
  SAMPLER_DIED: 'The tool ended or was killed, or its right to run was taken away.',
  GARBAGE: 'The tool mixed messages into its output, or a frame was cut off.',
  RING_OVERFLOW: 'A phase lasted longer than the memory set aside for its readings.',
  ALIGNMENT_POOR: 'Frames arrived very unevenly, so that when they were read is known only roughly.',
  BASELINE_MISSING:
    'No idle phase was recorded around the request, or fewer than two readings fell inside it.',
  BASELINE_ONE_SIDED: 'The run was ended before its last baseline, or that one was not usable.',
  BASELINE_DRIFT:
    'Work in the background began or ended meanwhile, or the machine was still hot from before.',
  BASELINE_NOISY:
    'The machine is not idle: updates, indexing, a browser. Or the baseline was too short for it.',
  FOREIGN_LOAD: 'Another request reached the server, or another program used the processor or the GPU.',
  THROTTLED: 'The machine was hot: it ran slower than it can, at other joules per token than when cool.',
  ON_BATTERY: 'On battery many machines limit their power.',
  LOW_POWER_MODE: 'The mode lowers clocks, and with them speed and energy per token.',
  MACHINE_SLEPT:
    'Wall time went on while the monotonic clock stood: the lid was closed, or the system slept by itself.',
  CLOCK_STEP: 'Somebody, or the time service, set the wall clock.',
  CACHE_HIT: 'The prompt, or its beginning, was sent before: the server kept what it had computed of it.',
  CACHE_UNKNOWN:
    'The server has a prompt cache and does not report its use; repeated prompts may have come from it.',
  LENGTH_MISMATCH:
    'The tokens that arrived and the count that the server states differ by more than a closing token.',
  EARLY_EOS: 'The model ended its answer by itself.',
  COUNT_ESTIMATED: 'The server states no count, so each delta was taken for one token.',
  MODEL_MISMATCH: 'The server answered with whatever was loaded, or a name stands for another model there.',
  MODEL_REMOTE: 'The server passes requests on to another machine (LM Link, a cloud model).',
  CONFIG_NOT_APPLIED: 'The server read the setting and reports another value as in force.',
  RETRIED: 'The model was unloaded between load and request, by its time to live or by another program.',
  REQUEST_FAILED: 'The server refused, broke off or gave an error; the energy of the failed request is kept.',
  TRIAL_INTERRUPTED:
    'Ctrl-C, a signal or a stop at the server ended the run or the answer before its end: only a part of it was asked and measured.',
  DOMAIN_PARTIAL: 'The meter sees a part of the machine: no memory, no fans, no display, no power supply.',
  NET_NEGATIVE: 'The request cost less than idle power is uncertain by.',
  BOUND_LARGE: 'The answer was short beside a reading, or the edges of the request fell badly into readings.',
  OUTLIER: 'Something else ran, the answer differed, or the machine was in another state.',
  FEW_TRIALS: 'One repetition of a prompt says nothing of how much the next would differ.',
  CI_NOT_REACHED: 'Trials differ more than the allowed number of repetitions averages out.',
  LENGTHS_COLLINEAR:
    'In this workload long prompts have long answers, so that either could explain the energy.',
  TRIALS_CORRELATED: 'The machine warms up or slows down over the run.',
  OUTSIDE_REFERENCE:
    'Another scope, batch size or kind of machine than the published figures are of; or a wrong meter.',
  POWER_UNAVAILABLE: 'The machine has no meter that is known here, or it needs a right that was not given.',
  IMPORTED: 'The run came in through lmpower import: nobody here saw the meter, the clock or the requests.',
  REPLAYED: 'The source was --sampler replay:…, a recording of another time.',
  SIMULATED: 'The lab of lmpower demo, the synthetic source, or a stand-in for /sys took part.',
};
