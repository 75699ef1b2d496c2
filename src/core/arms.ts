import type { InferenceSettings, LoadSettings } from './model-settings.ts';

/** A model as one side of an experiment. */
export interface PlanArm {
  /** What its trials are filed under: the model's key, and what the experiment varies. */
  readonly name: string;
  /** Key of the model. */
  readonly model: string;
  readonly load: LoadSettings;
  readonly inference: InferenceSettings;
  /** Each prompt is sent once before it is measured, so that the server's prompt cache holds it. */
  readonly warmCache?: true;
}

/** What tells a model's file from another of the same name. Null: the server does not say. */
export interface ModelIdentity {
  readonly key: string;
  readonly digest: string | null;
  readonly size_B: number | null;
  readonly format: string | null;
  readonly quantization: string | null;
  /** SHA-256 of the settings of the instance that was found in memory; null: one is loaded for the run. */
  readonly instance: string | null;
}

/** A power source as it was found on this machine, and the domains that it said to have. */
export interface PlanSource {
  readonly id: string;
  readonly domains: readonly string[];
}

/** A trial that was not run because its result was known: where it is. */
export interface KnownTrial {
  readonly index: number;
  /** Id of the run that has it, and its index there. */
  readonly run: string;
  readonly trial: number;
}
