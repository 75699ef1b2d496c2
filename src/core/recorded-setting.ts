import type { RunDocument } from './result.ts';

/** What a run recorded of a setting or of the server's word on a model, by name; null where it did not. */
export function recordedSetting(
  { environment, plan }: Pick<RunDocument, 'environment' | 'plan'>,
  model: string,
  name: string,
): string | number | boolean | null {
  const key = plan.arms?.find((arm) => arm.name === model)?.model ?? model;
  const names = [`${model}: ${name}`, `${key}: ${name}`, name];
  const found = names.map((one) => environment.settings.findLast((setting) => setting.name === one));
  return found.find((setting) => setting !== undefined)?.effective ?? null;
}
