import { S_PER_NS, W_PER_mW } from '../core/units.ts';
import type { Cluster, Machine } from './machine.ts';
import type { PerRail } from './physics.ts';
import { array, date, dict, flag, integer, PLIST_HEAD, PLIST_TAIL, real, text } from './plist-text.ts';
import {
  clusterFreqText,
  gpuFreqText,
  idleText,
  type Residency,
  residencyOf,
  statesText,
} from './residency.ts';

/** The power samplers of powermetrics that the stand-in knows. */
export const METER_SAMPLERS = ['cpu_power', 'gpu_power', 'thermal'] as const;
export type MeterSampler = (typeof METER_SAMPLERS)[number];

/** All that one frame says. */
export interface FrameReading {
  readonly elapsed_ns: number;
  readonly energy_mJ: PerRail;
  /** Window of the GPU block, which the driver keeps on a clock of its own. */
  readonly gpuWindow_ns: number;
  /** ISO 8601 UTC wall time of the window's end, a label. */
  readonly endedAt: string;
  /** Seconds since 1970. */
  readonly boottime_s: number;
  readonly machine: Machine;
  readonly samplers: readonly MeterSampler[];
}

interface Power {
  readonly cpu_mW: number;
  readonly gpu_mW: number;
  readonly ane_mW: number;
}

/**
 * One complete plist document as powermetrics writes it, without the NUL that stands between documents.
 * Source of the shape and its identities: power-sources 2.3.
 */
export function frameText(reading: FrameReading): string {
  const power = powerOf(reading);
  const has = (sampler: MeterSampler): boolean => reading.samplers.includes(sampler);
  const body =
    flag('is_delta', true) +
    integer('elapsed_ns', reading.elapsed_ns) +
    text('hw_model', reading.machine.hwModel) +
    text('kern_osversion', reading.machine.osBuild) +
    text('kern_bootargs', '') +
    integer('kern_boottime', reading.boottime_s) +
    date('timestamp', reading.endedAt) +
    (has('cpu_power') ? `<key>processor</key>\n${processorText(reading, power)}` : '') +
    (has('gpu_power') ? `<key>gpu</key>\n${gpuText(reading, power)}` : '') +
    (has('thermal') ? text('thermal_pressure', 'Nominal') : '');
  return PLIST_HEAD + dict(body) + PLIST_TAIL;
}

/** `*_power` is nothing but `*_energy` over the window, so it carries no finer steps. */
function powerOf({ elapsed_ns, energy_mJ }: FrameReading): Power {
  const elapsed_s = elapsed_ns * S_PER_NS;
  return {
    cpu_mW: energy_mJ.cpu / elapsed_s,
    gpu_mW: energy_mJ.gpu / elapsed_s,
    ane_mW: energy_mJ.ane / elapsed_s,
  };
}

function processorText({ elapsed_ns, energy_mJ, machine }: FrameReading, power: Power): string {
  const busyRatio = (power.cpu_mW * W_PER_mW) / machine.cpuFull_W;
  return dict(
    array('clusters', clusterTexts(machine.clusters, elapsed_ns, busyRatio)) +
      integer('ane_energy', energy_mJ.ane) +
      real('ane_power', power.ane_mW) +
      integer('cpu_energy', energy_mJ.cpu) +
      real('cpu_power', power.cpu_mW) +
      integer('gpu_energy', energy_mJ.gpu) +
      real('gpu_power', power.gpu_mW) +
      real('combined_power', power.cpu_mW + power.gpu_mW + power.ane_mW),
  );
}

function clusterTexts(clusters: readonly Cluster[], window_ns: number, busyRatio: number): string[] {
  let cpu = 0;
  return clusters.map((cluster) => {
    const cpus = Array.from({ length: cluster.cpus }, (_, place) =>
      coreText(cpu++, residencyOf(window_ns, busyRatio / (1 + place), cluster.freqs_MHz)),
    );
    const residency = residencyOf(window_ns, busyRatio, cluster.freqs_MHz);
    return dict(
      text('name', cluster.name) +
        flag('hw_resid_counters', true) +
        clusterFreqText(residency) +
        idleText(residency) +
        downText() +
        real('online_ratio', 1) +
        statesText(residency) +
        array('cpus', cpus),
    );
  });
}

function coreText(cpu: number, residency: Residency): string {
  return dict(
    integer('cpu', cpu) +
      clusterFreqText(residency) +
      idleText(residency) +
      downText() +
      statesText(residency),
  );
}

function downText(): string {
  return integer('down_ns', 0) + real('down_ratio', 0);
}

function gpuText({ gpuWindow_ns, energy_mJ, machine }: FrameReading, power: Power): string {
  const busyRatio = (power.gpu_mW * W_PER_mW) / machine.gpuFull_W;
  const residency = residencyOf(gpuWindow_ns, busyRatio, machine.gpuFreqs_MHz);
  return dict(
    gpuFreqText(residency) +
      idleText(residency) +
      statesText(residency) +
      array('sw_requested_state', softwareStates(residency, 'sw_req_state', 'P')) +
      array('sw_state', softwareStates(residency, 'sw_state', 'SW_P')) +
      integer('gpu_energy', energy_mJ.gpu),
  );
}

function softwareStates({ used_ns, window_ns }: Residency, key: string, prefix: string): string[] {
  return used_ns.map((part_ns, i) =>
    dict(
      text(key, `${prefix}${i + 1}`) + integer('used_ns', part_ns) + real('used_ratio', part_ns / window_ns),
    ),
  );
}
