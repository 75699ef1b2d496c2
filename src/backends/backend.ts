import type {
  Completion,
  InferenceSettings,
  LoadSettings,
  Model,
  Prompt,
  Setting,
  TokenDelta,
} from '../core/run.ts';

export interface BackendProbe {
  readonly state: 'ready' | 'no-model' | 'unauthorized' | 'unreachable' | 'broken';
  readonly url: string | null;
  readonly version: string | null;
  readonly detail: string;
  readonly remedy: string | null;
}

/** A model instance that will answer. `owned`: loaded by us, hence ours to unload. */
export interface LoadedModel {
  readonly key: string;
  /** Name that requests address. */
  readonly identifier: string;
  readonly owned: boolean;
  /** Load settings as requested and as read back. */
  readonly settings: readonly Setting[];
  /** What the server does where a request asks for nothing else, under the names of our settings. Not given: it does not say. */
  readonly defaults?: Readonly<Record<string, string | number | boolean | null>>;
  readonly model: Model | null;
}

export interface CompletionRequest {
  readonly model: LoadedModel;
  readonly prompt: Prompt;
  readonly system: string | null;
  readonly inference: InferenceSettings;
}

export interface CompletionOptions {
  readonly signal: AbortSignal;
  /** Called for each delta as it arrives; must not block. */
  readonly onToken?: (delta: TokenDelta) => void;
}

/**
 * A local LLM server. Every call has a timeout. `complete` does not throw for what the server did to the request:
 * a failed request is a Completion with `error` and what had arrived; it throws only when it was never sent.
 */
export interface Backend {
  readonly id: string;
  readonly title: string;
  probe(): Promise<BackendProbe>;
  /** @throws {LmpowerError} BACKEND_UNREACHABLE, BACKEND_UNAUTHORIZED, BACKEND_PROTOCOL */
  models(): Promise<Model[]>;
  /** Instances in memory now. */
  loaded(): Promise<LoadedModel[]>;
  /** Loads under a private identifier and reads the configuration back. @throws {LmpowerError} MODEL_NOT_FOUND, MODEL_LOAD_FAILED, MODEL_REMOTE */
  load(key: string, settings: LoadSettings, signal: AbortSignal): Promise<LoadedModel>;
  unload(model: LoadedModel): Promise<void>;
  complete(request: CompletionRequest, options: CompletionOptions): Promise<Completion>;
  /** Inference settings that this backend cannot apply; refused before anything is measured. */
  unsupported(inference: InferenceSettings, load: LoadSettings): string[];
  /** Inference settings with which the server made the model's last answer, under our names. Not given, null: it does not say. */
  inForce?(model: LoadedModel): Readonly<Record<string, string | number | boolean | null>> | null;
  /** Other requests under way on the server; null where it does not say. */
  busy(): Promise<number | null>;
  close(): Promise<void>;
}
