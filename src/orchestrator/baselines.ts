import type { BaselineStrategy, Phase } from '../core/run.ts';
import {
  baseline,
  type DomainPower,
  powerIn,
  spotCheck,
  type WatchedIdle,
  watchedBaseline,
} from './baseline.ts';
import { stillHolds } from './baseline-length.ts';
import type { PhaseOwner } from './phases.ts';
import type { RunContext } from './run-context.ts';

/** What comes before each request, by strategy: a baseline of its own, none, or a look at the shared one. METHOD §3. */
export class Baselines {
  private shared: WatchedIdle | null = null;

  /** Whatever changes idle power, a load above all, ends the shared baseline. */
  forget(): void {
    this.shared = null;
  }

  /** Idle phases that belong to the trial; a shared baseline is a phase of the run. */
  async before(context: RunContext, owner: PhaseOwner, warmup: DomainPower | null): Promise<Phase[]> {
    const strategy: BaselineStrategy = context.plan.baselineStrategy ?? 'fresh';
    if (strategy === 'fresh') return [await baseline(context, owner, warmup)];
    if (this.shared === null) {
      await this.renew(context, owner, warmup);
      return [];
    }
    if (strategy === 'cached') {
      if (!isFresh(context, this.shared)) await this.renew(context, owner, warmup);
      return [];
    }
    const { domain, powers_W } = this.shared;
    const seen = await spotCheck(context, owner, domain);
    // Of another domain there is nothing to hold it against.
    const isSame = seen.domain === null || seen.domain === domain;
    const isKept =
      context.signal.aborted || (isSame && stillHolds(powers_W, seen.powers_W, powerIn(warmup, domain)));
    if (!isKept) await this.renew(context, owner, warmup);
    return [seen.phase];
  }

  private async renew(context: RunContext, owner: PhaseOwner, warmup: DomainPower | null): Promise<void> {
    this.shared = await watchedBaseline(context, owner, { state: 'B2', warmup });
    context.ledger.phase(this.shared.phase);
  }
}

function isFresh({ clock, plan }: RunContext, { phase }: WatchedIdle): boolean {
  return clock.now_s() - phase.end_s <= (plan.baselineTtl_s ?? Number.POSITIVE_INFINITY);
}
